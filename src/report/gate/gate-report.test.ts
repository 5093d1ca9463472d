import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { validateXML } from 'xmllint-wasm';
import { type MadePairs, madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import { evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import type { GateOutcome, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { escapeXml } from '../text/escape-xml.ts';
import { ANNOTATIONS_MAX, gateAnnotations } from './gate-annotations.ts';
import { gateJUnit } from './gate-junit.ts';
import { gateStepSummary, SUMMARY_BYTES_MAX } from './gate-step-summary.ts';

const schema = readFileSync(new URL('../../../src/report/gate/junit.xsd', import.meta.url), 'utf8');
/** One rule of each outcome: broken, not measured, not sure, and held. */
const RULES = `absolute: [memory.switch.bytesPerConnection < 30B, memory.kernel.bytesPerConnection < 1KiB, integrity.lost == 0]
relative: [cpu.switchMicrosPerMessage, latency.delivery p(99) within 0.1%]`;

function gate(made: MadePairs = {}, rules = RULES): GateOutcome {
  return evaluateGate(parseGateRules(rules, 'gate.yaml'), { pairs: madePairs(made) });
}

const mixed = gate();
const passed = gate({}, 'absolute: [integrity.lost == 0]');

function withRules(count: number, sentence: string, outcome: RuleOutcome['outcome'] = 'failed'): GateOutcome {
  const [rule] = mixed.rules;
  assert.ok(rule !== undefined);
  return {
    ...mixed,
    rules: Array.from({ length: count }, (_, i) => ({ ...rule, rule: `rule ${i}`, outcome, sentence })),
  };
}

async function faultsOf(xml: string): Promise<string[]> {
  const { errors } = await validateXML({ xml, schema });
  return errors.map(({ message }) => message);
}

describe('a gate as JUnit', () => {
  it('is valid by the schema, whatever happened', async () => {
    for (const one of [mixed, passed, withRules(0, '')]) assert.deepEqual(await faultsOf(gateJUnit(one)), []);
  });

  it('stays valid with sentences that hold XML, line ends and characters that XML has not', async () => {
    const nasty = withRules(2, 'a < b && "c" > \'d\' ]]> <![CDATA[ \u0000\u0007\uD800 \n\t é 🙂 --> <testsuite>');
    assert.deepEqual(await faultsOf(gateJUnit({ ...nasty, scenario: '<&">', sentence: '\u001b[31m]]>' })), []);
  });

  it('would not pass the check if a count or an attribute were missing', async () => {
    assert.notDeepEqual(await faultsOf(gateJUnit(mixed).replace(/ failures="\d+"/, '')), []);
    assert.notDeepEqual(await faultsOf(gateJUnit(mixed).replace('<failure', '<broken')), []);
  });

  it('makes a breach a failure, what was not measured an error, and what is not sure skipped', () => {
    const xml = gateJUnit(mixed);
    assert.match(xml, /tests="5" failures="1" errors="1" skipped="1"/);
    assert.match(
      xml,
      /name="memory\.switch\.bytesPerConnection &lt; 30B" time="0"><failure message="[^"]*broken, found/,
    );
    assert.match(xml, /name="memory\.kernel\.bytesPerConnection &lt; 1KiB" time="0"><error message="[^"]*not measured/);
    assert.match(xml, /name="latency\.delivery p\(99\) within 0.1%" time="0"><skipped message="[^"]*inconclusive/);
    assert.match(xml, /name="integrity\.lost == 0" time="0"\/>/);
    assert.match(xml, /classname="trunkline\.gate\.relative" name="cpu\.switchMicrosPerMessage"/);
    assert.match(xml, /<system-out>Failed: 1 of 5 rules broken/);
  });
});

describe('XML', () => {
  it('holds every character that it can, and a mark for those that it cannot', () => {
    assert.equal(escapeXml('a\u0000b\uD83D🙂\t"<&>'), 'a\uFFFDb\uFFFD🙂\t&quot;&lt;&amp;&gt;');
  });
});

describe('a gate as the summary of a GitHub job', () => {
  it('says the outcome first, and has a row for each rule', () => {
    const text = gateStepSummary(mixed);
    assert.match(text, /^## ❌ Gate of made\n\nFailed: 1 of 5 rules broken/);
    assert.match(text, /\| integrity\.lost == 0 \| ✅ passed \| 0 \| 0 … 0 \|/);
    assert.match(text, /\| memory\.switch\.bytesPerConnection &lt; 30B \| ❌ failed \| \d\d\.\d B \|/);
    assert.match(text, /\| cpu\.switchMicrosPerMessage \| ✅ passed \| [+−]\d\.\d % \| [+−]\d\.\d % … [+−]\d\.\d % \|/);
    assert.match(text, /<details><summary>Comparison<\/summary>\n\n/);
    assert.match(gateStepSummary(passed), /^## ✅/);
  });

  it('stays below GitHub’s limit, says that it was cut, and ends with a whole line', () => {
    const text = gateStepSummary(withRules(20_000, `é${'x'.repeat(200)}`));
    const size = new TextEncoder().encode(text).length;
    assert.ok(size <= SUMMARY_BYTES_MAX && size > 0.99 * SUMMARY_BYTES_MAX, `${size} bytes`);
    assert.match(text, /\|\n\nThe rest was cut off to stay within what GitHub shows; the JSON has all of it\.\n$/);
  });
});

describe('a gate as annotations', () => {
  it('has one line for each rule that did not pass, breaches first', () => {
    const lines = gateAnnotations(mixed);
    assert.equal(lines.length, 3);
    assert.match(
      lines[0] ?? '',
      /^::error title=failed%3A memory\.switch\.bytesPerConnection < 30B::.*95\.\d %25 interval/,
    );
    assert.match(lines[1] ?? '', /^::error title=invalid/);
    assert.match(lines[2] ?? '', /^::warning title=inconclusive/);
    assert.deepEqual(gateAnnotations(passed), []);
  });

  it('has at most nine, and says how many more there are', () => {
    const nine = gateAnnotations(withRules(9, 'broken'));
    assert.equal(nine.length, ANNOTATIONS_MAX);
    assert.match(nine[8] ?? '', /rule 8/);
    const ten = gateAnnotations(withRules(10, 'broken'));
    assert.equal(ten.length, ANNOTATIONS_MAX);
    assert.match(ten[8] ?? '', /and 2 more rules, see the summary/);
  });

  it('lets no sentence begin a command of its own', () => {
    const [line] = gateAnnotations(withRules(1, 'first\n::set-output name=x::y\r100%'));
    assert.ok(line?.endsWith('::first ::set-output name=x::y 100%25'), line);
  });
});
