import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { GateOutcome } from '../analysis/gate-outcome.ts';
import { commandFolder } from './command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();

describe('trunkline gate', () => {
  it('judges a candidate against its base, and writes what CI systems read', async () => {
    const rules = ['looks: [6]', 'absolute: [integrity.lost == 0]', 'relative: [memory.switch.bytesPerConnection]'];
    writeFileSync(path('rules.yaml'), rules.join('\n'));
    const outputs = ['--junit', 'gate.xml', '--summary', 'gate.md', '--trend', 'less.json', '--format', 'json'];
    const { code, stdout } = await trunkline(['gate', 'rules.yaml', './tiny.yaml', ...outputs, '--quiet']);
    const gate = JSON.parse(stdout) as GateOutcome;
    assert.equal(gate.runs, 6);
    const isEvaluated = gate.rules.some((rule) => rule.isEvaluated);
    const expected = { passed: 0, failed: 1, invalid: 3, inconclusive: 0 }[gate.outcome];
    assert.equal(code, isEvaluated ? expected : 2, gate.sentence);
    assert.notEqual(gate.outcome, 'failed', 'the same thing on both sides');
    assert.match(readFileSync(path('gate.xml'), 'utf8'), /tests="2"/);
    assert.match(readFileSync(path('gate.md'), 'utf8'), /Gate of tiny/);
    assert.ok(Array.isArray(JSON.parse(readFileSync(path('less.json'), 'utf8'))));
    const [series = ''] = readdirSync(path('results'));
    assert.deepEqual(JSON.parse(readFileSync(path(`results/${series}/gate.json`), 'utf8')), gate);
  });

  const refusals: [what: string, rules: string | null, message: RegExp][] = [
    ['rules that are not there', null, /GATE_RULES_INVALID: none.yaml: expected a YAML file of rules/],
    ['no rule', 'looks: [10]', /expected at least one rule/],
    ['a metric that does not exist', 'absolute: [integrity.lots == 0]', /there is no metric "integrity.lots"/],
    ['a typing error in a rule', 'relatve: [integrity.lost]', /relatve/],
  ];
  for (const [what, rules, message] of refusals) {
    it(`exits 2 for ${what}, before anything is measured`, async () => {
      if (rules !== null) writeFileSync(path('bad.yaml'), rules);
      const { code, stdout, stderr } = await trunkline([
        'gate',
        rules === null ? 'none.yaml' : 'bad.yaml',
        './tiny.yaml',
      ]);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, message);
    });
  }
});
