import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { smallScenario } from '../../run/sides/small-run.test-suite.ts';
import { simulationSettings } from './simulation-settings.ts';

const settingsOf = (...settings: string[]) => simulationSettings(smallScenario(...settings));

describe('the settings of a simulation', () => {
  it('are those of a run: what a message costs a shard, admission, and the sizes of tables', () => {
    const { world } = settingsOf('switch.shards=3', 'switch.workPerMessage=40us', 'switch.admission.logins.rate=500/s');
    assert.equal(world.workMicrosPerMessage, 40);
    assert.notEqual(world.loginAdmission, undefined);
    assert.equal(world.shards, 3);
    const plain = settingsOf().world;
    assert.deepEqual([plain.workMicrosPerMessage, plain.loginAdmission], [undefined, undefined]);
  });

  it('have room for ids after a crash, and for logins while a network fails', () => {
    const { lane, shard } = settingsOf().world;
    assert.ok((shard.durability?.idWindowsMax ?? 0) >= 2 ** 13);
    assert.ok(lane.loginAttempts >= 1000);
  });
});
