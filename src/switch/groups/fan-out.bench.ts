/**
 * Processor time per delivery of messages to groups of 256, in the cores of switch and driver, alone on one thread:
 * payloads of 64 bytes, two shards, all members online. Prints JSON. Arguments: the number of phones (1,000,000 by
 * default), of whom each is in one group, and of deliveries (4,000,000).
 */
import { Arrivals } from '../../driver/terms/arrivals.ts';
import { benchWorld, measureSides } from '../../simulate/bench-world.test-suite.ts';
import { World } from '../../simulate/world/world.ts';
import { GroupPlan } from '../../wire/group-plan.ts';

const MEMBERS = 256;
const PHONES = Number(process.argv[2] ?? 1_000_000);
const GROUPS = Math.floor(PHONES / MEMBERS);
const DELIVERIES = Number(process.argv[3] ?? 4_000_000);
/** Messages to groups per second of virtual time: far below what a turn can take. */
const RATE = 1000;

const sizes = { median: MEMBERS, sigma: 0, max: MEMBERS };
const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: GROUPS, lists: 0, phones: PHONES, sizes });
const load = { phones: PHONES, loginsPerSecond: 200_000, messagesPerSecond: RATE };
const noChanges = { joins: Arrivals.constant(0), leaves: Arrivals.constant(0) };
const world = new World(
  benchWorld(load, {
    ringBytes: 2 ** 21,
    mailboxBlocks: 2 ** 19,
    turnMicros: 500,
    lane: { loginTimeoutMicros: 30e6, groups: { plan, shares: { groups: 1, lists: 0 }, ...noChanges } },
    shard: { watchMax: 0, watchesMax: 0, groups: { plan, queueMax: 4096, recentMax: 2 ** 16, changesMax: 1024 } },
  }),
);
const spentMillis = measureSides(world);

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
