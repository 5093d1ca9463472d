/**
 * The number of threads of a run over sockets, and what each of them holds.
 *
 * Over tcp under Linux every thread has its own table of descriptors, which starts as a copy of its process's table. A
 * thread can hold what the limit of open files leaves, and threads are added until they suffice. On other systems all
 * threads of a process share one table, and more threads do not help.
 */
import { TrunklineError } from '../../base/errors.ts';
import { formatCount } from '../../base/units.ts';
import { CELLS, Population } from '../../driver/terms/population.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { MOVES_MAX } from '../../transport/tcp/sockets/held-sockets.ts';
import { openConnections, type Sides, type SocketDemand } from './socket-demand.ts';

/** Descriptors of a process that are not connections: 20 were measured, in addition to its own listeners and files. */
const PROCESS_DESCRIPTORS = 64;
/** Connections of a table that are ending while others begin; each still has its descriptor. */
const ENDING_DESCRIPTORS = 128;
/**
 * What each thread adds to every table. If tables are private: its doorbell, since it closes all other descriptors of
 * other threads. If all threads share one table: the descriptors that Node opens per thread (Node 20: epoll, eventfd,
 * both ends of a pipe).
 */
const PRIVATE_THREAD_DESCRIPTORS = 1;
const SHARED_THREAD_DESCRIPTORS = 5;
/** Larger tables need larger contiguous pieces of kernel memory and save nothing. */
const RING_PLACES_MAX = 2 ** 15;
/**
 * Standard deviations of a shard's share on a shared port for which there is room: one run in several hundred needs
 * more.
 */
const HASH_DEVIATIONS = 4;

export type ListenMode = 'shared' | 'each';

export interface SocketShape {
  readonly sides: Sides;
  readonly shards: number;
  readonly lanes: number;
  /** Whether each thread has a table of descriptors of its own. */
  readonly hasPrivateTables: boolean;
  /** Sockets that a table of io_uring holds; null if sockets are held by descriptors. */
  readonly ringPlaces: number | null;
  readonly listen: ListenMode;
  /** The reason, as a sentence. */
  readonly listenReason: string;
  /** Connections open at the same time, including lingering ones. */
  readonly connections: number;
  readonly connectionsPerShardMax: number;
  readonly connectionsPerLaneMax: number;
  /** Size of a table: the thread's own, or the one that the whole side shares. */
  readonly shardTable: DescriptorTable;
  readonly laneTable: DescriptorTable;
}

export interface DescriptorTable {
  readonly needed: number;
  /** Null if the limit cannot be read. */
  readonly allowed: number | null;
}

/** Computes threads, ports and tables. */
export function shapeSockets(demand: SocketDemand, limits: MachineLimits, sides: Sides): SocketShape {
  const hasPrivateTables = TRANSPORTS[demand.transport].descriptorTables === 'private' && limits.hasSystemCalls;
  const ringPlaces = hasPrivateTables ? ringPlacesOf(demand, limits) : null;
  const limit = limits.openFilesHard ?? Number.POSITIVE_INFINITY;
  const room = ringPlaces === null ? limit : Number.POSITIVE_INFINITY;
  const dealt = (threadsMin: number, load: (threads: number) => number, isHere: boolean): number =>
    hasPrivateTables && isHere ? threadsFor(threadsMin, room, load) : threadsMin;

  const phonesHold = kernelEnds(demand, 'driver') > 0;
  const lanes = dealt(demand.lanes, (count) => laneLoad(demand, count), phonesHold && sides !== 'switch');
  const shards = dealt(demand.shards, (count) => loadMin(demand, count, hasPrivateTables), sides !== 'driver');

  const { listen, listenReason } = resolveListen(demand, hasPrivateTables, shards, room);
  const connections = openConnections(demand);
  const perShard = listen === 'shared' ? sharedLoad(demand, shards) : evenLoad(demand, shards);
  const perLane = laneLoad(demand, lanes);
  const tableEntries = (perThread: number): number => {
    if (ringPlaces !== null) return Math.ceil(perThread / ringPlaces) + MOVES_MAX;
    return hasPrivateTables ? perThread : connections;
  };
  const table = (threads: number, perThread: number): DescriptorTable => ({
    needed: tableEntries(perThread) + ownDescriptors(threads, hasPrivateTables),
    allowed: limits.openFilesHard,
  });
  return {
    sides,
    shards,
    lanes,
    hasPrivateTables,
    ringPlaces,
    listen,
    listenReason,
    connections,
    connectionsPerShardMax: perShard,
    connectionsPerLaneMax: perLane,
    shardTable: table(shards, perShard),
    laneTable: table(lanes, phonesHold ? perLane : 0),
  };
}

/** Ends of each connection that the kernel of this machine holds. Phones with a network of their own have none. */
export function kernelEnds({ transport }: SocketDemand, sides: Sides): number {
  const ofSwitch = sides === 'driver' ? 0 : 1;
  const ofPhone = sides === 'switch' || TRANSPORTS[transport].hasOwnNetwork ? 0 : 1;
  return ofSwitch + ofPhone;
}

/**
 * Entries in a table of io_uring: a power of two within the kernel's limit, which is that of open files.
 * @returns null if the scenario or the machine does not allow it.
 */
function ringPlacesOf(demand: SocketDemand, limits: MachineLimits): number | null {
  const { hold } = demand.sockets;
  if (hold === 'descriptors' || (hold === 'auto' && !limits.hasSocketRings)) return null;
  if (!limits.hasSocketRings) {
    throw new TrunklineError(
      'TRANSPORT_UNAVAILABLE',
      'sockets.hold is rings, and this machine has no io_uring for it: that needs Linux 6.8, kernel.io_uring_disabled=0, and in a container a seccomp profile that allows io_uring. Or leave sockets.hold at auto.',
    );
  }
  return 2 ** Math.floor(Math.log2(Math.min(RING_PLACES_MAX, limits.openFilesHard ?? RING_PLACES_MAX)));
}

/** Descriptors in every table of a process with this number of threads that are not connections. */
export function ownDescriptors(threads: number, hasPrivateTables: boolean): number {
  const each = hasPrivateTables ? PRIVATE_THREAD_DESCRIPTORS : SHARED_THREAD_DESCRIPTORS;
  return PROCESS_DESCRIPTORS + ENDING_DESCRIPTORS + each * threads;
}

/** Connections of the fullest lane: the first, which has the first cells. */
export function laneLoad(demand: SocketDemand, lanes: number): number {
  const population = new Population(demand.phones, demand.online, lanes);
  let phones = 0;
  for (let cell = 0; cell < population.cellsOf(0); cell++) {
    phones += population.offsetsBelow(demand.online, population.cell(0, cell));
  }
  return openConnections(demand, phones);
}

/**
 * Connections of the fullest shard if they are distributed by arithmetic: each group of phones has one phone per shard.
 */
export function evenLoad(demand: SocketDemand, shards: number): number {
  return openConnections(demand, Math.ceil(demand.online / shards));
}

/**
 * Connections for which a shard needs room if they are distributed by a hash: a binomial share, its mean plus
 * deviations.
 */
export function sharedLoad(demand: SocketDemand, shards: number): number {
  const mean = openConnections(demand) / shards;
  return Math.min(openConnections(demand), Math.ceil(mean + HASH_DEVIATIONS * Math.sqrt(mean)));
}

/** Minimum of connections for which a shard needs room: those of a hash only if the scenario requires it. */
export function loadMin(demand: SocketDemand, shards: number, hasPrivateTables: boolean): number {
  const isInsisted = hasPrivateTables && demand.placement === 'any' && demand.sockets.listen === 'shared';
  return isInsisted ? sharedLoad(demand, shards) : evenLoad(demand, shards);
}

/**
 * The smallest number of threads whose tables hold their share. Each further thread also takes some entries in every
 * table, so there may be no such number: then the one that comes closest.
 */
function threadsFor(threadsMin: number, limit: number, load: (threads: number) => number): number {
  let closest = threadsMin;
  let closestExcess = Number.POSITIVE_INFINITY;
  for (let threads = threadsMin; threads <= CELLS; threads++) {
    const excess = load(threads) + ownDescriptors(threads, true) - limit;
    if (excess <= 0) return threads;
    if (excess >= closestExcess) continue;
    closest = threads;
    closestExcess = excess;
  }
  return closest;
}

function resolveListen(
  demand: SocketDemand,
  hasPrivateTables: boolean,
  shards: number,
  limit: number,
): { listen: ListenMode; listenReason: string } {
  const unlike = demand.sockets.listen === 'shared' ? ', whatever sockets.listen says' : '';
  const each = (why: string) => ({ listen: 'each' as const, listenReason: `a port for each shard: ${why}${unlike}` });
  if (!hasPrivateTables) return each("Node's own sockets cannot share one between threads");
  if (demand.placement === 'home') return each('phones connect straight to their home');
  if (demand.sockets.listen === 'each') return each('the scenario says so');
  const room = limit - ownDescriptors(shards, hasPrivateTables);
  const likely = sharedLoad(demand, shards);
  const upTo = `up to ${formatCount(likely)} connections may fall to a shard (mean + ${HASH_DEVIATIONS}·√mean)`;
  if (demand.sockets.listen === 'shared') {
    return { listen: 'shared', listenReason: `one port for all shards: the scenario says so; ${upTo}` };
  }
  if (likely > room) return each(`by the kernel's hash ${upTo}, and ${formatCount(Math.max(0, room))} fit`);
  return { listen: 'shared', listenReason: `one port for all shards: ${upTo}, and they fit` };
}
