/** The limits of this machine. Whether io_uring works is found out by trying it. */
import { type MachineLimits, machineLimits } from '../../measure/machine-limits.ts';
import { hasSocketRings } from '../../transport/tcp/sockets/socket-ring.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';

export function thisMachine(): MachineLimits {
  return machineLimits(undefined, whyNoSystemCalls() === null && hasSocketRings(loadSystemCalls()));
}
