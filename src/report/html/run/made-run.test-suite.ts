/** Results for tests of the page of a run: with all columns of the series, of an hour, and with hostile names. */
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { nextExponential, RANDOM_STATE_WORDS, seedRandom } from '../../../base/pseudo-random.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Slope } from '../../../result/sections/memory-schema.ts';
import type { IntervalSeries } from '../../../result/series-schema.ts';
import { toHdrHistogram } from '../../../stats/hdr-histogram.ts';
import { Histogram } from '../../../stats/histogram.ts';

/** A name that would break a page that did not escape it. */
export const HOSTILE_NAME = `<script>alert("1")</script>&'</script><!--`;

/** Most intervals that a result keeps. */
export const INTERVALS_MAX = 7200;
const THREADS = 16;
const CPU_THREADS = 70;
const EVENTS = 200;
const LEVELS = [1000, 1516, 2297, 3482, 5278, 8000];

/** A result over sockets whose series has every column. @param intervals half a second each. */
export function wholeResult(intervals = 60): Result {
  const made = madeResult();
  const threads = (['shard', 'lane'] as const).flatMap((role) =>
    Array.from({ length: CPU_THREADS / 2 }, (_, i) => ({
      name: `${role}-${i}`,
      role,
      busyShare: 0.3 + (i % 10) / 20,
      waitShare: 0.01,
      cpuMicros: 1e6,
      heapUsedBytes: 9e6,
      collections: i,
      pauseMicros: i * 800,
    })),
  );
  return {
    ...made,
    scenario: { ...made.scenario, transport: 'tcp', isSimulated: false },
    validity: {
      ...made.validity,
      guards: [
        { name: 'ramp', verdict: 'ok', figure: 8000, limit: 8000, sentence: '8,000 of 8,000 phones logged in' },
        {
          name: 'lane load',
          verdict: 'warning',
          figure: 0.75,
          limit: 0.8,
          sentence: 'the busiest lane was busy 75.0 %',
        },
        { name: 'driver load', verdict: 'unknown', figure: null, limit: null, sentence: 'no calibration in this run' },
      ],
    },
    latency: { ...made.latency, delivery: { ...made.latency.delivery, ...drawnLatency() } },
    memory: {
      ...made.memory,
      isSimulated: false,
      connections: LEVELS,
      switch: { ledger: slopeOf(44, 35e6), heap: null, rss: null },
      driver: { ledger: slopeOf(24, 8e6), heap: null, rss: null },
      kernel: slopeOf(7959, 101e6),
      machine: slopeOf(8566, 907e6),
    },
    cpu: { ...made.cpu, threads },
    thresholds: [
      {
        metric: 'connections.held',
        expression: 'value>=8000',
        figure: 8000,
        isMore: false,
        passed: true,
        reason: null,
      },
      { metric: 'latency.delivery', expression: 'p(99)<5ms', figure: 9000, isMore: false, passed: false, reason: null },
      {
        metric: 'integrity.lost',
        expression: '==0',
        figure: null,
        isMore: false,
        passed: false,
        reason: 'not checked',
      },
    ],
    series: madeSeries(intervals),
    phases: [{ name: 'measure', startSeconds: 10, durationSeconds: 15, outcome: 'complete' }],
  };
}

/** The same result with a hostile name wherever a user can put one. */
export function hostileResult(result = wholeResult()): Result {
  const name = HOSTILE_NAME;
  return {
    ...result,
    scenario: {
      ...result.scenario,
      name,
      file: `${name}.yaml`,
      transport: name,
      step: { name, number: 1, of: 2, published: { figure: name, source: name } },
      written: { name },
    },
    environment: { ...result.environment, machineClass: name, cpuModel: name, commit: name, sysctls: { [name]: name } },
    cpu: { ...result.cpu, threads: result.cpu.threads.map((thread) => ({ ...thread, name })) },
    series: {
      ...result.series,
      threads: result.series.threads.slice(0, 2).map((thread) => ({ ...thread, name })),
      events: [{ atSeconds: 5, name: 'phase', detail: name }],
    },
    validity: { ...result.validity, guards: result.validity.guards.map((guard) => ({ ...guard, sentence: name })) },
  };
}

/** A run that ended before anything was measured, as an older version stored it. */
export function emptyResult(): Result {
  const made = madeResult({ p99Micros: null });
  const none = { ledger: null, heap: null, rss: null };
  return {
    ...made,
    validity: { isValid: false, isComplete: false, ended: 'interrupted', failure: null, guards: [] },
    phases: [],
    throughput: {
      loginsPerSecond: null,
      offeredMessagesPerSecond: null,
      messagesPerSecond: null,
      deliveriesPerSecond: null,
      completeMessagesPerSecond: null,
      framesPerSecond: null,
      measuredLoginsPerSecond: null,
      loginsHighestPerSecond: null,
      loginsLowestPerSecond: null,
      storedMessagesPerLogin: null,
      queuedMessagesPeak: null,
      unansweredMessagesPeak: null,
      measuredSeconds: null,
    },
    memory: {
      ...made.memory,
      connections: [],
      switch: none,
      driver: none,
      kernel: null,
      machine: null,
      process: { rss: null, pageTables: null },
    },
    cpu: { ...made.cpu, switchMicrosPerMessage: null, driverMicrosPerMessage: null, threads: [] },
    integrity: { ...made.integrity, isSound: null, digestsMatch: null },
    thresholds: [],
  };
}

function slopeOf(bytesPerConnection: number, baseBytes: number): Slope {
  return {
    bytesPerConnection,
    lowBytesPerConnection: bytesPerConnection * 0.99,
    highBytesPerConnection: bytesPerConnection * 1.01,
    baseBytes,
    isLinear: true,
    bytes: LEVELS.map((count, i) => baseBytes + count * bytesPerConnection + (i % 2 === 0 ? 5000 : -5000)),
    reason: null,
  };
}

/** Twenty thousand exponential latencies of a mean of 2 ms, with their percentiles. */
function drawnLatency(): Pick<Result['latency']['delivery'], 'count' | 'histogram' | 'p50Micros' | 'p99Micros'> {
  const state = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(state, 0, 1, 7);
  const histogram = new Histogram();
  for (let i = 0; i < 20_000; i++) histogram.record(1 + nextExponential(state, 0) * 2000);
  return {
    count: histogram.count,
    histogram: encodeIntoCompressedBase64(toHdrHistogram(histogram)),
    p50Micros: histogram.percentile(50),
    p99Micros: histogram.percentile(99),
  };
}

function madeSeries(intervals: number): IntervalSeries {
  const state = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(state, 0, 1, 11);
  const column = (middle: number): number[] =>
    Array.from({ length: intervals }, () => middle * (0.9 + 0.1 * nextExponential(state, 0)));
  const counts = (middle: number): number[] => column(middle).map(Math.round);
  return {
    atSeconds: Array.from({ length: intervals }, (_, i) => (i + 1) / 2),
    phase: Array.from({ length: intervals }, (_, i) => (i < intervals / 4 ? 'ramp' : 'measure')),
    held: counts(1_000_000),
    loginsPerSecond: column(30_000),
    messagesPerSecond: column(250_000),
    deliveriesPerSecond: column(250_000),
    deliveryP50Micros: counts(1900),
    deliveryP99Micros: counts(5100).map((value, i) => (i % 50 === 0 ? null : value)),
    backlogMessages: counts(40),
    stealShare: column(0.01),
    rssBytes: counts(3.1e8),
    switchRssBytes: counts(1.3e8),
    driverRssBytes: counts(1.2e8),
    kernelSocketBytes: counts(8e9),
    switchLedgerBytes: counts(8e7),
    driverLedgerBytes: counts(3e7),
    threads: (['shard', 'lane'] as const).flatMap((role) =>
      Array.from({ length: THREADS }, (_, i) => ({
        name: `${role}-${i}`,
        role,
        busyShare: column(0.5),
        collections: counts(2),
        pauseMicros: counts(3000),
      })),
    ),
    events: Array.from({ length: EVENTS }, (_, i) => ({
      atSeconds: (i * intervals) / 2 / EVENTS,
      name: i % 4 === 0 ? ('phase' as const) : ('level' as const),
      detail: i % 4 === 0 ? 'measure' : `${100 * i} connections`,
    })),
  };
}
