/** The limits of this machine. Whether io_uring, devices and networks of its own work is found out by trying. */
import { type MachineLimits, machineLimits } from '../../../measure/machine-limits.ts';
import { hasSocketRings } from '../../../transport/tcp/sockets/socket-ring.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import { canMakeNetwork, canOpenTun } from '../../../transport/tun/device/tun-access.ts';

export function thisMachine(): MachineLimits {
  if (whyNoSystemCalls() !== null) return machineLimits();
  const calls = loadSystemCalls();
  const hasTunDevice = canOpenTun(calls);
  return machineLimits(undefined, {
    hasSocketRings: hasSocketRings(calls),
    hasTunDevice,
    // Trying takes a process, which is not worth it where there is no device for the network.
    hasNetworkNamespaces: hasTunDevice && canMakeNetwork(process.getuid?.() === 0),
  });
}
