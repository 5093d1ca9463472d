import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MadePairs, madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import { evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import type { GateOutcome } from '../../analysis/gate/gate-schema.ts';
import type { GuardName } from '../../result/guard-names.ts';
import type { Result } from '../../result/result-schema.ts';
import { COMMENT_CHARACTERS_MAX, COMMENT_MARK, gateComment } from './gate-comment.ts';

const RULES = `absolute: [integrity.lost == 0, memory.switch.bytesPerConnection < 30B, memory.kernel.bytesPerConnection < 1KiB]
relative: [cpu.switchMicrosPerMessage, latency.delivery p(99) within 0.1%]`;

function gate(made: MadePairs = {}, rules = RULES): GateOutcome {
  return evaluateGate(parseGateRules(rules, 'gate.yaml'), { pairs: madePairs(made) });
}

/** The outcome with so many rules, and sentences of this length. */
function withRules(count: number, characters: number): GateOutcome {
  const mixed = gate();
  const [rule] = mixed.rules;
  assert.ok(rule !== undefined);
  const rules = Array.from({ length: count }, (_, n) => ({
    ...rule,
    rule: `rule ${n}`,
    sentence: 'x'.repeat(characters),
  }));
  return { ...mixed, rules };
}

function withGuard(result: Result, name: GuardName, sentence: string): Result {
  const guard = { name, verdict: 'invalid' as const, figure: 0.12, limit: 0.05, sentence };
  return { ...result, validity: { ...result.validity, isValid: false, guards: [guard] } };
}

/** Every section that is opened is closed: otherwise all that follows on the page would be folded. */
function assertFolds(text: string): void {
  assert.equal(text.match(/<details>/g)?.length ?? 0, text.match(/<\/details>/g)?.length ?? 0);
}

describe('a gate as a comment', () => {
  it('has its mark, the verdict and the rules that decide, and folds everything else', () => {
    const text = gateComment(gate());
    const [open = '', ...folded] = text.split('<details>');
    const lines = open.trimEnd().split('\n');
    assert.deepEqual(lines.slice(0, 3), [COMMENT_MARK, '### ❌ Gate of made', '']);
    assert.match(lines[3] ?? '', /^\*\*Failed: 1 of 5 rules broken.*\*\*$/);
    assert.deepEqual(
      lines.slice(7).map((line) => line.split(' | ')[1]),
      ['❌ failed', '⚠️ invalid', '❔ inconclusive', '✅ passed', '✅ passed'],
      'what did not pass comes first',
    );
    assert.deepEqual(
      folded.map((section) => /<summary>(.*)<\/summary>/.exec(section)?.[1]),
      ['In words', 'Comparison', 'How it was measured'],
    );
    assert.match(folded[2] ?? '', /\d+ pairs of runs, looks at 10/);
    assert.match(folded[0] ?? '', /^- integrity\.lost == 0: holds in all 10 runs$/m);
    assert.match(folded[0] ?? '', /^- latency\.delivery p\(99\) within 0\.1%: (?!latency)/m);
    assertFolds(text);
    assert.doesNotMatch(text, /Left out/);
  });

  it('has no comparison where there is none', () => {
    const text = gateComment(gate({}, 'absolute: [integrity.lost == 0]'));
    assert.match(text, /### ✅ Gate of made/);
    assert.doesNotMatch(text, /Comparison/);
    assert.match(text, /\d+ runs, looks/);
  });

  it('gives the reason once for which no rule could be judged, wherever that reason comes from', () => {
    const tripped = madePairs().map(({ base, candidate }) => ({
      base: withGuard(base, 'other programs', 'other programs took 12 % of processor time'),
      candidate,
    }));
    const rules = 'relative: [cpu.switchMicrosPerMessage, memory.switch.bytesPerConnection]';
    const outcome = evaluateGate(parseGateRules(rules, 'gate.yaml'), { pairs: tripped });
    assert.match(outcome.sentence, /other programs took 12 %/);
    const text = gateComment(outcome);
    assert.match(text, /^- cpu\.switchMicrosPerMessage: not judged, for the reason above$/m);
    assert.equal(text.match(/other programs took/g)?.length, 2, 'in the verdict, and where the first run was dropped');
    assert.match(text, /pair 1, base: other programs took[^;]*; pair 2, base: other programs; pair 3/);
    assert.doesNotMatch(text, /other programs: other programs/);
  });

  it('fits a comment whatever is in it, in whole lines, and says what was left out', () => {
    const comparison = gateComment(withRules(3, 30_000));
    assert.match(comparison, /Left out to fit a comment: 1 of 3 rules in words\b/);
    const words = gateComment(withRules(200, 1000));
    assert.match(
      words,
      /Left out to fit a comment: \d+ of 200 rules in words, (all \d+|\d+ of \d+) lines of the comparison/,
    );
    const rules = gateComment(withRules(5000, 10));
    assert.match(rules, /Left out to fit a comment: [\d,]+ of 5,000 rules, all 5,000 rules in words/);
    const sentence = gateComment({ ...gate(), sentence: '|'.repeat(100_000) });
    assert.match(sentence, /\| integrity\.lost == 0 \|/);
    assert.ok(sentence.length <= COMMENT_CHARACTERS_MAX);
    for (const text of [comparison, words, rules]) {
      assert.ok(text.length <= COMMENT_CHARACTERS_MAX, `${text.length}`);
      assert.ok(text.length > 0.8 * COMMENT_CHARACTERS_MAX || text === comparison, 'nothing is left out without need');
      assertFolds(text);
      assert.match(text, /\n_Left out [^\n]*gate\.json has everything\._\n$/);
    }
  });

  it('lets no name from the outside notify anyone, open a section or leave its cell', () => {
    const hostile = '</details>@team #123 | `x` <!-- a\n- b **c** https://a.example';
    const made = gate();
    const [rule] = made.rules;
    assert.ok(rule !== undefined);
    const text = gateComment({
      ...made,
      scenario: hostile,
      sentence: hostile,
      machineClass: hostile,
      rules: [{ ...rule, rule: hostile, sentence: hostile }],
    });
    assertFolds(text);
    assert.doesNotMatch(text, /@team|(?<!&)#\d|:\/\/|<!-- a|^- b \\\*/m);
    const [row = ''] = text.split('\n').filter((line) => line.startsWith('| &lt;'));
    assert.equal(row.replaceAll('\\|', '').split('|').length, 6, 'four cells');
  });
});
