/**
 * A shard and a lane in turn on the main thread of this process, over memory and in real time, for tools that see no
 * other thread. Between two blocks of turns Node's event loop runs, which such tools watch. The argument is a file with
 * the plan, as `v8.serialize` writes it.
 */
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { DriverCounter, type DriverCounterName } from '../../driver/terms/driver-counters.ts';
import { currentEpochNanos, epochTag } from '../../measure/monotonic-clock.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { loadEnds } from '../worker/ends/thread-ends.ts';
import { makeLane } from '../worker/make-lane.ts';
import { makeShard } from '../worker/make-shard.ts';
import { RunMemory } from '../worker/memory/run-memory.ts';

/** Turns between two looks of Node at its event loop. */
const TURNS = 64;
/** Longest time that phones get to log in. */
const RAMP_MICROS_MAX = 60e6;

const plan = deserialize(readFileSync(process.argv[2] ?? '')) as RunPlan; // only the command writes it
const epochNanos = currentEpochNanos();
const memory = RunMemory.allocate(plan.shape, null);
const ends = await loadEnds(plan.settings.transport);
const clock = ends.makeClock(epochNanos);
const place = { plan, memory, clock, index: 0, inheritedDescriptors: [], isCalibration: false };
const shard = makeShard(plan, memory, 0, clock, ends.makeSwitchEnd(place));
const lane = makeLane(place, ends.makePhoneEnd(place), { runTag: epochTag(epochNanos), isCalibration: false });

function driver(name: DriverCounterName): number {
  return memory.laneCounters(0)[DriverCounter[name]] ?? 0;
}

/** Works until the condition holds, for at most that long. */
function workUntil(isDone: () => boolean, micros: number): Promise<void> {
  const until = clock.nowMicros() + micros;
  return new Promise((resolve) => {
    const work = (): void => {
      for (let n = 0; n < TURNS; n++) {
        lane.doWork();
        shard.doWork();
      }
      if (isDone() || clock.nowMicros() >= until) resolve();
      else setImmediate(work);
    };
    work();
  });
}

lane.command({ kind: 'openLogins', phones: plan.online, before: 0, startMicros: clock.nowMicros() });
await workUntil(() => driver('held') + driver('loginsGivenUp') >= plan.online, RAMP_MICROS_MAX);
lane.command({ kind: 'startTraffic', startMicros: clock.nowMicros() });
await workUntil(() => false, plan.settings.phases.measure);
lane.command({ kind: 'stopTraffic' });
await workUntil(() => driver('messagesUnanswered') === 0, plan.settings.phases.drain);
// Printed here, since the process has no other way to its user: clinic starts it, and passes on only what it prints. Without
// this line nobody sees whether the load that was profiled was one.
process.stderr.write(`one thread: ${driver('held')} phones held, ${driver('messagesDelivered')} messages delivered\n`);
