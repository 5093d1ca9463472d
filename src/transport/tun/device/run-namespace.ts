/**
 * The network namespace of a run: a network that belongs to the process that makes it and to the processes and threads
 * that this one starts afterwards. It ends with the last of them, with its devices and settings; the machine's are not
 * touched.
 *
 * There are two, one inside the other: the table of connections that a new namespace gets is a setting of the namespace
 * that makes it (`tcp_child_ehash_entries`), and the machine's own table slows opening to a half by a million
 * connections.
 */
import { readlinkSync, writeFileSync } from 'node:fs';
import { ErrorNumber, errorName } from '../../tcp/system/error-number.ts';
import { Linux, type SystemCalls } from '../../tcp/system/system-calls.ts';
import { connectionBuckets } from './connection-buckets.ts';
import { SWITCH_ADDRESS } from './device-addresses.ts';
import { addressRequest, deviceRequest, linkUpRequest } from './netlink-messages.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { tunUnavailable } from './tun-unavailable.ts';

/** Names the namespace of the run, for its processes and threads. */
const NAMESPACE_VARIABLE = 'TRUNKLINE_NETWORK';
const SETTINGS = '/proc/sys/net/';
/** Both sides open connections as fast as they can: queues of the listeners are as long as the kernel allows. */
const BACKLOG_MAX = 65_535;
/**
 * How often the kernel sends the end of a connection again that no process has any more. With its usual eight,
 * connections of killed processes keep the namespace alive for minutes. Three take 3 s if the first is after 200 ms,
 * and one if it is after 1 s.
 */
const ORPHAN_RETRIES = 1;
const ORPHAN_RETRIES_WITH_LOSS = 3;
/**
 * How long the kernel waits at least before it sends a segment again: RFC 6298, 2.4 asks for 1 s, and Linux waits
 * 200 ms. Phones acknowledge when their thread runs. On a busy machine that is later than 200 ms for thousands of them
 * at once, and what is then sent again makes their threads later still. A server waits 200 ms, so this is only for
 * phones whose packets are not lost.
 */
const RETRANSMISSION_MICROS_MIN = 1_000_000;

/**
 * Moves this thread into a new network namespace, in which the switch has its address.
 * @param connections that the switch will hold. @param losesPackets whether packets of phones are lost on purpose.
 * @throws TRANSPORT_UNAVAILABLE
 */
export function enterRunNamespace(calls: SystemCalls, connections: number, losesPackets: boolean): void {
  unshareNetwork(calls);
  set('ipv4/tcp_child_ehash_entries', connectionBuckets(connections));
  unshareNetwork(calls);
  set('core/somaxconn', BACKLOG_MAX);
  set('ipv4/tcp_max_syn_backlog', BACKLOG_MAX);
  set('ipv4/tcp_orphan_retries', losesPackets ? ORPHAN_RETRIES_WITH_LOSS : ORPHAN_RETRIES);
  if (!losesPackets) set('ipv4/tcp_rto_min_us', RETRANSMISSION_MICROS_MIN);
  set('ipv6/conf/default/disable_ipv6', 1); // a device with IPv6 sends packets of its own
  set('ipv6/conf/lo/disable_ipv6', 1);
  const netlink = new NetlinkSocket(calls);
  try {
    const index = netlink.ask('finding the loopback device', (n) => deviceRequest(n, 'lo')).deviceIndex ?? 1;
    netlink.ask('switching the loopback device on', (n) => linkUpRequest(n, index, null));
    netlink.ask('giving the switch its address', (n) => addressRequest(n, index, SWITCH_ADDRESS, 32));
  } finally {
    netlink.close();
  }
  process.env[NAMESPACE_VARIABLE] = namespaceName(); // processes that are started from here inherit both
}

/**
 * Checks that this thread is in the network of a run before it makes a device.
 * @throws TRANSPORT_UNAVAILABLE in the network of the machine.
 */
export function checkRunNamespace(): void {
  if (process.env[NAMESPACE_VARIABLE] === namespaceName()) return;
  throw tunUnavailable('this process is not in a network of a run, and makes no device in that of the machine');
}

/** The network namespace of this thread, as the kernel names it: `net:[4026532000]`. */
function namespaceName(): string {
  return readlinkSync('/proc/thread-self/ns/net');
}

function unshareNetwork(calls: SystemCalls): void {
  if (calls.unshare(Linux.CLONE_NEWNET) === 0) return;
  const errno = calls.errno();
  const remedy =
    errno === ErrorNumber.EPERM
      ? 'It needs root (CAP_SYS_ADMIN), or user namespaces: sysctl -w kernel.unprivileged_userns_clone=1, and in a container --privileged or --cap-add SYS_ADMIN.'
      : 'A namespace may be forbidden (sysctl user.max_net_namespaces), or memory may have run out.';
  throw tunUnavailable(`a network namespace cannot be made: ${errorName(errno)}`, remedy);
}

/**
 * Changes a setting of this thread's namespace. Kernels without it, or without the right to it, keep their own value.
 */
function set(name: string, value: number): void {
  try {
    writeFileSync(`${SETTINGS}${name}`, `${value}`);
  } catch {
    // each of them only makes a large run faster, or its end
  }
}
