/**
 * Processor time and garbage per complete message in the cores of switch and driver, alone on one thread: ten million
 * messages, five frames each, over two shards.
 */

import { GCProfiler, getHeapStatistics } from 'node:v8';
import { Arrivals } from '../driver/arrivals.ts';
import { NO_PRESENCE } from '../driver/presence/presence-load.ts';
import { retryAfter } from '../driver/retry-after.test-suite.ts';
import { Histogram } from '../stats/histogram.ts';
import { VOLATILE } from '../store/mailbox-store.ts';
import { World } from './world.ts';

const PHONES = 100_000;
const MESSAGES = 10_000_000;
const RATE = 500_000;

const latencies = {
  login: new Histogram(),
  acknowledgement: new Histogram(),
  delivery: new Histogram(),
  storedDelivery: new Histogram(),
  groupDelivery: new Histogram(),
  receipt: new Histogram(),
  presence: new Histogram(),
  sendDelay: new Histogram(),
};
const world = new World({
  seed: 1,
  lanes: 2,
  shards: 2,
  phones: PHONES,
  online: PHONES,
  ringBytes: 2 ** 20,
  inboxBytes: 2 ** 21,
  mailboxBlocks: 2 ** 18,
  turnMicros: 100,
  latencies,
  lane: {
    contacts: 4,
    heartbeatMicros: Number.POSITIVE_INFINITY,
    sessionMicros: Number.POSITIVE_INFINITY,
    awayMicros: 1e6,
    departure: 'logout',
    logins: Arrivals.constant(RATE),
    loginPacing: 'poisson',
    loginTimeoutMicros: 10e6,
    loginBackoff: retryAfter(1e6),
    loginAttempts: 5,
    messages: Arrivals.constant(RATE),
    messagePacing: 'poisson',
    activePhones: PHONES,
    payloadBytes: 64,
    presence: NO_PRESENCE,
    inFlightPlaces: 2 ** 16,
    runTag: 1,
    echo: false,
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
    watchMax: 4,
    watchesMax: 2 ** 14,
    inputsPerTurn: 512,
    tickMicros: 234_375,
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
const loginStart = performance.now();
world.runUntil(() => world.driver('held') === PHONES, 10e6);
const loginsPerSecond = (PHONES * 1000) / (performance.now() - loginStart);
world.startTraffic();
world.runFor(3e6); // until the code is compiled and caches are warm

spentMillis.switch = 0;
spentMillis.driver = 0;
const profiler = new GCProfiler();
profiler.start();
const heapBefore = getHeapStatistics().used_heap_size;
const before = world.driver('receipts');
world.runFor((MESSAGES / RATE) * 1e6);
const messages = world.driver('receipts') - before;
const heapAfter = getHeapStatistics().used_heap_size;
let allocatedBytes = heapAfter - heapBefore;
for (const { beforeGC, afterGC } of profiler.stop().statistics) {
  allocatedBytes += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
}

const figures = {
  messages,
  switchMicrosPerMessage: (spentMillis.switch * 1000) / messages,
  driverMicrosPerMessage: (spentMillis.driver * 1000) / messages,
  loginsPerSecond,
  allocatedBytesPerMessage: allocatedBytes / messages,
  heapGrowthBytes: heapAfter - heapBefore,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
