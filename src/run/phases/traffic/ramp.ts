/**
 * The ramp: phones log in level by level, and at each level memory is read once no frames are in flight.
 */

import { formatMicros } from '../../../base/units.ts';
import { memoryLevels } from '../../../verdict/record/memory-levels.ts';
import type { MemoryReading } from '../../../verdict/record/memory-reading.ts';
import type { RampOutcome } from '../../../verdict/record/ramp-outcome.ts';
import type { RunSides } from '../../sides/run-sides.ts';
import type { RunControl } from '../control/run-control.ts';
import { RampProgress, stuckMicros } from './ramp-progress.ts';

const POLL_MILLIS = 5;
/** Readings that differ by less than this share count as equal, and the maximum of readings. */
const RESTED_SHARE = 0.005;
const RESTED_READINGS_MAX = 8;
/** Pause before memory is read, for frames that are still on their way. */
const QUIET_MILLIS = 20;
/** The schedule starts a moment after the command, so that no lane is late from the start. */
const LEAD_MICROS = 2000;

export interface RampWatch {
  /** Called for each level when it is reached. */
  onReading(reading: MemoryReading): void;
  /**
   * Memory that the machine can still allocate, less the reserve. The ramp stops at 0, because sockets that are open
   * cannot be protected from the out-of-memory killer.
   */
  memoryLeft(): number | null;
  /** Why no phone can log in to a switch elsewhere; null as long as logins may succeed. */
  fault(): string | null;
}

/** Runs the ramp. */
export async function ramp(sides: RunSides, control: RunControl, watch: RampWatch): Promise<RampOutcome> {
  const { plan } = sides;
  const readings: MemoryReading[] = [await readRested(sides)];
  let arrivingMicros = 0;
  let before = 0;
  for (const level of memoryLevels(plan.online, plan.settings.phases.levels)) {
    const startMicros = sides.clock.nowMicros() + LEAD_MICROS;
    const pausedBefore = control.pausedMicros;
    await sides.lanes({ kind: 'openLogins', phones: level, before, startMicros });
    let end = await arrive(sides, control, level, watch);
    arrivingMicros += sides.clock.nowMicros() - startMicros - (control.pausedMicros - pausedBefore);
    if (end === 'reached') end = await sayWatches(sides, control, watch);
    if (end !== 'reached' && end.why === 'reserve') await sides.lanes({ kind: 'stopLogins' });
    if (end !== 'reached') {
      return {
        readings: readings.slice(1),
        arrivingMicros,
        isComplete: false,
        stopped: end,
      };
    }
    await control.wait(QUIET_MILLIS);
    const reading = await sides.readMemory(sides.driver('held'));
    readings.push(reading);
    watch.onReading(reading);
    before = level;
  }
  return { readings: readings.slice(1), arrivingMicros, isComplete: true, stopped: null };
}

/**
 * Memory before the first phone, after threads have freed the garbage of their start. That takes several collections,
 * and without waiting for them memory per connection would appear too small.
 */
async function readRested(sides: RunSides): Promise<MemoryReading> {
  let last = await sides.readMemory(0);
  for (let n = 1; n < RESTED_READINGS_MAX; n++) {
    const next = await sides.readMemory(0);
    const isRested = Math.abs(next.rssBytes - last.rssBytes) < RESTED_SHARE * last.rssBytes;
    last = next;
    if (isRested) break;
  }
  return last;
}

type Stopped = NonNullable<RampOutcome['stopped']>;

const RESERVE = "the machine's memory had come down to the reserve that is kept free";

/**
 * Waits until the phones that are online have said what they watch: without their watches they would take less memory,
 * and traffic would begin with watches to make up for.
 */
async function sayWatches(sides: RunSides, control: RunControl, watch: RampWatch): Promise<'reached' | Stopped> {
  const watchesMax = sides.driver('watchesSent') + 2 * sides.plan.online * sides.plan.settings.presence.watch;
  const stuckAfterMicros = stuckMicros(sides.plan.settings.login);
  const progress = new RampProgress(stuckAfterMicros);
  while (sides.driver('lanesWatching') > 0) {
    const said = sides.driver('watchesSent');
    if (said > watchesMax) break; // phones that connect again say it again
    if ((watch.memoryLeft() ?? Number.POSITIVE_INFINITY) <= 0) return { why: 'reserve', sentence: RESERVE };
    if (progress.note(said, 0, sides.clock.nowMicros() - control.pausedMicros) !== null) {
      const sentence = `phones that are online could not say what they watch for ${formatMicros(stuckAfterMicros)}`;
      return { why: 'stuck', sentence };
    }
    await control.wait(POLL_MILLIS);
  }
  return 'reached';
}

/** Waits until a number of phones are online or have given up, or until there is a reason to stop. */
async function arrive(
  sides: RunSides,
  control: RunControl,
  level: number,
  watch: RampWatch,
): Promise<'reached' | Stopped> {
  const progress = new RampProgress(stuckMicros(sides.plan.settings.login));
  for (;;) {
    const held = sides.driver('held');
    const givenUp = sides.driver('loginsGivenUp');
    const fault = watch.fault(); // before `reached`: phones that were all refused have all given up
    if (fault !== null) return { why: 'target', sentence: fault };
    if (held + givenUp >= level) return 'reached';
    if ((watch.memoryLeft() ?? Number.POSITIVE_INFINITY) <= 0) return { why: 'reserve', sentence: RESERVE };
    const stuck = progress.note(held, givenUp, sides.clock.nowMicros() - control.pausedMicros);
    if (stuck !== null) return { why: 'stuck', sentence: stuck };
    await control.wait(POLL_MILLIS);
  }
}
