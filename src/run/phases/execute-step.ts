/** Runs a step of a series in a separate process, and waits for its result and its end. */
import { type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../../base/errors.ts';
import { processEnd } from '../../base/process-end.ts';
import type { Result } from '../../result/result-schema.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { PauseRequests } from './control/pause-requests.ts';
import { executeRun } from './execute-run.ts';
import type { RunOrder } from './order/run-order.ts';
import type { RunListener } from './run-listener.ts';
import type { RunProfiles } from './run-profiles.ts';
import type { StepCommand, StepMessage } from './step-messages.ts';

const ENTRY = fileURLToPath(new URL('./step-main.js', import.meta.url));
/** Time within which the process must end after its result. */
const LEAVE_MILLIS = 10_000;

/**
 * Executes a run in this process, or in one of its own if the run has a network of its own, which this process must not
 * enter: its streams go to others.
 * @throws what executeRun and executeStep throw.
 */
export function executeOrder(
  order: RunOrder,
  listener: RunListener,
  interrupted: AbortSignal,
  pauses: PauseRequests,
  profiles: RunProfiles | null = null,
): Promise<Result> {
  const { hasOwnNetwork } = TRANSPORTS[order.plan.settings.transport];
  return (hasOwnNetwork ? executeStep : executeRun)(order, listener, interrupted, pauses, profiles);
}

/**
 * Executes a run in a process of its own.
 *
 * @param interrupted aborts to bring the run to an early end, with a partial result.
 * @param pauses requests to pause the load; a run with a pause is not valid.
 * @param profiles what to profile; null for a run that is not profiled.
 * @throws TrunklineError if the run could not start at all; STEP_FAILED if its process ended without an answer.
 */
export async function executeStep(
  order: RunOrder,
  listener: RunListener,
  interrupted: AbortSignal,
  pauses = new PauseRequests(),
  profiles: RunProfiles | null = null,
): Promise<Result> {
  const child = fork(ENTRY, { serialization: 'advanced', ...launchOf(order) });
  const send = (command: StepCommand): void => {
    if (child.connected) child.send(command);
  };
  const interrupt = (): void => send({ kind: 'interrupt' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const answered = new Promise<Result>((resolve, reject) => {
      const failed = (what: string): void =>
        reject(new TrunklineError('STEP_FAILED', `The process of the step ${order.step?.name ?? order.id} ${what}.`));
      child.on('message', (said) => {
        const message = said as StepMessage; // it sends no other messages
        if (message.kind === 'phase') listener.phase(message.name, message.detail);
        else if (message.kind === 'interval') listener.interval(message.interval);
        else if (message.kind === 'event') listener.event(message.event);
        else if (message.kind === 'reading') listener.reading(message.reading);
        else if (message.kind === 'calibrated') listener.calibrated(message.messagesPerSecond);
        else if (message.kind === 'result') {
          profiles?.endedInStep(message.result.profile, message.areProfilesKept);
          resolve(message.result);
        } else reject(new TrunklineError(message.code, message.message));
      });
      child.once('error', (error) => failed(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => failed(`ended without a result ${processEnd(code, signal)}`));
    });
    send({ kind: 'run', order, profile: profiles?.order ?? null });
    pauses.sendTo(() => send({ kind: 'pause' }));
    if (interrupted.aborted) interrupt();
    interrupted.addEventListener('abort', interrupt, { once: true });
    return await answered;
  } finally {
    pauses.sendTo(null);
    interrupted.removeEventListener('abort', interrupt);
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const kill = setTimeout(() => child.kill('SIGKILL'), LEAVE_MILLIS);
      await exited;
      clearTimeout(kill);
    }
  }
}

/**
 * How the process is started. Only root may make a network namespace, so for other users `unshare` makes a user
 * namespace in which they are root, and then becomes Node: a process with threads, as Node is, cannot enter one itself.
 */
function launchOf({ plan }: RunOrder): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  if (!TRANSPORTS[plan.settings.transport].hasOwnNetwork || process.getuid?.() === 0) return {};
  return { execPath: 'unshare', execArgv: ['-Ur', process.execPath, ...process.execArgv] };
}
