/** What a run leaves for its guards, with figures that a test decides: all is well unless it says otherwise. */
import type { KernelCounters } from '../measure/kernel-counters.ts';
import { Histogram } from '../stats/histogram.ts';
import type { Evidence } from './guards/judge-guards.ts';
import type { Interval } from './record/interval.ts';
import { eachLatency } from './record/latencies.ts';
import { madeInterval } from './record/made-interval.test-suite.ts';
import type { MemoryReading } from './record/memory-reading.ts';
import { type Snapshot, Window } from './record/window.ts';

export interface MadeEvidence {
  /** Messages done in each interval of a second. */
  readonly done?: readonly number[];
  readonly backlog?: readonly number[];
  readonly driver?: Readonly<Record<string, number>>;
  readonly ackMicros?: number;
  readonly lateMicros?: number;
  readonly laneBusyShare?: number;
  readonly stealTicks?: number;
  /** Of others, in ticks of 10 ms; all else the machine is idle. */
  readonly otherTicks?: number;
  readonly laneWaitShare?: number;
  readonly throttledPeriods?: number;
  readonly swappedPages?: number;
  readonly kernel?: Partial<KernelCounters>;
  readonly evidence?: Partial<Evidence>;
}

const RATE = 500;
const SECONDS = 12;
const NO_SOCKETS = { driver: {}, switch: {}, switchSockets: {}, driverSockets: {}, gateway: {} };
const KERNEL: KernelCounters = {
  listenOverflows: 0,
  listenDrops: 0,
  synQueueDrops: 0,
  synQueueCookies: 0,
  timeouts: 0,
  lossProbes: 0,
  outOfOrder: 0,
  abortsForMemory: 0,
  memoryPressures: 0,
  memoryPressureMillis: 0,
  segmentsIn: 10_000,
  segmentsOut: 10_000,
  segmentsRetransmitted: 0,
  segmentsRetransmittedInVain: 0,
  segmentsInvalid: 0,
  segmentsBadChecksum: 0,
  synCookiesSent: 0,
  resetsOut: 0,
  attemptsFailed: 0,
  establishedResets: 0,
};

/** Twelve seconds at 500 messages per second. */
export function madeEvidence(made: MadeEvidence = {}): Evidence {
  const { done = Array.from({ length: SECONDS }, () => RATE), ackMicros = 1000, lateMicros = 100 } = made;
  const sent = done.reduce((sum, count) => sum + count, 0);
  const micros = done.length * 1e6;
  const driver = { messagesSent: sent, unansweredMicros: sent * (ackMicros - lateMicros), ...made.driver };
  const latencies = eachLatency(() => new Histogram());
  for (let n = 0; n < sent; n++) {
    latencies.acknowledgement.record(ackMicros);
    latencies.sendDelay.record(lateMicros);
  }
  const start = snapshot(0, {}, 0, {});
  const end = { ...snapshot(micros, driver, (made.laneBusyShare ?? 0.3) * micros, made), latencies };
  const intervals = done.map(
    (count, i): Interval =>
      madeInterval({
        atSeconds: i + 1,
        messagesPerSecond: count,
        deliveriesPerSecond: count,
        backlogMessages: made.backlog?.[i] ?? 0,
      }),
  );
  return {
    window: new Window(start, end),
    intervals,
    settle: { isSteady: true, trendShare: 0.001, trendShareMax: 0.02 },
    lanes: ['lane-0'],
    thresholds: [],
    offeredRate: RATE,
    calibration: {
      phones: 1000,
      messagesPerSecond: 10_000,
      laneCpuMicrosPerMessage: 1,
      rss: null,
      switchBytesPerConnection: 0,
    },
    hasSwitch: true,
    network: null,
    hasOwnNetwork: false,
    ramp: { readings: [reading(500), reading(1000)], arrivingMicros: 1e6, isComplete: true, stopped: null },
    wanted: 1000,
    intended: (fromMicros, toMicros) => ((toMicros - fromMicros) * RATE) / 1e6,
    kernel: made.kernel === undefined ? null : { ...KERNEL, ...made.kernel },
    intendedReturns: null,
    disturbances: [],
    http: null,
    counters: { ...NO_SOCKETS, driver: { connectsStarted: 1000 } },
    ...made.evidence,
  };
}

function snapshot(
  atMicros: number,
  driver: Readonly<Record<string, number>>,
  laneMicros: number,
  { stealTicks = 0, otherTicks = 0, laneWaitShare = 0, throttledPeriods = 0, swappedPages = 0 }: MadeEvidence,
): Snapshot {
  return {
    atMicros,
    driver,
    switch: {},
    latencies: eachLatency(() => new Histogram()),
    platformLatencies: [],
    cpu: new Map([['lane-0', { cpuMicros: laneMicros, waitMicros: laneWaitShare * atMicros }]]),
    controllerMicros: 0,
    processCpu: { switchMicros: null, driverMicros: null, sharedMicros: null },
    machine: {
      totalTicks: atMicros / 1e4,
      idleTicks: atMicros / 1e4 - stealTicks - otherTicks,
      stealTicks,
      throttledPeriods,
      swappedPages,
    },
  };
}

/** Memory at a level, of which only the sockets matter here: both ends, and twenty of others. */
export function reading(connections: number, others = 20): MemoryReading {
  const own = 2 * connections;
  return {
    connections,
    rssBytes: 0,
    pageTableBytes: null,
    hugePageBytes: null,
    switchRssBytes: null,
    driverRssBytes: null,
    switchLedgerBytes: 0,
    driverLedgerBytes: 0,
    switchHeapBytes: 0,
    driverHeapBytes: 0,
    kernelBytes: null,
    machineBytes: null,
    sockets: { own, tcp: own + others, all: own + others + 10 },
    ledger: [],
  };
}
