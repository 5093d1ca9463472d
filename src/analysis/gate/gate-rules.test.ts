import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { parseGateRules } from './gate-rules.ts';

const GOOD = `looks: [10, 20]
confidence: 95%
absolute:
  - memory.switch.bytesPerConnection < 2KiB
  - latency.delivery p(99) <= 5ms
  - integrity.lost == 0
relative:
  - cpu.switchMicrosPerMessage
  - latency.delivery p(99) within 15%
allowedDifferences: [node]
`;

describe('the rules of a gate', () => {
  it('are read with units, defaults and differences of their own', () => {
    const rules = parseGateRules(GOOD, 'gate.yaml');
    assert.deepEqual([rules.looks, rules.confidence, rules.allowedDifferences], [[10, 20], 0.95, ['node']]);
    assert.deepEqual(
      rules.absolute.map(({ metric, operator, limit }) => [metric.name, operator, limit]),
      [
        ['memory.switch.bytesPerConnection', '<', 2048],
        ['latency.delivery p(99)', '<=', 5000],
        ['integrity.lost', '==', 0],
      ],
    );
    assert.deepEqual(
      rules.relative.map(({ metric, smallestDifferenceShare }) => [metric.name, smallestDifferenceShare]),
      [
        ['cpu.switchMicrosPerMessage', 0.03],
        ['latency.delivery p(99)', 0.15],
      ],
    );
  });

  it('look once at ten pairs unless told otherwise', () => {
    const rules = parseGateRules('absolute: [connections.held >= 1M]', 'gate.yaml');
    assert.deepEqual([rules.looks, rules.confidence, rules.absolute[0]?.limit], [[10], 0.95, 1e6]);
  });

  const wrong: [what: string, text: string, message: RegExp][] = [
    [
      'a misspelt metric',
      GOOD.replace('bytesPerConnection', 'bytesPerConection'),
      /^gate\.yaml:4:5: there is no metric "memory\.switch\.bytesPerConection"; did you mean/,
    ],
    ['a misspelt relative metric', GOOD.replace('cpu.switch', 'cpu.swich'), /^gate\.yaml:8:5: there is no metric/],
    [
      'a misspelt key',
      GOOD.replace('relative', 'relatve'),
      /^gate\.yaml:7:1: unknown key "relatve"; did you mean "relative"/,
    ],
    [
      'a size without a unit',
      GOOD.replace('2KiB', '2048'),
      /^gate\.yaml:4:5: expected a size such as 64B, found "2048"/,
    ],
    [
      'a time without a unit',
      GOOD.replace('latency.delivery p(99) <= 5ms', 'cpu.switchMicrosPerMessage <= 5'),
      /^gate\.yaml:5:5: expected a time such as 5ms/,
    ],
    ['a rule without grammar', GOOD.replace('== 0', 'is none'), /^gate\.yaml:6:5: expected something like value==0/],
    ['equality of a measured figure', GOOD.replace('< 2KiB', '== 2KiB'), /^gate\.yaml:4:5: expected <, <=, > or >=/],
    [
      'a difference for a count',
      GOOD.replace('cpu.switchMicrosPerMessage', 'integrity.lost within 5%'),
      /:8:5: .*equal or not/,
    ],
    [
      'a metric named twice',
      GOOD.replace('cpu.switchMicrosPerMessage', 'latency.delivery p(99)'),
      /:9:5: .*named twice/,
    ],
    ['three looks', GOOD.replace('10, 20', '10, 20, 30'), /^gate\.yaml:1:8: looks: expected at most 2/],
    ['falling looks', GOOD.replace('10, 20', '20, 10'), /^gate\.yaml:1:8: looks: expected rising/],
    ['a look at too few pairs', GOOD.replace('10, 20', '4'), /^gate\.yaml:1:9: looks\.0: .*from 6 to 200, found 4/],
    ['a confidence of everything', GOOD.replace('95%', '100%'), /^gate\.yaml:2:13: confidence/],
    ['a field that is none', GOOD.replace('[node]', '[nodes]'), /^gate\.yaml:10:22: .*expected one of .*node/],
    ['no rule', 'looks: [10]', /expected at least one rule/],
    ['nothing', '', /gate\.yaml: the file is empty; a file of gate rules was expected/],
    [
      'six relative rules',
      `relative: [${['held', 'peak'].map((name) => `connections.${name}`).join(', ')}, ${[50, 90, 95, 99].map((percent) => `latency.login p(${percent})`).join(', ')}]`,
      /^gate\.yaml:1:11: relative: expected at most 5 metrics, found 6/,
    ],
  ];
  for (const [what, text, message] of wrong) {
    it(`refuse ${what}, and say where`, () => {
      assert.throws(
        () => parseGateRules(text, 'gate.yaml'),
        (error) => {
          assert.ok(error instanceof TrunklineError, String(error));
          assert.match(error.message, message);
          assert.equal(error.code, 'GATE_RULES_INVALID');
          return true;
        },
      );
    });
  }
});
