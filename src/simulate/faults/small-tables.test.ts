/** What the smallest rings and tables do to a simulation that keeps its promises all the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals } from '../../driver/terms/arrivals.ts';
import { simulate } from '../simulate.ts';
import { NO_FAULTS, smallSimulation } from '../small-simulation.test-suite.ts';
import type { Fault } from './fault-kinds.ts';
import { SMALL_TABLES } from './small-tables.ts';

const SEED = 17;
const AT_START = { atMicros: 0, micros: 0, salt: 0 };

function smallTable(name: string): Fault {
  const target = SMALL_TABLES.findIndex((table) => table.name === name);
  assert.ok(target >= 0, name);
  return { ...AT_START, kind: 'smallTables', target };
}

describe('the smallest rings of logs', () => {
  it('are full while a disk is slow: messages are refused, and none that was acknowledged is lost', () => {
    const { world, ...rest } = smallSimulation({ rates: NO_FAULTS, isSwarm: false, trafficMicros: 100_000 });
    const settings = { ...rest, world: { ...world, lane: { ...world.lane, messages: Arrivals.constant(15_000) } } };
    const slow = [0, 1, 2].map(
      (target): Fault => ({ kind: 'slowDisks', atMicros: 10_000, target, micros: 80_000, salt: 7 + target }),
    );
    const large = simulate(settings, SEED, slow);
    const small = simulate(settings, SEED, [smallTable('rings of logs'), ...slow]);
    assert.deepEqual([large.violations, small.violations], [[], []]);
    assert.equal(large.refused, 0, 'a ring of the usual size has room for what waits');
    assert.ok(small.refused > 0, 'a small one has not');
    assert.equal(small.messages, small.shown + small.refused + small.waiting);
  });
});
