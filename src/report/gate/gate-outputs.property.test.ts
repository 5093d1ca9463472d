/** One gate with any rules, in its four outputs: each says of every rule what the others say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import { evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import type { GateOutcome, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { printable } from '../text/printable.ts';
import { ANNOTATIONS_MAX, gateAnnotations } from './gate-annotations.ts';
import { gateJUnit } from './gate-junit.ts';
import { gateStepSummary } from './gate-step-summary.ts';
import { gateText } from './gate-text.ts';

const MADE = evaluateGate(parseGateRules('absolute: [integrity.lost == 0]', 'gate.yaml'), {
  pairs: madePairs(),
});
const [RULE] = MADE.rules;
assert.ok(RULE !== undefined);

/** Sentences that could end a line, a tag, a cell or a command. */
const sentence = fc.oneof(
  fc.constantFrom(
    'plain',
    'a\nb',
    '::error::x',
    '50 % | 7 : 8, 9',
    '<b>&"c"</b>',
    ']]>',
    '*bold* _x_ `y`',
    '%0A',
    '\\|',
  ),
  fc.string({ maxLength: 12 }),
);
const outcomes = ['passed', 'failed', 'invalid', 'inconclusive'] as const;
const rules = fc
  .array(fc.tuple(fc.constantFrom(...outcomes), sentence), { maxLength: 14, size: 'max' })
  .map((list) =>
    list.map(([outcome, text], n): RuleOutcome => ({ ...RULE, rule: `rule ${n}`, outcome, sentence: text })),
  );
const withRules = (list: RuleOutcome[]): GateOutcome => ({ ...MADE, rules: list });

/** What GitHub's runner makes of a line: the command, its title and its message, decoded. */
function readAnnotation(line: string): [level: string, title: string, message: string] {
  const [, level = '', title = '', message = ''] = /^::(\w+) title=([^:,]*)::(.*)$/.exec(line) ?? assert.fail(line);
  const decoded = (text: string): string => text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
  return [level, decoded(title), message.replaceAll('%25', '%')];
}

describe('the outputs of a gate', () => {
  it('as annotations name each rule that did not pass, once, violations first, and read back as they were, in one line', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const read = gateAnnotations(withRules(list)).map(readAnnotation);
        const order = ['failed', 'invalid', 'inconclusive'];
        const unpassed = list
          .filter(({ outcome }) => outcome !== 'passed')
          .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))
          .map(({ outcome, rule, sentence: text }): [string, string, string] => [
            outcome === 'inconclusive' ? 'warning' : 'error',
            `${outcome}: ${rule}`,
            printable(text),
          ]);
        assert.ok(read.length <= ANNOTATIONS_MAX);
        if (unpassed.length <= ANNOTATIONS_MAX) assert.deepEqual(read, unpassed);
        else {
          assert.deepEqual(read.slice(0, -1), unpassed.slice(0, ANNOTATIONS_MAX - 1));
          assert.match(read.at(-1)?.[2] ?? '', new RegExp(`^and ${unpassed.length - ANNOTATIONS_MAX + 1} more rules`));
        }
      }),
    );
  });

  it('as JUnit have a test case for each rule, and counts that are those of the elements', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const xml = gateJUnit(withRules(list));
        const elements = (pattern: RegExp): number => [...xml.matchAll(pattern)].length;
        const count = (outcome: RuleOutcome['outcome']): number => list.filter((one) => one.outcome === outcome).length;
        const [, ...counts] = / tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(xml) ?? [];
        assert.deepEqual(counts.map(Number), [list.length, count('failed'), count('invalid'), count('inconclusive')]);
        assert.deepEqual(
          [/^ {4}<testcase /gm, /<failure /g, /<error /g, /<skipped /g].map(elements),
          counts.map(Number),
        );
        assert.deepEqual(
          [...xml.matchAll(/<testcase [^>]*name="(rule \d+)"/g)].map(([, name]) => name),
          list.map(({ rule }) => rule),
        );
      }),
    );
  });

  it('as a summary have a row for each rule, whatever its sentence holds', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const lines = gateStepSummary(withRules(list)).split('\n');
        const rows = lines.filter((line) => line.startsWith('| rule ') && !line.startsWith('| rule |'));
        assert.equal(rows.length, list.length);
        rows.forEach((row, n) => {
          assert.ok(row.includes(` ${list[n]?.outcome} |`), row);
          assert.equal(row.replaceAll('\\\\', '').replaceAll('\\|', '').split('|').length, 7, 'five cells');
        });
      }),
    );
  });

  it('as text have the verdict first, then a marked line for each rule, then the comparison', () => {
    const named: Palette = { ...PLAIN, good: (t) => `good${t}`, bad: (t) => `bad${t}`, warning: (t) => `warning${t}` };
    const list = outcomes.map((outcome): RuleOutcome => ({ ...RULE, outcome, sentence: `${outcome} it is` }));
    assert.deepEqual(
      gateText({ ...withRules(list), outcome: 'failed', sentence: 'One rule broke.' }, named).split('\n'),
      [
        'badOne rule broke.',
        'good  ✓ passed it is',
        'bad  ✗ failed it is',
        'bad  ! invalid it is',
        'warning  ? inconclusive it is',
      ],
    );
    const compared = evaluateGate(parseGateRules('relative: [cpu.switchMicrosPerMessage]', 'gate.yaml'), {
      pairs: madePairs(),
    });
    assert.match(gateText(compared, PLAIN), /\n\n\S.*\n *metric +base +candidate /s);
  });
});
