/** What this machine allows a run, the try of io_uring included. */
import { type MachineLimits, machineLimits } from '../../measure/machine-limits.ts';
import { hasSocketRings } from '../../transport/tcp/sockets/socket-ring.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';

export function thisMachine(): MachineLimits {
  return machineLimits(undefined, whyNoSystemCalls() === null && hasSocketRings(loadSystemCalls()));
}
