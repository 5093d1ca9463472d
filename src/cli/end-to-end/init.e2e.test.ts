import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const QUICK = ['--set', 'phases.calibrate=false', '--set', 'phases.settle=2s', '--set', 'phases.bin=100ms'];
const SMALL = ['-c', '500', '-d', '500ms', '--set', 'traffic.rate=500', '--set', 'thresholds={}'];

describe('trunkline init', () => {
  it('writes a scenario that runs as it is, and says how', async () => {
    const { code, stdout } = await trunkline(['init']);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^Wrote \.\/scenario\.yaml\. Next:\n {2}trunkline doctor \.\/scenario\.yaml\n {2}trunkline run /,
    );
    const plan = await trunkline(['doctor', './scenario.yaml']);
    assert.equal(plan.code, 0, plan.stdout);
    assert.match(plan.stdout, /^trunkline doctor mine · transport memory · 20,000 simulated phones/);
    const run = await trunkline(['run', './scenario.yaml', ...QUICK, ...SMALL]);
    assert.ok(run.code === 0 || run.code === 3, run.stderr); // 3: the machine was busy
    assert.match(run.stdout, /connections +500 held of 500 wanted/);
  });

  it('writes rules that a gate accepts', async () => {
    mkdirSync(path('gates'));
    const { code, stdout } = await trunkline(['init', 'rules', 'gates/chat.yaml']);
    assert.equal(code, 0);
    assert.match(stdout, /trunkline gate gates\/chat\.yaml before\.yaml after\.yaml/);
    const rules = parseGateRules(readFileSync(path('gates/chat.yaml'), 'utf8'), 'gates/chat.yaml');
    assert.equal(rules.relative.length, 2);
    assert.deepEqual(rules.looks, [10, 20]);
  });

  it('overwrites nothing', async () => {
    writeFileSync(path('precious.yaml'), 'mine');
    const { code, stderr } = await trunkline(['init', 'scenario', 'precious.yaml']);
    assert.equal(code, 2);
    assert.match(stderr, /OUTPUT_UNWRITABLE: precious\.yaml: expected the path of a new file: it exists/);
    assert.equal(readFileSync(path('precious.yaml'), 'utf8'), 'mine');
  });

  it('names a folder that does not exist, and kinds that there are', async () => {
    const missing = await trunkline(['init', 'scenario', 'nowhere/a.yaml']);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /nowhere\/a\.yaml: expected the path of a new file: ENOENT/);
    const unknown = await trunkline(['init', 'protocol']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /"scenario", "rules"/);
  });
});
