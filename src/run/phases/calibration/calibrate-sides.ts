/** Measures the driver alone: the same lanes, phones and transport, with a switch that only answers. */
import { TrunklineError } from '../../../base/errors.ts';
import { ledgerUsedBytes } from '../../../base/ledger-entry.ts';
import { allocatableBytes } from '../../../measure/process-memory.ts';
import type { CalibrationOutcome } from '../../../verdict/record/calibration-outcome.ts';
import { memoryLine } from '../../../verdict/record/memory-levels.ts';
import { Window } from '../../../verdict/record/window.ts';
import type { RunSides } from '../../sides/run-sides.ts';
import { RunControl } from '../control/run-control.ts';
import { startTraffic } from '../traffic/measure-traffic.ts';
import { ramp } from '../traffic/ramp.ts';
import { takeSnapshot } from '../traffic/take-snapshot.ts';

/** Time for the load to reach its limit. */
const WARM_UP_MILLIS = 500;
/** The calibration fails if no message is answered within this multiple of its duration. */
const SILENT_TIMES_MAX = 10;

/**
 * Calibrates the driver of these sides, then stops them.
 * @param sides created for calibration: their shards only echo, and the load is the maximum that lanes can produce.
 * @throws CALIBRATION_FAILED if phones cannot log in or nothing is answered; RunEnded if it is interrupted.
 */
export async function calibrateSides(sides: RunSides, interrupted: AbortSignal): Promise<CalibrationOutcome> {
  const { plan } = sides;
  const control = new RunControl(interrupted, sides.failure);
  try {
    await sides.start();
    const { readings, isComplete } = await ramp(sides, control, {
      onReading: () => {},
      memoryLeft: allocatableBytes,
      fault: () => null,
    });
    if (!isComplete) throw failed('the phones could not log in to a switch that accepts all logins');
    await startTraffic(sides);
    await control.wait(WARM_UP_MILLIS);
    const window = await measureAnswers(sides, control);
    const messages = window.driver('receipts');
    const cpuMicros = window.cpuMicros('lane-');
    const last = readings.at(-1);
    return {
      phones: plan.online,
      messagesPerSecond: messages / window.seconds,
      laneCpuMicrosPerMessage: cpuMicros === null || messages === 0 ? null : cpuMicros / messages,
      rss: memoryLine(readings, (reading) => reading.rssBytes, plan.settings.seed),
      switchBytesPerConnection: last === undefined ? 0 : ledgerUsedBytes(last.ledger, 'switch') / last.connections,
    };
  } finally {
    await sides.stop();
  }
}

/**
 * Measures for the duration of a calibration, and longer if nothing has been answered by then, because a machine that
 * stalls for so long has not shown the driver's capacity.
 * @throws CALIBRATION_FAILED if nothing is answered at all, because there is then no capacity to judge a load by.
 */
async function measureAnswers(sides: RunSides, control: RunControl): Promise<Window> {
  const { calibration } = sides.plan.settings.phases;
  const start = await takeSnapshot(sides);
  for (let n = 0; n < SILENT_TIMES_MAX; n++) {
    await control.wait(calibration / 1000);
    const window = new Window(start, await takeSnapshot(sides));
    if (window.driver('receipts') > 0) return window;
  }
  const seconds = (SILENT_TIMES_MAX * calibration) / 1e6;
  throw failed(`no message was answered in ${seconds} s by a switch that only answers`);
}

/** @param what the end of the sentence "The calibration of the driver failed: …" (`calibrate.ts`). */
function failed(what: string): TrunklineError {
  return new TrunklineError('CALIBRATION_FAILED', `${what}; --set phases.calibrate=false runs without it`);
}
