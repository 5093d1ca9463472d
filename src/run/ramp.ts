/**
 * The ramp: phones log in level by level, and at each level, when all is quiet, memory is read.
 */
import type { DriverCounterName } from '../driver/driver-counters.ts';
import { memoryLevels } from './memory-levels.ts';
import type { RunControl } from './run-control.ts';
import type { MemoryReading, RunThreads } from './run-threads.ts';

export interface RampOutcome {
  readonly readings: readonly MemoryReading[];
  /** Time during which phones arrived, without the pauses for reading memory. */
  readonly arrivingMicros: number;
  /** Whether every phone either logged in or gave up. */
  readonly isComplete: boolean;
}

const POLL_MILLIS = 5;
/** A ramp in which nothing happens for so long has ended. */
const STUCK_MICROS = 30e6;
/** Rest before memory is read, for frames on their way. */
const QUIET_MILLIS = 20;
/** The schedule starts a moment after the command, so that no lane is late from the start. */
const LEAD_MICROS = 2000;

const SETTLED: readonly DriverCounterName[] = ['held', 'loginsGivenUp'];

/** Runs the ramp; `onReading` is told of each level as it is reached. */
export async function ramp(
  threads: RunThreads,
  control: RunControl,
  onReading: (reading: MemoryReading) => void,
): Promise<RampOutcome> {
  const { plan } = threads;
  const readings: MemoryReading[] = [await threads.readMemory(0)];
  let arrivingMicros = 0;
  let before = 0;
  for (const level of memoryLevels(plan.online, plan.settings.phases.levels)) {
    const startMicros = threads.clock.nowMicros() + LEAD_MICROS;
    await threads.lanes({ kind: 'openLogins', phones: level, before, startMicros });
    const reached = await arrive(threads, control, level);
    arrivingMicros += threads.clock.nowMicros() - startMicros;
    if (!reached) return { readings: readings.slice(1), arrivingMicros, isComplete: false };
    await control.pause(QUIET_MILLIS);
    const reading = await threads.readMemory(threads.driver('held'));
    readings.push(reading);
    onReading(reading);
    before = level;
  }
  return { readings: readings.slice(1), arrivingMicros, isComplete: true };
}

/** Waits until so many phones are online or have given up. */
async function arrive(threads: RunThreads, control: RunControl, level: number): Promise<boolean> {
  let settled = -1;
  let changedMicros = threads.clock.nowMicros();
  for (;;) {
    const now = SETTLED.reduce((sum, name) => sum + threads.driver(name), 0);
    if (now >= level) return true;
    if (now !== settled) {
      settled = now;
      changedMicros = threads.clock.nowMicros();
    } else if (threads.clock.nowMicros() - changedMicros > STUCK_MICROS) {
      return false;
    }
    await control.pause(POLL_MILLIS);
  }
}
