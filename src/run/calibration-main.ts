/**
 * The process that calibrates the driver: the same lanes, rings and phones, and a switch that
 * only answers. A process of its own, so that its memory is its own as well.
 */
import { ledgerBytesUsed } from '../base/ledger.ts';
import type { CalibrationAnswer, CalibrationOrder, CalibrationOutcome } from './calibration-messages.ts';
import { memorySlope } from './memory-levels.ts';
import { ramp } from './ramp.ts';
import { RunControl } from './run-control.ts';
import { RunThreads } from './run-threads.ts';
import { startTraffic } from './traffic.ts';
import { takeSnapshot, Window } from './window.ts';

/** Time for the load to reach its limit. */
const WARM_UP_MILLIS = 500;

async function calibrate({ plan }: CalibrationOrder, interrupted: AbortSignal): Promise<CalibrationOutcome> {
  const threads = new RunThreads(plan, true);
  const control = new RunControl(interrupted, threads.failure);
  try {
    await threads.start();
    const { readings, isComplete } = await ramp(threads, control, () => {});
    if (!isComplete) throw new Error('the phones could not log in to a switch that accepts everyone');
    await startTraffic(threads);
    await control.pause(WARM_UP_MILLIS);
    const start = takeSnapshot(threads);
    await control.pause(plan.settings.phases.calibration / 1000);
    const window = new Window(start, takeSnapshot(threads));
    const messages = window.driver('receipts');
    const cpuMicros = window.cpuMicros('lane-');
    const last = readings.at(-1);
    return {
      phones: plan.online,
      messagesPerSecond: messages / window.seconds,
      laneCpuMicrosPerMessage: cpuMicros === null || messages === 0 ? null : cpuMicros / messages,
      rss: memorySlope(readings, (reading) => reading.rssBytes, plan.settings.seed),
      switchBytesPerConnection: last === undefined ? 0 : ledgerBytesUsed(last.ledger, 'switch') / last.connections,
    };
  } finally {
    await threads.stop();
  }
}

function answer(message: CalibrationAnswer): void {
  process.send?.(message, () => process.disconnect());
}

const interruption = new AbortController();
process.on('disconnect', () => interruption.abort()); // the run has ended: so does this
process.on('SIGINT', () => {}); // the terminal interrupts everyone; the run says what happens
process.once('message', (order: CalibrationOrder) => {
  calibrate(order, interruption.signal).then(
    (outcome) => answer({ outcome }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
});
