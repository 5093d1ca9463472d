/** The process that calibrates the driver over memory. It is separate so that its memory is measured separately. */
import { causeOf } from '../../../base/cause-of.ts';
import { currentEpochNanos } from '../../../measure/monotonic-clock.ts';
import { RunThreads } from '../../sides/run-threads.ts';
import { calibrateSides } from './calibrate-sides.ts';
import type { CalibrationAnswer, CalibrationOrder } from './calibration-messages.ts';

function answer(message: CalibrationAnswer): void {
  process.send?.(message, () => process.disconnect());
}

const interruption = new AbortController();
process.on('disconnect', () => interruption.abort()); // the run has ended
process.on('SIGINT', () => {}); // a terminal interrupts the whole process group; the run decides what happens
process.once('message', ({ plan }: CalibrationOrder) => {
  const settings = { side: 'both', isCalibration: true, epochNanos: currentEpochNanos() } as const;
  calibrateSides(new RunThreads(plan, settings), interruption.signal).then(
    (outcome) => answer({ outcome }),
    (error: unknown) => answer({ error: causeOf(error) }),
  );
});
