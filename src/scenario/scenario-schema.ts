/**
 * What a scenario may say: the one list of its keys, from which files are checked, defaults are
 * taken and the reference for people is written.
 *
 * What makes a run what it is (how many phones, how often they do what) has no default: it is
 * in the file and nowhere else. What is a size of some table or a tuning knob has one, with the
 * reason beside it.
 */
import { z } from 'zod';
import { CONTACTS_LIMIT, PAYLOAD_LEAST_BYTES, PAYLOAD_MOST_BYTES, PHONES_MOST, STEPS_MOST } from './limits.ts';
import { bytes, count, durationMicros, durationOrNone, rate, share } from './scalars.ts';

/** What can lie between phones and switch. */
export const TRANSPORTS = ['memory', 'tcp', 'node-tcp', 'ws'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

const arrivals = z.enum(['constant', 'poisson']);

const numberBlock = z.strictObject({
  first: count({ least: 1, most: 999_999_999_999_999 }).describe('First number of the block, E.164, at most 15 digits'),
  count: count({ least: 1, most: PHONES_MOST }).describe('Numbers in the block'),
});

const phones = z.strictObject({
  count: count({ least: 8, most: PHONES_MOST }).describe('Phones that exist, offline ones included'),
  offline: share().describe('Share of phones that never connect; what is sent to them stays in their mailboxes'),
  contacts: count({ least: 1, most: CONTACTS_LIMIT }).prefault(4).describe('Phones that each phone writes to, in turn'),
  heartbeat: durationOrNone({ least: 1000 }).describe('Time between the pings of a phone'),
  session: durationOrNone({ least: 1000 }).describe('Mean time for which a phone stays connected (exponential)'),
  away: durationMicros().prefault('10s').describe('Time until a phone that left connects again'),
  departure: z
    .enum(['logout', 'drop', 'vanish'])
    .prefault('logout')
    .describe('How a phone leaves: it says so, its connection breaks, or it is heard of no more'),
});

const login = z.strictObject({
  rate: rate({ least: 1 }).describe('Phones that first connect in a second'),
  arrivals: arrivals.prefault('poisson').describe('Even gaps, or those of a Poisson process'),
  authentication: z.enum(['none', 'hmac']).prefault('none').describe('Whether the switch checks a token (HMAC-SHA256)'),
  secret: z.string().min(1).prefault('trunkline').describe('Secret that tokens are made with'),
  timeout: durationMicros({ least: 1000 })
    .prefault('20s')
    .describe('How long a phone waits for the answer to its login'),
  retry: durationMicros({ least: 1000 }).prefault('1s').describe('How long a phone waits before it tries again'),
  attempts: count({ least: 1, most: 1000 }).prefault(5).describe('Attempts after which a phone gives up'),
});

const stage = z.strictObject({
  duration: durationMicros().describe('Length of the stage'),
  target: rate().describe('Messages a second at its end; the rate moves there in a straight line'),
});

const traffic = z.strictObject({
  rate: rate().describe('Messages a second that all phones together intend to send'),
  arrivals: arrivals.prefault('poisson').describe('Even gaps, or those of a Poisson process'),
  stages: z.array(stage).prefault([]).describe('Changes of the rate from the start of traffic on, as in k6'),
  payload: bytes({ least: PAYLOAD_LEAST_BYTES, most: PAYLOAD_MOST_BYTES }).describe(
    'Size of each message without its frame',
  ),
  activePhones: z
    .union([z.literal('all'), count({ least: 8 })])
    .prefault('all')
    .describe('The first so many phones write and are written to; the others only stay connected'),
});

const mailbox = z.strictObject({
  messagesPerAccount: count({ least: 1, most: 65_535 })
    .prefault(256)
    .describe('Messages and receipts one mailbox holds'),
  blocks: count({ least: 64, most: 2 ** 30 })
    .prefault('1M')
    .describe('Blocks of 128 B of all mailboxes together; a message takes one for each 96 B of payload'),
  deliveryWindow: count({ least: 1, most: 128 }).prefault(16).describe('Messages on their way to one phone at once'),
  redelivery: durationMicros({ least: 1000 })
    .prefault('30s')
    .describe('Time without confirmation after which a message is sent again'),
});

const switchKeys = z.strictObject({
  shards: count({ least: 1, most: 512 })
    .prefault(2)
    .describe('Worker threads of the switch; over tcp at least so many, and more where descriptors need them'),
  placement: z
    .enum(['any', 'home'])
    .prefault('any')
    .describe('Phones connect to any shard, or straight to the one that is their home'),
  heartbeatTimeout: durationOrNone({ least: 1000 })
    .prefault('none')
    .describe('Silence after which a session ends; none: three heartbeats'),
  loginTimeout: durationMicros({ least: 1000 }).prefault('10s').describe('Time a connection may take to log in'),
  mailbox: mailbox.prefault({}),
  inbox: bytes({ least: 65_536, most: 2 ** 30 })
    .prefault('1MiB')
    .describe(
      'Ring through which the other shards reach a shard; rounded up to a power of two. A ring is gone through from end to end for ever, so one larger than need be takes the caches from everything else',
    ),
  questions: count({ least: 16, most: 65_536 })
    .prefault(4096)
    .describe('Questions a shard may have open at the others; beyond it input waits'),
  inputsPerTurn: count({ least: 16, most: 65_536 })
    .prefault(512)
    .describe(
      'Inputs that a shard takes from its phones, and as many from other shards, before it looks at its timers and sends what there is to send. More make each cheaper, fewer make the others wait less; room for 64 B of answer to each is kept free',
    ),
  timerResolution: z
    .union([z.literal('auto'), durationMicros({ least: 100 })])
    .prefault('auto')
    .describe(
      'Grain of the time-outs of a shard: a session ends so much late, or twice that. auto: a 128th of the longest of heartbeatTimeout, loginTimeout and mailbox.redelivery, fine enough for that one and coarse for much shorter ones. A thread that sleeps looks no oftener than its park (idle.park, sockets.park)',
    ),
  partialFrames: count({ least: 1, most: 65_536 })
    .prefault(256)
    .describe(
      'Connections of a shard that may hold half a frame at once; beyond it the one whose frame was begun first is closed',
    ),
});

const driver = z.strictObject({
  lanes: count({ least: 1, most: 512 })
    .prefault(2)
    .describe('Worker threads of the driver; over tcp at least so many, and more where descriptors need them'),
  messagesInFlight: count({ least: 1024, most: 2 ** 28 })
    .prefault('64k')
    .describe('Messages and logins the driver can wait for at once; beyond it sends are late, and counted so'),
});

const rings = z.strictObject({
  connection: bytes({ least: 131_072, most: 2 ** 30 })
    .prefault('256KiB')
    .describe('Each of the two rings between a lane and a shard; rounded up to a power of two'),
});

const socketBuffer = z.union([z.literal('kernel'), bytes({ least: 4096, most: 2 ** 26 })]);

const sockets = z.strictObject({
  host: z.string().min(1).prefault('127.0.0.1').describe('Address that the switch listens on'),
  port: count({ most: 65_535 }).prefault(0).describe('Port that the switch listens on; 0: one that is free'),
  listen: z
    .enum(['auto', 'shared', 'each'])
    .prefault('auto')
    .describe(
      'One port for all shards (SO_REUSEPORT: the kernel deals connections by a hash), or a port for each. auto: shared, except where phones go straight to their home, where the hash could overfill a shard, and over node-tcp and ws, which cannot share',
    ),
  hold: z
    .enum(['auto', 'rings', 'descriptors'])
    .prefault('auto')
    .describe(
      'How a thread holds its sockets over tcp: in tables of io_uring, which are as many as it takes and cost one system call for many operations, or by a descriptor each, which the limit of open files bounds, so that many connections take many threads. auto: rings, where the kernel has them (Linux 6.8) and allows them, which containers often do not',
    ),
  backlog: count({ least: 1, most: 65_535 })
    .prefault(4096)
    .describe('Connections that may wait to be accepted; the kernel takes at most net.core.somaxconn'),
  noDelay: z
    .boolean()
    .prefault(true)
    .describe('Small frames go out at once (TCP_NODELAY): a ✓ that waits for company measures the timer'),
  sendBuffer: socketBuffer
    .prefault('kernel')
    .describe('Send buffer of each connection in the kernel (SO_SNDBUF); kernel: it sizes them itself'),
  receiveBuffer: socketBuffer.prefault('kernel').describe('Receive buffer of each connection (SO_RCVBUF); likewise'),
  outputLimit: bytes({ least: 4096, most: 2 ** 26 })
    .prefault('64KiB')
    .describe('Bytes that may wait for a peer that does not read, beyond the kernel; above it is closed'),
  outputTimeout: durationMicros({ least: 1000 })
    .prefault('10s')
    .describe(
      'Time in which a peer must read what waited for it at its beginning, on every transport over sockets; a peer that does not is closed, one that reads slowly but steadily stays',
    ),
  outputPool: bytes({ least: 65_536, most: 2 ** 30 })
    .prefault('4MiB')
    .describe('Memory of a thread for output that waits, all its connections together'),
  connecting: count({ least: 1, most: 65_536 })
    .prefault(256)
    .describe('Connections that a lane may be opening at once: what fills the backlog of a shard'),
  acceptBatch: count({ least: 1, most: 4096 }).prefault(64).describe('Connections that a shard accepts in one turn'),
  eventBatch: count({ least: 2, most: 4096 }).prefault(256).describe('Sockets that are looked at in one turn'),
  receive: bytes({ least: 4096, most: 2 ** 24 })
    .prefault('64KiB')
    .describe(
      'Buffer that a thread receives into, one for all connections that are held by descriptors; held in rings, each socket of a turn has 4 KiB',
    ),
  portsPerSource: count({ least: 1, most: 28_000 })
    .prefault(2000)
    .describe('Connections from one source address to one destination: beyond it the search for a free port gets slow'),
  park: durationMicros({ least: 1000, most: 10e6 })
    .prefault('100ms')
    .describe('The longest sleep of a thread with sockets; input, a doorbell or something due end it earlier'),
  spins: count({ most: 1e9 })
    .prefault(0)
    .describe('Turns without work before a thread with sockets sleeps: busy polling, at the price of a core'),
  nap: durationMicros({ most: 1e5 })
    .prefault('200us')
    .describe(
      'The first sleep of a thread with sockets, which only something due ends: it gathers work, since waking a thread costs more than a frame does; 0 for none. Over node-tcp and ws there is none',
    ),
  connectTimeout: durationMicros({ least: 1000 })
    .prefault('5s')
    .describe('How long a connection may take to open; shorter than login.timeout'),
});

const ws = z.strictObject({
  maxPayload: bytes({ least: 2049, most: 2 ** 24 })
    .prefault('64KiB')
    .describe('Longest message that is taken; a frame of the protocol has at most 2,049 bytes'),
  perMessageDeflate: z
    .boolean()
    .prefault(false)
    .describe('Compression of each message: costs about 300 kB a connection, and chat messages are too short for it'),
});

const idle = z.strictObject({
  spins: count({ most: 1e9 }).prefault(4).describe('Turns without work before a thread goes to sleep'),
  nap: durationMicros({ most: 1e5 })
    .prefault('100us')
    .describe('The first sleep, which no doorbell ends, only something due: it gathers work; 0 for none'),
  park: durationMicros({ least: 20, most: 1e6 })
    .prefault('10ms')
    .describe('The longest sleep; a doorbell ends it earlier'),
});

const phases = z.strictObject({
  calibrate: z
    .boolean()
    .prefault(true)
    .describe('Whether the driver is first measured alone, against a switch that only answers'),
  calibration: durationMicros({ least: 200_000 }).prefault('3s').describe('How long the driver is measured alone'),
  calibrationPhones: count({ least: 64 })
    .prefault('1M')
    .describe('Phones of the calibration, at most; its memory is a slope as well'),
  levels: count({ least: 6, most: 32 }).prefault(6).describe('Numbers of connections at which memory is read'),
  bin: durationMicros({ least: 50_000, most: 10e6 }).prefault('1s').describe('Interval of the time series'),
  settle: durationMicros({ least: 0 }).prefault('30s').describe('Time within which the load must become steady'),
  measure: durationMicros({ least: 500_000 }).prefault('15s').describe('Time measured'),
  drain: durationMicros({ least: 0 }).prefault('20s').describe('Time within which all that is on its way must arrive'),
});

const published = z.strictObject({
  figure: z.string().min(1).describe('What somebody else published for it, in words, with its unit'),
  source: z.string().min(1).describe('Where that was published'),
});

const step = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/, 'a name of letters, digits, dots and hyphens, at most 32')
    .describe('Short name; unlike those of the other steps'),
  set: z
    .record(z.string(), z.unknown())
    .describe('What this step changes: `{phones.count: 200k}`, any key but `name` and `steps`'),
  published: published.optional().describe('A figure to print beside those of the step'),
});

export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of small letters, digits and hyphens')
    .describe('Short name; the folder of a result bears it'),
  description: z.string().min(1).describe('What the scenario is for, in a sentence'),
  seed: count({ most: 2 ** 31 - 1 })
    .prefault(1)
    .describe('Everything that looks random follows from it'),
  transport: z.enum(TRANSPORTS).prefault('memory').describe('What lies between phones and switch'),
  numbering: z
    .array(numberBlock)
    .max(1024)
    .prefault([])
    .describe(
      'Blocks of numbers that the switch serves, the phones having the first of them; none: one block from 447700000000, as large as the phones need',
    ),
  phones,
  login,
  traffic,
  switch: switchKeys.prefault({}),
  driver: driver.prefault({}),
  rings: rings.prefault({}),
  sockets: sockets.prefault({}),
  ws: ws.prefault({}),
  idle: idle.prefault({}),
  phases: phases.prefault({}),
  thresholds: z
    .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
    .prefault({})
    .describe("What must hold for the run to pass, in k6's grammar"),
  steps: z
    .array(step)
    .max(STEPS_MOST)
    .prefault([])
    .describe('Runs of this scenario one after another, each with settings of its own; none: one run'),
});

/** A scenario that was checked: durations are microseconds, rates a second, sizes bytes. */
export type ScenarioSettings = z.output<typeof scenarioSchema>;
