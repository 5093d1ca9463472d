/** What this machine allows a run, the try of io_uring included. */
import { type MachineLimits, machineLimits } from '../../measure/machine-limits.ts';
import { hasSocketRings } from '../../transport/tcp/socket-ring.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../transport/tcp/system-calls.ts';

export function thisMachine(): MachineLimits {
  return machineLimits(undefined, whyNoSystemCalls() === null && hasSocketRings(loadSystemCalls()));
}
