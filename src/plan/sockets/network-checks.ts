/**
 * Checks of what a run needs for a network of its own: a device for the packets of phones, a namespace, and io_uring.
 */
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { DEFAULT_SOCKET_TRANSPORT, type SocketTransportName, TRANSPORTS } from '../../scenario/terms/transports.ts';
import { checkLimit, type PlanCheck } from './plan-check.ts';

const DOCKER = 'docker run --device /dev/net/tun --cap-add NET_ADMIN --cap-add SYS_ADMIN …   # in a container';
const OTHERWISE = `--set transport=${DEFAULT_SOCKET_TRANSPORT}   # phones with sockets in the kernel need none of this`;

/** None for transports over the network of the machine. */
export function networkChecks(transport: SocketTransportName, limits: MachineLimits): PlanCheck[] {
  if (!TRANSPORTS[transport].hasOwnNetwork) return [];
  const check = (what: string, setBy: string, has: boolean, consequence: string, commands: string[]): PlanCheck =>
    checkLimit({
      what,
      setBy,
      needed: 1,
      allowed: has ? 1 : 0,
      consequence,
      otherwise: 'refuse',
      commands: () => [...commands, OTHERWISE],
    });
  return [
    check('system calls', 'koffi', limits.hasSystemCalls, 'packets cannot be written', [
      'npm install koffi   # on Linux',
    ]),
    check('device for packets', '/dev/net/tun', limits.hasTunDevice, 'the packets of phones have nowhere to go', [
      'modprobe tun && chmod 666 /dev/net/tun   # as root',
      DOCKER,
    ]),
    check(
      'network namespace',
      'the rights of this user',
      // It is tried only where there is a device.
      limits.hasNetworkNamespaces || !limits.hasTunDevice,
      'the run cannot have a network of its own',
      [
        'sysctl -w kernel.unprivileged_userns_clone=1   # as root; or run as root',
        'sysctl -w user.max_user_namespaces=10000 user.max_net_namespaces=10000   # as root, where they are 0',
        'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   # as root, on Ubuntu',
        DOCKER,
      ],
    ),
    check('io_uring', 'kernel.io_uring_disabled', limits.hasSocketRings, 'packets cannot be written in batches', [
      'sysctl -w kernel.io_uring_disabled=0   # as root; needs Linux 6.8, and in a container a seccomp profile that allows it',
    ]),
  ];
}
