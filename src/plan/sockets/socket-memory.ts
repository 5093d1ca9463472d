/**
 * Memory of a run over sockets on this machine: the kernel's for each end, that of the processes of each side, and the
 * reserve. Figures with a source were measured.
 */

import { RESERVE_BYTES } from '../../base/reserve-bytes.ts';
import { IN_FLIGHT_PLACE_BYTES } from '../../driver/tables/in-flight-table.ts';
import { PAIR_TURNS_BYTES } from '../../driver/tables/pair-turns.ts';
import { PHONE_BYTES } from '../../driver/tables/phone-table.ts';
import { recentPairsBytes, recentPairsPlaces } from '../../driver/tables/recent-pairs.ts';
import { storedMailBytes, storedMailPlaces } from '../../driver/tables/stored-mail.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { BLOCK_BYTES } from '../../store/mailbox-blocks.ts';
import { ACCOUNT_BYTES } from '../../switch/tables/account-table.ts';
import { SESSION_BYTES } from '../../switch/tables/session-table.ts';
import { BUCKET_BYTES, connectionBuckets } from '../../transport/tun/device/connection-buckets.ts';
import { KERNEL_PAIR_BYTES } from '../../verdict/measurable-slope.ts';
import { groupBytes } from '../sizes/planned-groups.ts';
import { histogramBytes, latenciesPerLane } from '../sizes/run-shape.ts';
import { watchBytes } from '../sizes/watches-per-shard.ts';
import { openConnections, type SocketDemand } from './socket-demand.ts';
import { kernelEnds, type SocketShape } from './socket-shape.ts';

/** The same for one end, if the other is elsewhere or outside the kernel. */
const KERNEL_END_BYTES = 4200;
/**
 * The same without an open file: 3,905 and 3,917 B were seen at 100,000 and 300,000 connections over tun, nodes of
 * io_uring included.
 */
const KERNEL_END_IN_RING_BYTES = 3920;
/** Slots for the packets of a lane, and what its TCP keeps for each message in flight at both of its phones. */
const LANE_PACKET_BYTES = 4.3e6;
const ACTIVITY_BYTES = 128;
/** An entry in a table of io_uring per end: a pointer and a node of 32 bytes (struct io_rsrc_node). */
const RING_PLACE_BYTES = 40;
/** What the transport of a shard stores per session besides its own rows. */
const PEER_BYTES = 4;
/** A worker thread: 9.8 to 10.4 MB of RSS, measured with 40 threads per side; see crowd-settings.ts. */
const THREAD_BYTES = 10.4e6;
const PROCESS_BYTES = 64 * 2 ** 20;
/** The controller's own process. */
const CONTROLLERS = 1;

export interface MemoryShare {
  readonly what: string;
  readonly bytes: number;
  /** Whether it grows with the number of phones. */
  readonly isPerPhone: boolean;
}

/** The parts of the memory. The reserve is one of them: the sum must be free before the run starts. */
export function socketMemory(demand: SocketDemand, shape: SocketShape): MemoryShare[] {
  const hasSwitch = shape.sides !== 'driver';
  const hasDriver = shape.sides !== 'switch';
  const ends = Number(hasSwitch) + Number(hasDriver);
  const threads = (hasSwitch ? shape.shards : 0) + (hasDriver ? shape.lanes : 0);
  const connections = openConnections(demand);
  const transport = TRANSPORTS[demand.transport];
  const userBytes = shape.hasPrivateTables ? transport.userBytes : transport.sharedUserBytes;
  const inKernel = kernelEnds(demand, shape.sides);
  const endBytes = shape.ringPlaces === null ? KERNEL_END_BYTES : KERNEL_END_IN_RING_BYTES;
  const placeBytes = shape.ringPlaces === null ? 0 : inKernel * RING_PLACE_BYTES;
  const kernelBytes = (inKernel === 2 ? KERNEL_PAIR_BYTES : inKernel * endBytes) + placeBytes;
  const perPhone = (what: string, bytes: number) => ({ what, bytes, isPerPhone: true });
  const shared = (what: string, bytes: number) => ({ what, bytes, isPerPhone: false });
  return [
    perPhone(inKernel === 2 ? 'kernel, both ends' : 'kernel, one end', connections * kernelBytes),
    ...(hasSwitch
      ? [
          perPhone('connections of the switch', connections * (userBytes + SESSION_BYTES + PEER_BYTES)),
          perPhone('accounts', demand.phones * ACCOUNT_BYTES),
          { what: 'watches', bytes: watchesOf(demand, shape), isPerPhone: demand.presence.watch > 0 },
          shared('mailbox blocks', demand.mailboxBlocks * BLOCK_BYTES),
          shared('inboxes of shards', shape.shards * powerOfTwoAtLeast(demand.inboxBytes)),
        ]
      : []),
    ...(hasDriver
      ? [
          perPhone('phones of the driver', connections * userBytes + demand.phones * (PHONE_BYTES + PAIR_TURNS_BYTES)),
          shared('messages in flight', 2 * demand.messagesInFlight * IN_FLIGHT_PLACE_BYTES),
          shared('wheels of session ends', shape.lanes * demand.sessionWheelsBytes),
          shared('mail that waits', shape.lanes * storedMailBytes(storedMailPlaces(demand.phones / shape.lanes))),
          shared('recent pairs', shape.lanes * recentPairsBytes(recentPairsPlaces(demand.phones / shape.lanes))),
          shared(
            'histograms',
            shape.lanes * latenciesPerLane(demand.platforms) * histogramBytes(demand.latencyRangeBits),
          ),
        ]
      : []),
    ...(shape.hasPrivateTables
      ? [shared('buffers of threads', threads * (demand.sockets.outputPool + demand.sockets.receive))]
      : []),
    ...(transport.hasOwnNetwork
      ? [
          shared('table of connections', connectionBuckets(connections) * BUCKET_BYTES),
          shared(
            'packets and TCP of phones',
            shape.lanes * LANE_PACKET_BYTES + 2 * demand.messagesInFlight * ACTIVITY_BYTES,
          ),
        ]
      : []),
    shared('groups', groupBytes(demand.groups, hasSwitch ? shape.shards : 0, hasDriver ? shape.lanes : 0)),
    shared('threads', threads * THREAD_BYTES),
    shared('processes', (CONTROLLERS + ends) * PROCESS_BYTES),
    shared('reserve, kept free', RESERVE_BYTES),
  ];
}

/** Their sum. */
export function totalBytes(memory: readonly MemoryShare[]): number {
  return memory.reduce((sum, entry) => sum + entry.bytes, 0);
}

/** Memory of what phones watch. */
function watchesOf({ phones, presence, watches }: SocketDemand, shape: SocketShape): number {
  const { connectionsPerShardMax: sessionsPerShard } = shape;
  return watchBytes({ settings: { presence, switch: { presence: watches } }, sessionsPerShard, shape }, phones);
}

function powerOfTwoAtLeast(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
