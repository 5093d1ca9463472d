/**
 * Processor time per delivery of messages to groups of 256, in the cores of switch and driver, alone on one thread: payloads
 * of 64 bytes, two shards, all members online. Prints JSON. The number of phones may be given (1,000,000 by default),
 * of whom each is in one group.
 */
import { Arrivals } from '../../driver/arrivals.ts';
import { NO_PRESENCE } from '../../driver/presence/presence-load.ts';
import { retryAfter } from '../../driver/retry-after.test-suite.ts';
import { World } from '../../simulate/world.ts';
import { VOLATILE } from '../../store/mailbox-store.ts';
import { GroupPlan } from '../../wire/group-plan.ts';

const MEMBERS = 256;
const PHONES = Number(process.argv[2] ?? 1_000_000);
const GROUPS = Math.floor(PHONES / MEMBERS);
const DELIVERIES = 4_000_000;
/** Messages to groups per second of virtual time: far below what a turn can take. */
const RATE = 1000;

const sizes = { median: MEMBERS, sigma: 0, max: MEMBERS };
const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: GROUPS, lists: 0, phones: PHONES, sizes });
const world = new World({
  seed: 1,
  lanes: 2,
  shards: 2,
  phones: PHONES,
  online: PHONES,
  ringBytes: 2 ** 21,
  inboxBytes: 2 ** 21,
  mailboxBlocks: 2 ** 19,
  turnMicros: 500,
  lane: {
    contacts: 4,
    presence: NO_PRESENCE,
    heartbeatMicros: Number.POSITIVE_INFINITY,
    sessionMicros: Number.POSITIVE_INFINITY,
    awayMicros: 1e6,
    departure: 'logout',
    logins: Arrivals.constant(200_000),
    loginPacing: 'poisson',
    loginTimeoutMicros: 30e6,
    loginBackoff: retryAfter(1e6),
    loginAttempts: 5,
    messages: Arrivals.constant(RATE),
    messagePacing: 'poisson',
    activePhones: PHONES,
    payloadBytes: 64,
    inFlightPlaces: 2 ** 16,
    runTag: 1,
    echo: false,
    groups: { plan, shares: { groups: 1, lists: 0 }, joins: Arrivals.constant(0), leaves: Arrivals.constant(0) },
  },
  shard: {
    sessions: PHONES,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
    loginTimeoutMicros: 5e6,
    redeliveryMicros: 30e6,
    messagesPerAccount: 64,
    durability: VOLATILE,
    deliveryWindow: 16,
    questionsMax: 4096,
    partialFramesMax: 64,
    watchMax: 0,
    watchesMax: 0,
    inputsPerTurn: 512,
    tickMicros: 234_375,
    groups: { plan, queueMax: 4096, recentMax: 2 ** 16, changesMax: 1024 },
  },
});

const spentMillis = { switch: 0, driver: 0 };
for (const shard of world.shards) {
  const doWork = shard.doWork.bind(shard);
  shard.doWork = (nowMicros) => timed('switch', () => doWork(nowMicros));
}
for (const lane of world.lanes) {
  const doWork = lane.doWork.bind(lane);
  lane.doWork = () => timed('driver', doWork);
}

function timed(side: 'switch' | 'driver', work: () => number): number {
  const start = performance.now();
  const done = work();
  spentMillis[side] += performance.now() - start;
  return done;
}

world.openLogins();
world.runUntil(() => world.driver('held') === PHONES, 60e6);
world.startTraffic();
const delivered = (): number => world.driver('groupDeliveries');
world.runUntil(() => delivered() >= DELIVERIES / 8, 60e6); // until the code is compiled and caches are warm

spentMillis.switch = 0;
spentMillis.driver = 0;
const before = delivered();
const cpuBefore = process.cpuUsage();
world.runUntil(() => delivered() - before >= DELIVERIES, 600e6);
const deliveries = delivered() - before;
// Processor time, which a busy machine changes less than time; the two sides share it as they share the time.
const { user, system } = process.cpuUsage(cpuBefore);
const micros = (user + system) / deliveries;
const switchShare = spentMillis.switch / (spentMillis.switch + spentMillis.driver);
const figures = {
  deliveries,
  rejected: world.switch('groupRejected'),
  switchMicrosPerDelivery: micros * switchShare,
  driverMicrosPerDelivery: micros * (1 - switchShare),
  /** As far as both sides share two cores evenly. */
  deliveriesPerSecondOnTwoCores: Math.round(2e6 / micros),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
