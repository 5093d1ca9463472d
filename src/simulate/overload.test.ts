import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { worldIntegrity } from './checks/world-integrity.ts';
import { CAPACITY, runOverload } from './overload.test-suite.ts';

const BOUND_MICROS = 50_000;
const ADMISSION = { shard: { admissionDelayMicros: BOUND_MICROS } };
const MULTIPLES = [0.5, 1, 3];

describe('a switch that is offered more than it can do', () => {
  it('keeps its goodput up to three times its capacity if it bounds the wait of its input', () => {
    const runs = MULTIPLES.map((multiple) => ({ multiple, ...runOverload(multiple, ADMISSION) }));
    const best = Math.max(...runs.map(({ goodput }) => goodput));
    assert.ok(best > 0.95 * CAPACITY, `${best} of ${CAPACITY} messages/s`);
    for (const { multiple, goodput, latencies } of runs) {
      if (multiple >= 1) assert.ok(goodput >= 0.95 * best, `${goodput} at ${multiple} times, ${best} at best`);
      const longest = latencies.at(-1) ?? 0;
      assert.ok(longest < 2 * BOUND_MICROS, `${longest} µs at ${multiple} times: what is taken has not waited long`);
    }
    const [light, , heavy] = runs;
    assert.equal(light?.world.switch('rejectedOverloaded'), 0, 'nothing is refused without need');
    const world = heavy?.world;
    assert.ok(world !== undefined && world.switch('rejectedOverloaded') > 0.5 * 2 * CAPACITY);
    world.stopTraffic();
    assert.ok(
      world.runUntil(() => worldIntegrity(world).isSound === true, 40e6),
      JSON.stringify(worldIntegrity(world)),
    );
    assert.equal(world.driver('rejectedOverloaded'), world.switch('rejectedOverloaded'), 'each sender was told');
  });

  it('falls behind ever further if it does not', () => {
    const [best, worst] = [runOverload(1), runOverload(3)];
    assert.ok(worst.goodput < 0.7 * best.goodput, `${worst.goodput} against ${best.goodput}`);
    const half = worst.latencies[Math.floor(worst.latencies.length / 2)] ?? 0;
    assert.ok(half > 5 * BOUND_MICROS, `half of what arrives has waited ${half} µs`);
    assert.ok(worst.world.driver('messagesBacklog') > 0.2 * CAPACITY, 'and phones cannot even send');
  });

  it('repeats from its seed', () => {
    const [once, again] = [runOverload(2, ADMISSION), runOverload(2, ADMISSION)];
    assert.deepEqual(again.latencies, once.latencies);
    assert.equal(again.world.driver('digestRejectedLow'), once.world.driver('digestRejectedLow'));
  });
});
