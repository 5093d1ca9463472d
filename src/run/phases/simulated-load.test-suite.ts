/**
 * The load of a scenario in virtual time, judged like that of a run, for tests and for `npm run experiment:chance`. No
 * machine disturbs it, so a guard trips only because of random variation in the load, which differs for each seed.
 */

import { DRIVER_COUNTERS } from '../../driver/terms/driver-counters.ts';
import { loadArrivals } from '../../plan/load/load-curve.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Guard } from '../../result/result-schema.ts';
import { World } from '../../simulate/world/world.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { IntervalCounts } from '../../stats/steadiness.ts';
import { sendDelayGuard } from '../../verdict/guards/driver-guards.ts';
import {
  backlogGuard,
  halvesGuard,
  littleGuard,
  offeredGuard,
  steadinessGuard,
} from '../../verdict/guards/load-guards.ts';
import { intendedEvents } from '../../verdict/record/intended-events.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { eachLatency, type LatencyHistograms } from '../../verdict/record/latencies.ts';
import { madeInterval } from '../../verdict/record/made-interval.test-suite.ts';
import { countsOf, type SettleOutcome, settled } from '../../verdict/record/settle-outcome.ts';
import { type Snapshot, Window } from '../../verdict/record/window.ts';
import { plannedWorld } from '../worker/planned-world.ts';

/** Virtual time per turn: long, so that a second needs few turns, but short compared with every limit on latencies. */
const TURN_MICROS = 250;
const RAMP_MICROS_MAX = 120e6;

/** The guards on the load of one run with the seed of the plan. */
export function simulateLoad(plan: RunPlan): Guard[] {
  const { seed, phases } = plan.settings;
  const latencies = eachLatency(() => new Histogram());
  const world = new World({ ...plannedWorld(plan, TURN_MICROS), latencies });
  world.openLogins();
  if (!world.runUntil(() => world.driver('loginsAccepted') >= plan.online, RAMP_MICROS_MAX))
    throw new Error(`the simulated phones did not log in, seed ${seed}`);
  const intended = intendedEvents(loadArrivals(plan.settings), world.clock.nowMicros());
  world.startTraffic();
  world.runFor(phases.bin * ((seed * 0.618) % 1)); // intervals begin at any time, as in a run
  const counts: IntervalCounts[] = [];
  const until = world.clock.nowMicros() + phases.settle;
  let settle: SettleOutcome | null = null;
  while (settle === null) {
    counts.push(countsOf(nextInterval(world, phases.bin), intended));
    settle = settled(counts, world.clock.nowMicros() >= until);
  }
  const start = snapshot(world, latencies);
  const intervals: Interval[] = [];
  while (world.clock.nowMicros() - start.atMicros < phases.measure) intervals.push(nextInterval(world, phases.bin));
  const window = new Window(start, snapshot(world, latencies));
  return [
    offeredGuard(window),
    sendDelayGuard(window, []),
    steadinessGuard(settle),
    backlogGuard(intervals, intended, window),
    halvesGuard(intervals, intended),
    littleGuard(window),
  ];
}

function nextInterval(world: World, micros: number): Interval {
  const before = world.driver('messagesAcknowledged');
  const startMicros = world.clock.nowMicros();
  world.runFor(micros);
  const seconds = (world.clock.nowMicros() - startMicros) / 1e6;
  return madeInterval({
    atSeconds: world.clock.nowMicros() / 1e6,
    seconds,
    held: world.driver('held'),
    messagesPerSecond: (world.driver('messagesAcknowledged') - before) / seconds,
    backlogMessages: world.driver('messagesBacklog'),
  });
}

function snapshot(world: World, latencies: LatencyHistograms): Snapshot {
  return {
    atMicros: world.clock.nowMicros(),
    driver: Object.fromEntries(DRIVER_COUNTERS.map((name) => [name, world.driver(name)])),
    switch: {},
    latencies: eachLatency((name) => latencies[name].copy()),
    platformLatencies: [],
    cpu: new Map(),
    processCpu: { switchMicros: null, driverMicros: null, sharedMicros: null },
    controllerMicros: 0,
    machine: { totalTicks: 0, idleTicks: 0, stealTicks: 0, throttledPeriods: 0, swappedPages: 0 },
  };
}
