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

  it('heal for longer than any phone is away, or say so before a seed fails', () => {
    const leaves = ['phones.session=10s', 'phones.away=30s'];
    for (const heal of ['20s', '30s']) {
      assert.throws(() => settingsOf(...leaves, `simulate.heal=${heal}`), {
        code: 'SCENARIO_INVALID',
        message: /simulate\.heal: expected more than 30\.0 s, for which phones are away, found .*--set simulate\.heal/,
      });
    }
    assert.equal(settingsOf(...leaves, 'simulate.heal=31s').healMicros, 31e6);
    const stay = ['phones.session=none', 'phones.away=30s', 'simulate.heal=20s'];
    assert.equal(settingsOf(...stay).healMicros, 20e6, 'nobody leaves');
    const kinds = 'platforms=[{name: a, share: 100%, heartbeat: 1s, session: 1m, away: 20s}]';
    assert.throws(
      () => settingsOf(...stay, kinds),
      { code: 'SCENARIO_INVALID' },
      'platforms leave for times of their own',
    );
  });
});
