/**
 * A gate as JUnit XML, with one test case per rule. A broken rule is a failure, one that could not be measured an
 * error, an inconclusive one is skipped. `junit.xsd` defines what CI systems accept.
 */
import type { GateOutcome, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { comparisonTable } from '../comparison/comparison-table.ts';
import { escapeXml, xmlAttributes } from '../text/escape-xml.ts';
import { PLAIN } from '../text/palette.ts';
import { printableOutcome } from '../text/printable.ts';

/** The format requires a host name, which a result does not contain. */
const HOST = 'localhost';

export function gateJUnit(stored: GateOutcome): string {
  const gate = printableOutcome(stored);
  const count = (outcome: RuleOutcome['outcome']): number =>
    gate.rules.filter((rule) => rule.outcome === outcome).length;
  const suite = xmlAttributes({
    name: `gate of ${gate.scenario}`,
    package: 'trunkline',
    id: 0,
    timestamp: gate.startedAt.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length),
    hostname: HOST,
    tests: gate.rules.length,
    failures: count('failed'),
    errors: count('invalid'),
    skipped: count('inconclusive'),
    time: 0,
  });
  const properties = { machineClass: gate.machineClass, runs: gate.runs, looks: gate.looks.join(', ') };
  const table = gate.comparison === null ? '' : `\n\n${comparisonTable(gate.comparison, PLAIN)}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${suite}>`,
    '    <properties>',
    ...Object.entries(properties).map(([name, value]) => `      <property${xmlAttributes({ name, value })}/>`),
    '    </properties>',
    ...gate.rules.map(testCase),
    `    <system-out>${escapeXml(gate.sentence + table)}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ELEMENTS = { failed: 'failure', invalid: 'error', inconclusive: 'skipped' } as const;

function testCase({ rule, kind, outcome, sentence }: RuleOutcome): string {
  const attributes = xmlAttributes({ classname: `trunkline.gate.${kind}`, name: rule, time: 0 });
  if (outcome === 'passed') return `    <testcase${attributes}/>`;
  const element = ELEMENTS[outcome];
  const type = element === 'skipped' ? {} : { type: outcome };
  return `    <testcase${attributes}><${element}${xmlAttributes({ message: sentence, ...type })}/></testcase>`;
}
