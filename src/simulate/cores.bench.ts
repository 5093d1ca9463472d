/**
 * Processor time and garbage per complete message in the cores of switch and driver, alone on one thread: ten million
 * messages, five frames each, over two shards.
 */

import { GCProfiler, getHeapStatistics } from 'node:v8';
import { Histogram } from '../stats/histogram.ts';
import { eachLatency } from '../verdict/record/latencies.ts';
import { benchWorld, measureSides } from './bench-world.test-suite.ts';
import { World } from './world/world.ts';

const PHONES = 100_000;
const MESSAGES = 10_000_000;
const RATE = 500_000;

const latencies = eachLatency(() => new Histogram());
const load = { phones: PHONES, loginsPerSecond: RATE, messagesPerSecond: RATE };
const world = new World(benchWorld(load, { latencies }));
const spentMillis = measureSides(world);

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
