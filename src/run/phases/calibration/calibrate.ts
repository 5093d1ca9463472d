/** Calibrates the driver in a separate process, and waits for the outcome. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { causeOf } from '../../../base/cause-of.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { processEnd } from '../../../base/process-end.ts';
import { type RunPlan, withFewerPhones } from '../../../plan/run-plan.ts';
import type { CalibrationOutcome } from '../../../verdict/record/calibration-outcome.ts';
import { ProcessSides } from '../../sides/process-sides.ts';
import { RunEnded } from '../control/run-control.ts';
import { calibrateSides } from './calibrate-sides.ts';
import type { CalibrationAnswer, CalibrationOrder } from './calibration-messages.ts';

const ENTRY = fileURLToPath(new URL('./calibration-main.js', import.meta.url));
/** Time allowed for starting, logging in and stopping, in addition to the calibration itself. */
const EXTRA_MILLIS = 60_000;

/**
 * Measures the capacity of this plan's driver alone.
 * @throws CALIBRATION_FAILED; RunEnded if the run is interrupted meanwhile.
 */
export async function calibrate(plan: RunPlan, interrupted: AbortSignal): Promise<CalibrationOutcome> {
  const smaller = withFewerPhones(plan, plan.settings.phases.calibrationPhones);
  return plan.sockets === null ? calibrateApart(smaller, interrupted) : calibrateHere(smaller, interrupted);
}

/** Over sockets no separate process is needed here, because each side has its own anyway. */
async function calibrateHere(plan: RunPlan, interrupted: AbortSignal): Promise<CalibrationOutcome> {
  try {
    return await calibrateSides(new ProcessSides(plan, { isCalibration: true, targets: null }), interrupted);
  } catch (error) {
    if (error instanceof RunEnded && error.why === 'interrupted') throw error;
    const cause = causeOf(error);
    throw new TrunklineError('CALIBRATION_FAILED', `The calibration of the driver failed: ${cause}`);
  }
}

async function calibrateApart(smaller: RunPlan, interrupted: AbortSignal): Promise<CalibrationOutcome> {
  const { calibration } = smaller.settings.phases;
  const limitMillis = calibration / 1000 + (smaller.online / smaller.settings.login.rate) * 1000 + EXTRA_MILLIS;
  const child = fork(ENTRY, { serialization: 'advanced' });
  let timer: NodeJS.Timeout | undefined;
  try {
    child.send({ plan: smaller } satisfies CalibrationOrder);
    const answered = new Promise<CalibrationAnswer>((resolve, reject) => {
      const failed = (what: string) =>
        new TrunklineError('CALIBRATION_FAILED', `The calibration of the driver ${what}.`);
      timer = setTimeout(() => reject(failed(`took longer than ${Math.round(limitMillis / 1000)} s`)), limitMillis);
      child.once('message', (message) => resolve(message as CalibrationAnswer)); // the only message that it sends
      child.once('error', (error) => reject(failed(`could not start: ${error.message}`)));
      child.once('exit', (code, signal) => reject(failed(`ended without an answer ${processEnd(code, signal)}`)));
      const interrupt = (): void => reject(new RunEnded('interrupted', 'The run was interrupted while it calibrated.'));
      if (interrupted.aborted) interrupt();
      interrupted.addEventListener('abort', interrupt, { once: true });
    });
    const answer = await answered;
    if ('error' in answer)
      throw new TrunklineError('CALIBRATION_FAILED', `The calibration of the driver failed: ${answer.error}.`);
    return answer.outcome;
  } finally {
    clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      if (child.connected) child.disconnect();
      const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(kill);
    }
  }
}
