/**
 * The process of one step of a series. Each run has its own process, so that no memory or compiled code remains from
 * the step before. A run with a network of its own enters it here, before it starts a process or a thread: all that are
 * started afterwards are in it, and the command that reports the run is not.
 */
import { TrunklineError } from '../../base/errors.ts';
import { hasNetwork } from '../../scenario/terms/has-network.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { loadSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { enterRunNamespace } from '../../transport/tun/device/run-namespace.ts';
import { PauseRequests } from './control/pause-requests.ts';
import { executeRun } from './execute-run.ts';
import type { RunOrder } from './order/run-order.ts';
import { type ProfileOrder, RunProfiles } from './run-profiles.ts';
import type { StepCommand, StepMessage } from './step-messages.ts';

const interruption = new AbortController();
const pauses = new PauseRequests();

function say(message: StepMessage): void {
  if (process.connected) process.send?.(message, () => {}); // if the series has ended, nobody needs the answer
}

/** Sends the last message and ends the process. */
function answer(message: StepMessage): void {
  process.send?.(message, () => process.disconnect());
}

async function run(order: RunOrder, profile: ProfileOrder | null): Promise<void> {
  const listener = {
    phase: (name, detail) => say({ kind: 'phase', name, detail }),
    interval: (interval) => say({ kind: 'interval', interval }),
    event: (event) => say({ kind: 'event', event }),
    reading: (reading) => say({ kind: 'reading', reading }),
    calibrated: (messagesPerSecond) => say({ kind: 'calibrated', messagesPerSecond }),
  } satisfies Parameters<typeof executeRun>[1];
  try {
    const { settings, online } = order.plan;
    if (TRANSPORTS[settings.transport].hasOwnNetwork)
      enterRunNamespace(loadSystemCalls(), online, hasNetwork(settings.network));
    const profiles = profile === null ? null : new RunProfiles(profile);
    const result = await executeRun(order, listener, interruption.signal, pauses, profiles);
    answer({ kind: 'result', result, areProfilesKept: profiles?.areKept === true });
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    answer({ kind: 'refusal', code: error.code, message: error.message });
  }
}

process.on('message', (command: StepCommand) => {
  if (command.kind === 'interrupt') interruption.abort();
  else if (command.kind === 'pause') pauses.request();
  else void run(command.order, command.profile);
});
// The series has ended, normally or not, so this process ends too, with the sides that it started. It exits instead of
// bringing its run to an end: if the series was killed, nobody waits for the result, and nobody is left who would kill
// a process whose run takes long to end. After a normal end there is nothing to close.
process.on('disconnect', () => process.exit());
// A terminal interrupts the whole process group; the series decides what happens.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
