/**
 * What each transport is. Every fact about a transport that is not its code stands in this table, so that no other file
 * asks for a transport by name; `scripts/check-transports.mjs` checks that.
 *
 * The code of a transport is a room of `transport`, and how a thread of a run makes its end of it is a row of the table
 * in `run/worker/ends/thread-ends.ts`, which the compiler compares with this one.
 */

/** What a kept, saturated run on two cores did, both sides there (results/reference/README.md). */
export interface SaturatedRun {
  readonly messagesPerSecond: number;
  readonly loginsPerSecond: number;
  /** Processor time of the switch for each message, in microseconds; the driver's is the rest of the two cores. */
  readonly switchMicrosPerMessage: number;
}

export interface TransportDescriptor {
  /** The connections are rows in memory, not kernel sockets: no figure is printed without that word. */
  readonly isSimulated: boolean;
  /**
   * How threads hold descriptors. `none`: there are no sockets. `private`: each thread calls the system itself and has
   * its own table, so that threads can be added until all connections fit; without the system calls of Linux it is
   * planned as `shared`. `shared`: Node holds the sockets, and all threads of a process share one table.
   */
  readonly descriptorTables: 'none' | 'private' | 'shared';
  /**
   * Whether both sides are in a network namespace of the run, where phones have no sockets: their packets go to a
   * device, and only the switch's ends are in the kernel. No other process can reach either side.
   */
  readonly hasOwnNetwork: boolean;
  /** Whether several shards can listen on one port. */
  readonly sharesPort: boolean;
  readonly hasTls: boolean;
  /**
   * The room which answers of a turn share: the key that sets it, or its size where no key does; null where the
   * transport sends to make room.
   */
  readonly answerRoom: { readonly key: 'rings.connection' } | { readonly bytes: number } | null;
  /** User memory of a connection, for each side, as a slope in bytes; 0 where the tables of the plan hold all of it. */
  readonly userBytes: number;
  /** The same where tables that could be private are shared, because the machine lacks the system calls. */
  readonly sharedUserBytes: number;
  /** What its rates are compared with before a run. */
  readonly saturated: SaturatedRun;
  /** The same with sockets in tables of io_uring; null where the transport never holds them so. */
  readonly saturatedInRings: SaturatedRun | null;
  /**
   * The keys that it reads, of those that not all transports read: a section, or a single key. A key that no transport
   * names here is read over each.
   */
  readonly reads: readonly string[];
}

const saturated = (
  switchMicrosPerMessage: number,
  messagesPerSecond: number,
  loginsPerSecond: number,
): SaturatedRun => ({ switchMicrosPerMessage, messagesPerSecond, loginsPerSecond });

/** The switch and the driver had one core each. */
const MEMORY = saturated(1e6 / 322_000, 322_000, 764_000);
const RINGS = saturated(10.1, 83_900, 29_500);
const DESCRIPTORS = saturated(9.95, 91_200, 29_500);
/** The switch's share is that of `tcp`, since here the time of the two sides cannot be told apart. */
const TUN = saturated(10.1, 85_600, 59_500);
/** Of `ws`; `node-tcp` is taken for the same, as no saturated run of it was kept. */
const NODE_SOCKETS = saturated(41.5, 24_700, 2_700);
/** node:net: 3.0 to 3.5 kB were seen. */
const NODE_SOCKET_BYTES = 3500;

/** Memory of a thread over Node's sockets for the output of one turn. What waits longer is in Node's memory. */
export const TURN_OUTPUT_BYTES = 2 ** 20;

const SOCKET_KEYS = [
  'sockets.port',
  'sockets.backlog',
  'sockets.outputLimit',
  'sockets.outputTimeout',
  'sockets.connecting',
  'sockets.portsPerSource',
  'sockets.connectTimeout',
  'sockets.park',
  'sockets.spins',
];
/** Of sockets that Node does not hold. */
const OWN_SOCKET_KEYS = [
  ...SOCKET_KEYS,
  'sockets.outputPool',
  'sockets.listen',
  'sockets.hold',
  'sockets.noDelay',
  'sockets.sendBuffer',
  'sockets.receiveBuffer',
  'sockets.acceptBatch',
  'sockets.eventBatch',
  'sockets.receive',
  'sockets.nap',
];

const TABLE = {
  memory: {
    isSimulated: true,
    descriptorTables: 'none',
    hasOwnNetwork: false,
    sharesPort: false,
    hasTls: false,
    answerRoom: { key: 'rings.connection' },
    userBytes: 0,
    sharedUserBytes: 0,
    saturated: MEMORY,
    saturatedInRings: null,
    reads: ['rings', 'idle', 'sockets.portsPerSource'], // as over tcp, for storms on a block of addresses
  },
  tcp: {
    isSimulated: false,
    descriptorTables: 'private',
    hasOwnNetwork: false,
    sharesPort: true,
    hasTls: false,
    answerRoom: null,
    userBytes: 64, // 43 and 63 B were seen up to 2.28 million, sessions and phones included
    sharedUserBytes: NODE_SOCKET_BYTES,
    saturated: DESCRIPTORS,
    saturatedInRings: RINGS,
    reads: ['sockets.host', ...OWN_SOCKET_KEYS],
  },
  tun: {
    isSimulated: false,
    descriptorTables: 'private',
    hasOwnNetwork: true,
    sharesPort: true,
    hasTls: false,
    answerRoom: null,
    userBytes: 64, // 61 B for the driver and 31 B for the switch were seen at 300,000, sessions and phones included
    sharedUserBytes: NODE_SOCKET_BYTES,
    saturated: TUN,
    saturatedInRings: null,
    reads: [...OWN_SOCKET_KEYS, 'tun', 'network.cells', 'network.held'], // the host is one of its own network
  },
  'node-tcp': {
    isSimulated: false,
    descriptorTables: 'shared',
    hasOwnNetwork: false,
    sharesPort: false,
    hasTls: true,
    answerRoom: { bytes: TURN_OUTPUT_BYTES },
    userBytes: NODE_SOCKET_BYTES,
    sharedUserBytes: NODE_SOCKET_BYTES,
    saturated: NODE_SOCKETS,
    saturatedInRings: null,
    reads: ['sockets.host', 'sockets.noDelay', ...SOCKET_KEYS],
  },
  ws: {
    isSimulated: false,
    descriptorTables: 'shared',
    hasOwnNetwork: false,
    sharesPort: false,
    hasTls: true,
    answerRoom: { bytes: TURN_OUTPUT_BYTES },
    userBytes: 6400, // 5.0 to 6.4 kB were seen
    sharedUserBytes: 6400,
    saturated: NODE_SOCKETS,
    saturatedInRings: null,
    reads: ['sockets.host', 'ws', ...SOCKET_KEYS],
  },
} as const satisfies Readonly<Record<string, TransportDescriptor>>;

export type TransportName = keyof typeof TABLE;
/** Transports whose connections are kernel sockets. */
export type SocketTransportName = {
  [Name in TransportName]: (typeof TABLE)[Name]['descriptorTables'] extends 'none' ? never : Name;
}[TransportName];

export const TRANSPORTS: Readonly<Record<TransportName, TransportDescriptor>> = TABLE;
export const TRANSPORT_NAMES = Object.keys(TABLE) as readonly TransportName[]; // a constant has no keys beside its own
/** Transports over which other processes can reach the switch. */
export const SOCKET_TRANSPORT_NAMES = TRANSPORT_NAMES.filter(isOverSockets).filter(isReachable);
/** What stands in for a simulated transport where there is a real peer. */
export const DEFAULT_SOCKET_TRANSPORT: SocketTransportName = 'tcp';
/**
 * What a scenario can name in place of a transport: the one over which this machine holds the most real connections.
 */
export const BEST_REAL = 'best-real';
/** What a user can name. */
export const TRANSPORT_CHOICES = [...TRANSPORT_NAMES, BEST_REAL] as const;
export type TransportChoice = (typeof TRANSPORT_CHOICES)[number];

export function isOverSockets(name: TransportName): name is SocketTransportName {
  return TRANSPORTS[name].descriptorTables !== 'none';
}

/** Whether processes that are not of the run can reach the switch over it. */
export function isReachable(name: TransportName): boolean {
  return isOverSockets(name) && !TRANSPORTS[name].hasOwnNetwork;
}

/** The names of transports for which something holds, in the order of the table. */
export function transportsThat(holds: (transport: TransportDescriptor) => boolean): readonly TransportName[] {
  return TRANSPORT_NAMES.filter((name) => holds(TRANSPORTS[name]));
}
