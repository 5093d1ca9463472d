/** The keys of sockets, for transports that have them, and of WebSocket. */
import { z } from 'zod';
import { bytes, count, durationMicros } from '../../terms/scalars.ts';

const socketBuffer = z.union([z.literal('kernel'), bytes({ min: 4096, max: 2 ** 26 })]);

export const socketsKeys = z.strictObject({
  host: z.string().min(1).prefault('127.0.0.1').describe('Address that the switch listens on'),
  port: count({ max: 65_535 }).prefault(0).describe('Port that the switch listens on; 0: any free port'),
  listen: z
    .enum(['auto', 'shared', 'each'])
    .prefault('auto')
    .describe(
      'One port for all shards (SO_REUSEPORT: the kernel distributes connections by a hash), or one port per shard. auto: shared, except with placement home, where the hash could overfill a shard, and over node-tcp and ws, which cannot share a port',
    ),
  hold: z
    .enum(['auto', 'rings', 'descriptors'])
    .prefault('auto')
    .describe(
      'How a thread holds its sockets over tcp. rings: in tables of io_uring, without a limit of open files, and with one system call for many operations. descriptors: one file descriptor per socket; the limit of open files then requires more threads for many connections. auto: rings where the kernel supports and allows them (Linux 6.8 or later; containers often forbid them)',
    ),
  backlog: count({ min: 1, max: 65_535 })
    .prefault(4096)
    .describe('Connections that may wait to be accepted; the kernel limits it to net.core.somaxconn'),
  noDelay: z
    .boolean()
    .prefault(true)
    .describe("Disables Nagle's algorithm (TCP_NODELAY), so that small frames are sent immediately"),
  sendBuffer: socketBuffer
    .prefault('kernel')
    .describe('Send buffer per connection in the kernel (SO_SNDBUF); kernel: sized by the kernel'),
  receiveBuffer: socketBuffer
    .prefault('kernel')
    .describe('Receive buffer per connection in the kernel (SO_RCVBUF); kernel: sized by the kernel'),
  outputLimit: bytes({ min: 4096, max: 2 ** 26 })
    .prefault('64KiB')
    .describe(
      'Output that may wait for a slow peer, in addition to the buffers of the kernel; beyond it the connection is closed',
    ),
  outputTimeout: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe(
      'Time within which a peer must read the output that was waiting when the time began, on every transport over sockets; otherwise its connection is closed. A peer that reads slowly but steadily stays connected',
    ),
  outputPool: bytes({ min: 65_536, max: 2 ** 30 })
    .prefault('4MiB')
    .describe(
      'Memory per thread for waiting output of all its connections, over tcp and tun. Over node-tcp and ws Node has it, and 1 MiB per thread is for the output of a turn',
    ),
  connecting: count({ min: 1, max: 65_536 })
    .prefault(256)
    .describe(
      'Maximum of connections that a lane is opening at the same time; limits how full the backlog of a shard gets',
    ),
  acceptBatch: count({ min: 1, max: 4096 })
    .prefault(64)
    .describe('Maximum of connections that a shard accepts per turn'),
  eventBatch: count({ min: 2, max: 4096 })
    .prefault(256)
    .describe('Maximum of socket events that a thread processes per turn'),
  receive: bytes({ min: 4096, max: 2 ** 24 })
    .prefault('64KiB')
    .describe(
      'Receive buffer per thread, shared by all connections that are held by descriptors; held in rings, each socket of a turn has 4 KiB',
    ),
  portsPerSource: count({ min: 1, max: 28_000 })
    .prefault(2000)
    .describe(
      'Maximum of connections from one source address to one destination; with more, the kernel takes long to find a free port',
    ),
  park: durationMicros({ min: 1000, max: 10e6 })
    .prefault('100ms')
    .describe('Longest sleep of a thread with sockets; input, a doorbell or a due event ends it earlier'),
  spins: count({ max: 1e9 })
    .prefault(0)
    .describe(
      'Turns without work before a thread with sockets sleeps; a high value polls continuously and occupies a core',
    ),
  nap: durationMicros({ max: 1e5 })
    .prefault('200us')
    .describe(
      'First, short sleep of a thread with sockets. Only a due event ends it early. Work accumulates meanwhile, because waking a thread costs more than processing a frame; 0: no such sleep. Not used over node-tcp and ws',
    ),
  connectTimeout: durationMicros({ min: 1000 })
    .prefault('5s')
    .describe(
      'Time within which a connection must open, including TLS and the WebSocket upgrade; afterwards either side ends it. Shorter than login.timeout',
    ),
});

const LOOPBACK = /^127\./;

/** Whether phones that connect to this address can have source addresses of their own. */
export function isOnLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

export const wsKeys = z.strictObject({
  maxPayload: bytes({ min: 2049, max: 2 ** 24 })
    .prefault('64KiB')
    .describe('Longest WebSocket message that is accepted; a frame of the protocol has at most 2,049 bytes'),
  perMessageDeflate: z
    .boolean()
    .prefault(false)
    .describe(
      'Compression per message: costs about 300 kB per connection, and chat messages are too short to gain from it',
    ),
});
