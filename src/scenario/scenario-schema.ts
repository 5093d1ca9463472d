/**
 * The keys of a scenario. Files are checked against this schema; defaults and the reference for users come from it.
 *
 * A key that defines the load (how many phones, how often they do what) has no default, so that the file states it. A
 * key that sizes a table or tunes a thread has one, with the reason beside it.
 */
import { z } from 'zod';
import { admittedLogins } from './keys/admission-keys.ts';
import { backoffKeys } from './keys/backoff-keys.ts';
import { contactsKey } from './keys/contacts-keys.ts';
import { contentKeys } from './keys/content-keys.ts';
import { countriesKey } from './keys/countries-keys.ts';
import { groupsKeys } from './keys/groups-keys.ts';
import { curveKeys, eventKeys } from './keys/load-keys.ts';
import { misfitsKey } from './keys/misfits-keys.ts';
import { admissionDelay, deliverWithin, workPerMessage } from './keys/overload-keys.ts';
import { platformsKey } from './keys/platforms-keys.ts';
import { presence, switchPresence } from './keys/presence-keys.ts';
import { stormsKey } from './keys/storms-keys.ts';
import { HTTP_TEXT_BYTES_MAX, PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MIN, PHONES_MAX, STEPS_MAX } from './limits.ts';
import { publishedKey, publishedMetricKey } from './published-keys.ts';
import { bytes, count, durationMicros, durationOrNone, rate, share } from './scalars.ts';
import { TRANSPORT_NAMES } from './transports.ts';

const arrivals = z.enum(['constant', 'poisson']);

const numberBlock = z.strictObject({
  first: count({ min: 1, max: 999_999_999_999_999 }).describe('First number of the block, E.164, at most 15 digits'),
  count: count({ min: 1, max: PHONES_MAX }).describe('Numbers in the block'),
});

const phones = z.strictObject({
  count: count({ min: 8, max: PHONES_MAX }).describe('Phones that exist, offline ones included'),
  offline: share().describe('Share of phones that never connect; messages to them stay in their mailboxes'),
  contacts: contactsKey,
  heartbeat: durationOrNone({ min: 1000 }).describe('Interval between the heartbeats of a phone'),
  session: durationOrNone({ min: 1000 }).describe(
    'Mean time that a phone stays connected (exponential distribution); none: to the end',
  ),
  away: durationMicros().prefault('10s').describe('Time after which a phone that left connects again'),
  departure: z
    .enum(['logout', 'drop', 'vanish'])
    .prefault('logout')
    .describe('How a phone leaves: it logs out, its connection breaks, or it falls silent without closing'),
});

const login = z.strictObject({
  rate: rate({ min: 1 }).describe('Rate at which phones connect for the first time, per second'),
  arrivals: arrivals.prefault('poisson').describe('Constant intervals, or those of a Poisson process'),
  authentication: z.enum(['none', 'hmac']).prefault('none').describe('Whether the switch checks a token (HMAC-SHA256)'),
  secret: z.string().min(1).prefault('trunkline').describe('Secret that login tokens are made with'),
  timeout: durationMicros({ min: 1000 }).prefault('20s').describe('How long a phone waits for the answer to its login'),
  ...backoffKeys,
  attempts: count({ min: 1, max: 1000 })
    .prefault(5)
    .describe(
      'Failed login attempts in a row after which a phone gives up; being told that the switch is busy is none',
    ),
});

const stage = z.strictObject({
  duration: durationMicros().describe('Length of the stage'),
  target: rate().describe('Messages per second at the end of the stage; the rate changes linearly'),
});

const traffic = z.strictObject({
  rate: rate().describe('Messages per second that all phones together intend to send'),
  arrivals: arrivals.prefault('poisson').describe('Constant intervals, or those of a Poisson process'),
  stages: z.array(stage).prefault([]).describe('Stages of the rate from the start of traffic, as in k6'),
  payload: bytes({ min: PAYLOAD_BYTES_MIN, max: PAYLOAD_BYTES_MAX }).describe(
    'Size of the payload of each message, without its frame; content.kinds gives messages sizes of their own',
  ),
  activePhones: z
    .union([z.literal('all'), count({ min: 8 })])
    .prefault('all')
    .describe('Number of phones that send and receive messages; the others only stay connected'),
  deliverWithin,
});

const mailbox = z.strictObject({
  messagesPerAccount: count({ min: 1, max: 65_535 })
    .prefault(256)
    .describe('Maximum of messages and receipts in one mailbox'),
  blocks: count({ min: 64, max: 2 ** 30 })
    .prefault('1M')
    .describe('Blocks of 128 B for all mailboxes together; a message takes one block per 96 B of payload'),
  deliveryWindow: count({ min: 1, max: 128 })
    .prefault(16)
    .describe('Unconfirmed messages on their way to one phone at the same time'),
  redelivery: durationMicros({ min: 1000 })
    .prefault('30s')
    .describe('Time without confirmation after which a message is delivered again'),
});

const switchKeys = z.strictObject({
  shards: count({ min: 1, max: 512 })
    .prefault(2)
    .describe(
      'Worker threads of the switch; over tcp a minimum: more are added where the limit of open files requires it',
    ),
  placement: z
    .enum(['any', 'home'])
    .prefault('any')
    .describe('Whether phones connect to any shard, or directly to their home shard'),
  heartbeatTimeout: durationOrNone({ min: 1000 })
    .prefault('none')
    .describe('Time without input after which a session ends; none: three heartbeats'),
  loginTimeout: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe('Time within which a new connection must log in'),
  mailbox: mailbox.prefault({}),
  inbox: bytes({ min: 65_536, max: 2 ** 30 })
    .prefault('1MiB')
    .describe(
      'Size of the ring through which the other shards reach a shard; rounded up to a power of two. Rings are used cyclically; an oversized ring evicts other data from the caches',
    ),
  questions: count({ min: 16, max: 65_536 })
    .prefault(4096)
    .describe('Maximum of unanswered questions of a shard to other shards; beyond it input waits'),
  inputsPerTurn: count({ min: 16, max: 65_536 })
    .prefault(512)
    .describe(
      'Maximum of inputs that a shard processes from its phones, and again from other shards, before it advances its timers and flushes its output. A larger value costs less per input, a smaller one shortens the wait of the others. 64 B of output are reserved per input',
    ),
  timerResolution: z
    .union([z.literal('auto'), durationMicros({ min: 100 })])
    .prefault('auto')
    .describe(
      'Resolution of the time-outs of a shard: a session ends late by up to twice this time. auto: 1/128 of the longest of heartbeatTimeout, loginTimeout and mailbox.redelivery, which is coarse for much shorter ones. A sleeping thread checks its timers once per park (idle.park, sockets.park)',
    ),
  partialFrames: count({ min: 1, max: 65_536 })
    .prefault(256)
    .describe(
      'Maximum of connections of a shard with an incomplete frame; beyond it the connection with the oldest incomplete frame is closed',
    ),
  presence: switchPresence.prefault({}),
  admission: z.strictObject({ delay: admissionDelay, logins: admittedLogins.prefault({}) }).prefault({}),
  workPerMessage,
});

const driver = z.strictObject({
  lanes: count({ min: 1, max: 512 })
    .prefault(2)
    .describe(
      'Worker threads of the driver; over tcp a minimum: more are added where the limit of open files requires it',
    ),
  messagesInFlight: count({ min: 1024, max: 2 ** 28 })
    .prefault('64k')
    .describe(
      'Maximum of unanswered messages and logins of the driver; beyond it messages are sent late, and counted as late',
    ),
});

const rings = z.strictObject({
  connection: bytes({ min: 131_072, max: 2 ** 30 })
    .prefault('256KiB')
    .describe('Size of each of the two rings between a lane and a shard; rounded up to a power of two'),
});

const socketBuffer = z.union([z.literal('kernel'), bytes({ min: 4096, max: 2 ** 26 })]);

const sockets = z.strictObject({
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
    .describe('Memory per thread for waiting output of all its connections'),
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
      'First, short sleep of a thread with sockets, which only a due event ends. Work accumulates meanwhile, because waking a thread costs more than processing a frame; 0: no such sleep. Not used over node-tcp and ws',
    ),
  connectTimeout: durationMicros({ min: 1000 })
    .prefault('5s')
    .describe(
      'Time within which a connection must open, including TLS and the WebSocket upgrade; afterwards either side ends it. Shorter than login.timeout',
    ),
});

const ws = z.strictObject({
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

const idle = z.strictObject({
  spins: count({ max: 1e9 }).prefault(4).describe('Turns without work before a thread goes to sleep'),
  nap: durationMicros({ max: 1e5 })
    .prefault('100us')
    .describe(
      'First, short sleep, which only a due event ends, no doorbell; work accumulates meanwhile; 0: no such sleep',
    ),
  park: durationMicros({ min: 20, max: 1e6 }).prefault('10ms').describe('Longest sleep; a doorbell ends it earlier'),
});

const memory = z.strictObject({
  pages: z
    .enum(['auto', 'huge', 'base'])
    .prefault('auto')
    .describe(
      'Pages that tables of 64 MiB and more lie on. huge: pages of 2 MiB, which save address translation at random access; refused where the kernel does not allow them. base: pages of 4 KiB. auto: huge where possible',
    ),
});

const phases = z.strictObject({
  calibrate: z
    .boolean()
    .prefault(true)
    .describe('Whether the driver is first measured alone, against a switch that only answers'),
  calibration: durationMicros({ min: 200_000 }).prefault('3s').describe('Time for which the driver is measured alone'),
  calibrationPhones: count({ min: 64 })
    .prefault('1M')
    .describe('Maximum of phones in the calibration, which also measures the memory of the driver per phone'),
  levels: count({ min: 6, max: 32 }).prefault(6).describe('Number of levels of connections at which memory is read'),
  bin: durationMicros({ min: 50_000, max: 10e6 }).prefault('1s').describe('Interval of the time series'),
  settle: durationMicros({ min: 0 }).prefault('30s').describe('Time within which the load must become steady'),
  measure: durationMicros({ min: 500_000 }).prefault('15s').describe('Duration of the measurement'),
  drain: durationMicros({ min: 0 }).prefault('20s').describe('Time within which all messages in flight must arrive'),
});

const httpLimits = z.strictObject({
  body: bytes({ min: 64, max: 2 ** 20 })
    .prefault('16KiB')
    .describe(
      'Longest body of a request; a text of a message has at most 2,021 bytes, in JSON up to six times as many',
    ),
  headers: bytes({ min: 1024, max: 65_536 })
    .prefault('8KiB')
    .describe('Longest header of a request, with its first line'),
  rate: rate({ min: 1 })
    .prefault('20k/s')
    .describe('Requests per second that are answered, more than one thread can answer: a token bucket'),
  burst: count({ min: 1, max: 1e6 })
    .prefault(2000)
    .describe('Size of the token bucket: requests that may come at once after a pause'),
  openRequests: count({ min: 1, max: 8192 })
    .prefault(1024)
    .describe('Maximum of requests without an answer; by default as many as 64 business accounts may send'),
  connections: count({ min: 1, max: 16_384 }).prefault(2048).describe('Maximum of HTTP connections'),
  requestTimeout: durationMicros({ min: 10_000, max: 600e6 })
    .prefault('10s')
    .describe('Time within which a request must be complete; its header must be complete in half of it'),
  answerTimeout: durationMicros({ min: 10_000, max: 30e6 })
    .prefault('5s')
    .describe('Time within which the switch must answer; otherwise status 504. Shards give up after 32 s'),
});

const httpLoad = z.strictObject({
  rate: rate()
    .prefault('0/s')
    .describe('Messages per second that autocannon sends, at constant intervals, to random phones; 0: no such load'),
  connections: count({ min: 1, max: 4096 })
    .prefault(64)
    .describe('Connections of autocannon, each with one request at a time; a request that finds none free is late'),
  text: bytes({ min: 1, max: HTTP_TEXT_BYTES_MAX }).prefault('48B').describe('Size of the text of each message'),
});

const http = z.strictObject({
  host: z.string().min(1).prefault('127.0.0.1').describe('Address that the HTTP side listens on'),
  port: z
    .union([z.literal('none'), count({ max: 65_535 })])
    .prefault('none')
    .describe('Port that the HTTP side of the switch listens on; 0: any free port; none: no HTTP side'),
  accounts: count({ min: 1, max: 2048 })
    .prefault(64)
    .describe(
      'Business accounts, which send messages for HTTP clients: the numbers behind the others. Each may have 16 messages unanswered, so 64 allow 1,024: at 50 ms per answer 20,000 per second',
    ),
  authentication: z
    .enum(['none', 'hmac'])
    .prefault('hmac')
    .describe('Whether a request needs a bearer token, which is made with login.secret'),
  limits: httpLimits.prefault({}),
  load: httpLoad.prefault({}),
});

const step = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/, 'a name of letters, digits, dots and hyphens, at most 32')
    .describe('Short name; unique among the steps'),
  set: z
    .record(z.string(), z.unknown())
    .describe('Settings that this step changes: `{phones.count: 200k}`, any key but `name` and `steps`'),
  published: publishedKey.optional().describe('A published figure to print beside those of the step'),
});

export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of small letters, digits and hyphens')
    .describe('Short name; part of the name of the result folder'),
  description: z.string().min(1).describe('Purpose of the scenario, in one sentence'),
  seed: count({ max: 2 ** 31 - 1 })
    .prefault(1)
    .describe('Seed of all random numbers'),
  transport: z.enum(TRANSPORT_NAMES).prefault('memory').describe('Transport between phones and switch'),
  numbering: z
    .array(numberBlock)
    .max(1024)
    .prefault([])
    .describe(
      'Blocks of numbers that the switch serves; the phones get the first of them. None: one block from 447700000000, as large as the phones need',
    ),
  countries: countriesKey,
  platforms: platformsKey,
  phones,
  login,
  traffic,
  content: contentKeys.prefault({}),
  groups: groupsKeys
    .prefault({})
    .describe('Groups and broadcast lists; without groups.count and groups.lists.count there are none'),
  storms: stormsKey,
  misfits: misfitsKey,
  presence: presence.prefault({}),
  curve: curveKeys.prefault({}).describe('The level of messages over a day'),
  events: z.array(eventKeys).max(64).prefault([]).describe('Events that change the rate of messages for a time'),
  switch: switchKeys.prefault({}),
  driver: driver.prefault({}),
  rings: rings.prefault({}),
  sockets: sockets.prefault({}),
  ws: ws.prefault({}),
  http: http.prefault({}),
  idle: idle.prefault({}),
  memory: memory.prefault({}),
  phases: phases.prefault({}),
  thresholds: z
    .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
    .prefault({})
    .describe("Conditions under which the run passes, in k6's grammar"),
  published: z
    .array(publishedMetricKey)
    .max(32)
    .prefault([])
    .describe('Published figures to print beside those of each run'),
  steps: z
    .array(step)
    .max(STEPS_MAX)
    .prefault([])
    .describe('Runs of this scenario one after another, each with settings of its own; none: a single run'),
});

/** A checked scenario: durations are in microseconds, rates per second, sizes in bytes. */
export type ScenarioSettings = z.output<typeof scenarioSchema>;
