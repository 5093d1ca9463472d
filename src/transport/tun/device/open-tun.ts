/**
 * Opens a TUN device in this thread's network namespace and switches it on. It is gone when its descriptor is closed,
 * for whatever reason.
 *
 * Numbers: <linux/if_tun.h>. A request is a struct ifreq: 0 name, 16 bytes · 16 flags u16.
 */
import { ErrorNumber, errorName } from '../../tcp/system/error-number.ts';
import { Linux, type SystemCalls } from '../../tcp/system/system-calls.ts';
import { BLOCK_PREFIX_BITS } from './device-addresses.ts';
import { addressRequest, deviceRequest, linkUpRequest, noQueueRequest } from './netlink-messages.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { tunUnavailable } from './tun-unavailable.ts';

export const TUN_FILE = '/dev/net/tun';
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const TUN_F_CSUM = 1;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const REQUEST_BYTES = 40;
const FLAGS_AT = 16;

export interface TunSettings {
  readonly name: string;
  /**
   * The kernel's own address on the device, its first octet in the highest byte. The rest of its network is beyond the
   * device.
   */
  readonly kernelAddress: number;
  /** Packets of the kernel that may wait to be read; it drops others, and counts them. */
  readonly queuePackets: number;
  /** Whether packets carry checksums. Without them, each has a header that says so (struct virtio_net_hdr). */
  readonly hasChecksums: boolean;
}

/**
 * @returns the descriptor of the device.
 * @throws TRANSPORT_UNAVAILABLE with what is missing.
 */
export function openTun(calls: SystemCalls, settings: TunSettings): number {
  const descriptor = calls.open(TUN_FILE, Linux.O_RDWR | Linux.O_NONBLOCK | Linux.O_CLOEXEC);
  if (descriptor < 0) throw unopened(calls.errno());
  try {
    attach(calls, descriptor, settings);
    const netlink = new NetlinkSocket(calls);
    try {
      switchOn(netlink, settings);
    } finally {
      netlink.close();
    }
  } catch (error) {
    calls.close(descriptor);
    throw error;
  }
  return descriptor;
}

function attach(calls: SystemCalls, descriptor: number, { name, hasChecksums }: TunSettings): void {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.write(name, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI | (hasChecksums ? 0 : IFF_VNET_HDR), FLAGS_AT);
  if (calls.control(descriptor, TUNSETIFF, request) < 0) {
    throw tunUnavailable(`the device ${name} cannot be made (TUNSETIFF): ${errorName(calls.errno())}`);
  }
  if (!hasChecksums && calls.controlNumber(descriptor, TUNSETOFFLOAD, TUN_F_CSUM) < 0) {
    throw tunUnavailable(`the device ${name} cannot leave out checksums (TUNSETOFFLOAD): ${errorName(calls.errno())}`);
  }
}

function switchOn(netlink: NetlinkSocket, { name, kernelAddress, queuePackets }: TunSettings): void {
  const index = netlink.ask(`finding the device ${name}`, (n) => deviceRequest(n, name)).deviceIndex ?? 0;
  netlink.ask(`giving ${name} its address`, (n) => addressRequest(n, index, kernelAddress, BLOCK_PREFIX_BITS));
  netlink.ask(`switching ${name} on`, (n) => linkUpRequest(n, index, queuePackets));
  netlink.ask(`taking the queue from ${name}`, (n) => noQueueRequest(n, index));
}

function unopened(errno: number) {
  const remedies: Readonly<Record<number, string>> = {
    [ErrorNumber.ENOENT]: `Load the module (modprobe tun); in a container give it the device (docker run --device ${TUN_FILE} --cap-add NET_ADMIN).`,
    [ErrorNumber.ENODEV]: 'Load the module (modprobe tun).',
    [ErrorNumber.EACCES]: `Give this user the right to it (chmod 666 ${TUN_FILE}, as root), or run as root.`,
    [ErrorNumber.EPERM]: `The container forbids it: docker run --device ${TUN_FILE} --cap-add NET_ADMIN.`,
  };
  return tunUnavailable(`${TUN_FILE} cannot be opened: ${errorName(errno)}`, remedies[errno]);
}
