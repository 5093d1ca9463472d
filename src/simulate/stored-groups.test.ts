/**
 * Groups whose home and members' shards crash, with a disk that loses what was not synced, and tears its last write.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SimulationOutcome } from './simulate.ts';
import { simulateSeed } from './simulate-seed.ts';
import { NO_FAULTS } from './small-simulation.test-suite.ts';
import { GROUP_FAULTS, groupSimulation } from './stored-groups.test-suite.ts';

const SHORT_MICROS = 60_000;

function allPass(settings: ReturnType<typeof groupSimulation>, seeds: readonly number[]): SimulationOutcome[] {
  return seeds.map((seed) => {
    const outcome = simulateSeed(settings, seed, 1);
    assert.deepEqual(outcome.violations, [], `seed ${seed}`);
    return outcome;
  });
}

describe('groups that are stored', () => {
  it('lose no message and no member, and show nothing twice, with every fault', () => {
    const rates = Object.fromEntries(
      Object.entries(GROUP_FAULTS).map(([kind, rate]) => [kind, kind === 'smallTables' ? rate : 10 * rate]),
    ) as typeof GROUP_FAULTS; // its keys
    const outcomes = allPass(groupSimulation({ rates, trafficMicros: SHORT_MICROS }), [1, 2, 3, 4]);
    assert.ok(outcomes.every(({ toGroups }) => toGroups > 10));
  });

  it('are the same after crashes of single shards and of all at once', () => {
    const rates = { ...NO_FAULTS, shardCrashes: 60, switchCrashes: 40 };
    const settings = groupSimulation({ rates, isSwarm: false, trafficMicros: SHORT_MICROS });
    const outcomes = allPass(settings, [1, 2, 3, 4]);
    const crashes = outcomes.flatMap(({ injected }) => injected).reduce((sum, one) => sum + one, 0);
    assert.ok(crashes >= 8, `${crashes} crashes`);
    for (const { shown, toGroups } of outcomes) assert.ok(shown > 3 * toGroups, 'members have the messages');
  });

  it('do the same again from the same seed', () => {
    const settings = groupSimulation({ trafficMicros: SHORT_MICROS });
    const [once, again] = [simulateSeed(settings, 5, 2), simulateSeed(settings, 5, 1)];
    assert.equal(once.digest, again.digest);
  });
});
