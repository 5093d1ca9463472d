/** Results with figures that a test decides, for tests of what reads results. */
import { nextExponential, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { RESULT_SCHEMA, type Result, resultSchema } from '../../result/result-schema.ts';
import type { LatencySummary } from '../../result/sections/latency-schema.ts';
import type { Slope } from '../../result/sections/memory-schema.ts';
import type { Pair } from './usable-pairs.ts';

export interface MadeFigures {
  readonly id?: string;
  readonly startedAt?: string;
  /** Name of a guard that tripped. */
  readonly tripped?: string;
  readonly bytesPerConnection?: number;
  readonly cpuMicros?: number | null;
  readonly completePerSecond?: number;
  readonly p99Micros?: number | null;
  readonly held?: number;
  readonly lost?: number;
  readonly commit?: string;
  readonly written?: object;
  readonly environment?: Partial<Result['environment']>;
}

function slope(bytesPerConnection: number): Slope {
  return {
    bytesPerConnection,
    lowBytesPerConnection: bytesPerConnection * 0.999,
    highBytesPerConnection: bytesPerConnection * 1.001,
    baseBytes: 1e6,
    isLinear: true,
    bytes: [],
    reason: null,
  };
}

function latency(p99Micros: number | null): LatencySummary {
  const of = (factor: number): number | null => (p99Micros === null ? null : p99Micros * factor);
  return {
    count: p99Micros === null ? 0 : 100_000,
    minMicros: of(0.1),
    meanMicros: of(0.3),
    p50Micros: of(0.25),
    p90Micros: of(0.6),
    p95Micros: of(0.8),
    p99Micros: of(1),
    p999Micros: of(2),
    p9999Micros: null,
    maxMicros: of(5),
    aboveRangeCount: 0,
    rangeMicros: 2 ** 28,
    histogram: null,
  };
}

const ENVIRONMENT: Result['environment'] = {
  trunkline: '0.1.0',
  node: 'v20.20.2',
  v8: '11.3',
  execArgv: [],
  platform: 'linux x64',
  kernel: '6.1',
  cpuModel: 'Made CPU',
  cores: 2,
  memoryBytes: 2 ** 34,
  governor: null,
  cgroupCpuCores: null,
  cgroupMemoryBytes: null,
  loadBefore: 0.1,
  loadAfter: 1,
  openFilesLimit: 1024,
  sysctls: { 'vm.swappiness': '60' },
  commit: 'a'.repeat(40),
  isDirty: false,
  lockfileHash: null,
  machineClass: 'linux-x64 Made CPU ×2 16 GiB',
};

function throughput(completePerSecond: number): Result['throughput'] {
  return {
    loginsPerSecond: 20_000,
    offeredMessagesPerSecond: completePerSecond,
    messagesPerSecond: completePerSecond,
    deliveriesPerSecond: completePerSecond,
    completeMessagesPerSecond: completePerSecond,
    framesPerSecond: completePerSecond * 6,
    measuredLoginsPerSecond: 0,
    loginsHighestPerSecond: null,
    loginsLowestPerSecond: null,
    storedMessagesPerLogin: null,
    queuedMessagesPeak: null,
    unansweredMessagesPeak: null,
    measuredSeconds: 15,
  };
}

const NONE = { switch: {}, driver: {}, switchSockets: {}, driverSockets: {} };
const NO_SERIES = {
  atSeconds: [],
  phase: [],
  held: [],
  loginsPerSecond: [],
  messagesPerSecond: [],
  deliveriesPerSecond: [],
  deliveryP50Micros: [],
  deliveryP99Micros: [],
  backlogMessages: [],
  stealShare: [],
  rssBytes: [],
  switchRssBytes: [],
  driverRssBytes: [],
  kernelSocketBytes: [],
  switchLedgerBytes: [],
  driverLedgerBytes: [],
  threads: [],
  events: [],
};

function validity(tripped: string | undefined): Result['validity'] {
  const guards: Result['validity']['guards'] =
    tripped === undefined
      ? []
      : [{ name: tripped, verdict: 'invalid', figure: 0.2, limit: 0.1, sentence: 'it was too much' }];
  return { isValid: tripped === undefined, isComplete: true, ended: 'complete', failure: null, guards };
}

function integrity(lost: number): Result['integrity'] {
  return {
    isSound: lost === 0,
    sent: 1000,
    delivered: 1000 - lost,
    queued: 0,
    rejected: 0,
    forOffline: null,
    lost,
    duplicated: 0,
    reordered: 0,
    overtaken: 0,
    corrupted: 0,
    strangers: 0,
    redelivered: 0,
    earlier: 0,
    unanswered: 0,
    digestsMatch: lost === 0,
    groups: null,
    findings: [],
  };
}

/** A whole result, checked against the schema. */
export function madeResult(made: MadeFigures = {}): Result {
  const { bytesPerConnection = 40, held = 1_000_000, lost = 0, p99Micros = 2000, cpuMicros = 3 } = made;
  const memory = { ledger: slope(bytesPerConnection), heap: null, rss: slope(bytesPerConnection * 1.3) };
  const failed = {
    refused: 0,
    loginRefused: 0,
    loginForeign: 0,
    loginCutOff: 0,
    loginTimedOut: 0,
    givenUp: 0,
    lostReplaced: 0,
    lostHeartbeat: 0,
    lostOther: 0,
  };
  return resultSchema.parse({
    schema: RESULT_SCHEMA,
    id: made.id ?? 'made',
    startedAt: made.startedAt ?? '2026-01-01T00:00:00.000Z',
    scenario: {
      name: 'made',
      description: 'Made up',
      file: 'made.yaml',
      hash: JSON.stringify(made.written ?? {}),
      seed: 1,
      transport: 'memory',
      isSimulated: true,
      written: { name: 'made', ...made.written },
    },
    environment: { ...ENVIRONMENT, ...(made.commit === undefined ? {} : { commit: made.commit }), ...made.environment },
    validity: validity(made.tripped),
    phases: [],
    sockets: null,
    shardLoop: null,
    calibration: null,
    connections: { wanted: held, peak: held, held, heldAtEnd: held, failed },
    throughput: throughput(made.completePerSecond ?? 100_000),
    latency: {
      login: latency(p99Micros),
      acknowledgement: latency(p99Micros),
      delivery: latency(p99Micros),
      storedDelivery: latency(p99Micros),
      receipt: latency(p99Micros),
      sendDelay: latency(p99Micros),
      presence: latency(p99Micros),
    },
    memory: {
      isSimulated: true,
      connections: [],
      switch: memory,
      driver: { ledger: slope(20), heap: null, rss: null },
      kernel: null,
      machine: null,
      process: { rss: null, pageTables: null },
      ledger: [],
      leavesOut: [],
    },
    cpu: { switchMicrosPerMessage: cpuMicros, driverMicrosPerMessage: 3, threads: [] }, // no rows of the runtime
    integrity: integrity(lost),
    counters: { ...NONE, inboxRefusals: 0 },
    thresholds: [],
    series: NO_SERIES,
  });
}

/** Seeded noise as a factor about 1: symmetric on the scale of logarithms, with heavy tails. */
export function noiseFactors(seed: number, spreadShare: number): () => number {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, 11);
  return () => Math.exp(spreadShare * (nextExponential(random, 0) - nextExponential(random, 0)));
}

export interface MadePairs {
  readonly pairs?: number;
  readonly seed?: number;
  readonly spreadShare?: number;
  /** Candidate divided by base, by figure. */
  readonly bytesRatio?: number;
  readonly cpuRatio?: number;
  readonly completeRatio?: number;
  readonly p99Ratio?: number;
  readonly base?: MadeFigures;
  readonly candidate?: MadeFigures;
}

/** Pairs with known ratios, every figure with its own noise; the machine drifts by 30 % meanwhile. */
export function madePairs(made: MadePairs = {}): Pair[] {
  const { pairs = 10, seed = 1, spreadShare = 0.005 } = made;
  const next = noiseFactors(seed, spreadShare);
  return Array.from({ length: pairs }, (_, i) => {
    const drift = 1 + (0.3 * i) / pairs;
    const side = (name: string, ratios: readonly [number, number, number, number], own: MadeFigures): Result =>
      madeResult({
        id: `${name}-${i + 1}`,
        startedAt: `2026-01-01T00:${String(i).padStart(2, '0')}:00.000Z`,
        bytesPerConnection: 40 * ratios[0] * next(),
        cpuMicros: 3 * drift * ratios[1] * next(),
        completePerSecond: (100_000 / drift) * ratios[2] * next(),
        p99Micros: 2000 * drift * ratios[3] * next(),
        ...own,
      });
    const { bytesRatio = 1, cpuRatio = 1, completeRatio = 1, p99Ratio = 1 } = made;
    return {
      base: side('base', [1, 1, 1, 1], made.base ?? {}),
      candidate: side('candidate', [bytesRatio, cpuRatio, completeRatio, p99Ratio], made.candidate ?? {}),
    };
  });
}
