/** The result of a run from its record: every figure from where it belongs, and null where nothing was measured. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { type Guard, type Result, resultSchema } from '../result/result-schema.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { Histogram } from '../stats/histogram.ts';
import { buildResult } from './build-result.ts';
import { latencySummary } from './latency-summary.ts';
import { madeEvidence, reading } from './made-evidence.test-suite.ts';
import { NO_SERIES } from './record/interval.ts';
import { madeInterval } from './record/made-interval.test-suite.ts';
import type { MemoryLine } from './record/memory-levels.ts';
import { type RecordedOrder, RunRecord } from './record/run-record.ts';
import { type Snapshot, Window } from './record/window.ts';

const SMOKE = readFileSync(new URL('../../scenarios/smoke.yaml', import.meta.url), 'utf8');
const SOCKETS = { listen: 'shared', listenReason: 'it fits', ringPlaces: null, sourcesPerLane: 3 } as const;

interface Made {
  readonly settings?: readonly string[];
  readonly order?: Partial<RecordedOrder>;
  readonly isOverSockets?: boolean;
}

/** A run that is complete and sound, of which nothing was measured yet. */
function recordOf({ settings = [], order = {}, isOverSockets = false }: Made = {}): RunRecord {
  const transport = isOverSockets ? ['transport=tcp'] : [];
  const scenario = parseScenario(SMOKE, 'smoke.yaml', [...transport, ...settings]);
  const record = new RunRecord(
    {
      scenario,
      scenarioHash: 'ab'.repeat(32),
      file: 'smoke.yaml',
      plan: {
        settings: scenario.settings,
        shape: { shards: 2, lanes: 4 },
        online: 1000,
        shardLoop: null,
        groups: null,
        sockets: isOverSockets ? SOCKETS : null,
      },
      id: 'run-1',
      startedAt: new Date(Date.UTC(2026, 0, 2)),
      step: null,
      hasSwitch: true,
      endsHere: 2,
      ...order,
    },
    madeResult().environment,
  );
  record.integrity = { ...record.integrity, isSound: true };
  return record;
}

const build = (record: RunRecord): Result => buildResult(record, 1.5);
const guard = (verdict: Guard['verdict']): Guard => ({ name: 'halves', verdict, figure: 1, limit: 2, sentence: 'so' });

/** A window of four seconds in which counters grew by these numbers, from 100 each. */
function measure(record: RunRecord, driver: Record<string, number>, ofSwitch: Record<string, number> = {}): void {
  const { start, end } = madeEvidence({ done: [1] }).window;
  const grown = (by: Record<string, number>, share: number): Record<string, number> =>
    Object.fromEntries(Object.entries(by).map(([name, count]) => [name, 100 + share * count]));
  const at = (snapshot: Snapshot, atMicros: number, share: number): Snapshot => ({
    ...snapshot,
    atMicros,
    driver: grown(driver, share),
    switch: grown(ofSwitch, share),
  });
  record.measured = { window: new Window(at(start, 1e6, 0), at(end, 5e6, 1)), intervals: [] };
}

describe('a result', () => {
  it('is one by its schema, whatever was measured before the run ended', () => {
    const empty = recordOf();
    const full = recordOf({ isOverSockets: true });
    measure(full, { messagesSent: 400, messagesAcknowledged: 400 }, { framesIn: 10 });
    full.readings.push(reading(500), reading(1000));
    full.guards.push(guard('ok'));
    for (const record of [empty, full]) {
      const stored = JSON.parse(JSON.stringify(build(record)));
      assert.deepEqual(resultSchema.parse(stored), stored);
    }
  });

  it('says what was run, when, and how loaded the machine was at the end', () => {
    const { id, startedAt, scenario, environment } = build(recordOf({ settings: ['seed=77'] }));
    assert.deepEqual(
      [id, startedAt, scenario.name, scenario.seed, scenario.file, environment.loadAfter],
      ['run-1', '2026-01-02T00:00:00.000Z', 'smoke', 77, 'smoke.yaml', 1.5],
    );
    assert.deepEqual([scenario.transport, scenario.isSimulated], ['memory', true]);
    assert.equal(build(recordOf({ isOverSockets: true })).scenario.isSimulated, false);
  });
});

describe('whether a result is valid', () => {
  const changes: readonly (readonly [what: string, isValid: boolean, change: (record: RunRecord) => void])[] = [
    ['all is well', true, () => {}],
    ['a guard warns or is unknown', true, ({ guards }) => guards.push(guard('warning'), guard('unknown'))],
    ['a guard trips', false, ({ guards }) => guards.push(guard('ok'), guard('invalid'))],
    ['the run was interrupted', false, (record) => Object.assign(record, { ended: 'interrupted' })],
    ['the run failed', false, (record) => Object.assign(record, { ended: 'failed' })],
    [
      'messages are missing',
      false,
      (record) => Object.assign(record, { integrity: { ...record.integrity, isSound: false } }),
    ],
    [
      'messages were not checked',
      false,
      (record) => Object.assign(record, { integrity: { ...record.integrity, isSound: null } }),
    ],
  ];
  for (const [what, isValid, change] of changes) {
    it(`is ${isValid ? 'so' : 'not so'} where ${what}`, () => {
      const record = recordOf();
      change(record);
      const { validity } = build(record);
      assert.equal(validity.isValid, isValid);
      assert.equal(validity.isComplete, record.ended === 'complete');
      assert.equal(validity.ended, record.ended);
    });
  }
});

describe('the throughput of a result', () => {
  it('is what counters grew by in the window, per second', () => {
    const record = recordOf();
    const driver = { messagesSent: 4000, messagesBacklog: 400, messagesNoConnection: 40, messagesAcknowledged: 3600 };
    measure(record, { ...driver, messagesDelivered: 3200, receipts: 2800 }, { framesIn: 800, framesOut: 1200 });
    const { throughput } = build(record);
    const wanted = {
      loginsPerSecond: null,
      offeredMessagesPerSecond: 1110,
      messagesPerSecond: 900,
      deliveriesPerSecond: 800,
      completeMessagesPerSecond: 700,
      framesPerSecond: 500,
      measuredSeconds: 4,
    };
    assert.deepEqual({ ...throughput, ...wanted }, throughput);
  });

  it('has no frames of a switch elsewhere, and nothing at all where nothing was measured', () => {
    const record = recordOf({ order: { hasSwitch: false } });
    measure(record, { messagesSent: 4 });
    assert.equal(build(record).throughput.framesPerSecond, null);
    for (const rate of Object.values(build(recordOf()).throughput)) assert.equal(rate, null);
  });

  it('has the logins of the tenths with most and with fewest, of a measurement with a curve', () => {
    const hours = `curve.hours=[${Array.from({ length: 24 }, () => '50%').join(',')}]`;
    const swing = (settings: readonly string[], logins: readonly number[]): (number | null)[] => {
      const record = recordOf({ settings });
      measure(record, {});
      const measured = logins.map((loginsPerSecond) => madeInterval({ phase: 'measure', loginsPerSecond }));
      const others = [madeInterval({ phase: 'settle', loginsPerSecond: 1 }), madeInterval({ phase: 'drain' })];
      record.series = { ...NO_SERIES, intervals: [...others, ...measured] };
      const { loginsHighestPerSecond, loginsLowestPerSecond } = build(record).throughput;
      return [loginsHighestPerSecond, loginsLowestPerSecond];
    };
    const twenty = Array.from({ length: 20 }, (_, n) => (n === 4 ? 190 : n === 5 ? 250 : n > 17 ? 120 : 200));
    assert.deepEqual(swing([hours], twenty), [220, 120]);
    assert.deepEqual(swing([], twenty), [null, null]);
    assert.deepEqual(swing([hours], twenty.slice(0, 9)), [null, null]);
  });

  it('has the stored messages per login, and none where nobody logged in', () => {
    const record = recordOf();
    measure(record, { loginsAccepted: 40 });
    const window = record.measured?.window ?? assert.fail('measured');
    const storedDelivery = new Histogram();
    for (let n = 0; n < 236; n++) storedDelivery.record(1e6);
    const end = { ...window.end, latencies: { ...window.end.latencies, storedDelivery } };
    record.measured = { window: new Window(window.start, end), intervals: [] };
    assert.equal(build(record).throughput.storedMessagesPerLogin, 5.9);
    measure(record, { messagesSent: 4 });
    assert.equal(build(record).throughput.storedMessagesPerLogin, null);
  });

  it('has the most messages that were in mailboxes, where the switch runs here', () => {
    const peak = (hasSwitch: boolean): number | null => {
      const record = recordOf({ order: { hasSwitch } });
      measure(record, {});
      record.series = { ...NO_SERIES, peakQueued: hasSwitch ? 4000 : 0 };
      return build(record).throughput.queuedMessagesPeak;
    };
    assert.deepEqual([peak(true), peak(false)], [4000, null]);
  });

  it('counts logins by the time in which phones arrived, not by that of the whole ramp', () => {
    const record = recordOf();
    record.readings.push(reading(500), reading(1000));
    record.ramp = { readings: record.readings, arrivingMicros: 250_000, isComplete: true, stopped: null };
    assert.equal(build(record).throughput.loginsPerSecond, 4000);
  });
});

describe('the connections of a result', () => {
  it('have as their peak the highest number that was seen anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5000), { minLength: 4, maxLength: 4 }),
        ([now = 0, atMeasure = 0, one = 0, two = 0]) => {
          const record = recordOf();
          record.counters = { ...record.counters, driver: { held: now } };
          record.heldAtMeasure = atMeasure;
          record.readings.push(reading(one), reading(two));
          const { wanted, peak, held, heldAtEnd } = build(record).connections;
          assert.deepEqual([wanted, held, heldAtEnd], [1000, atMeasure, now]);
          assert.equal(peak, Math.max(now, atMeasure, one, two));
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the latency of a result', () => {
  it('has a percentile where at least ten values are above it, as sorting the values finds it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 2000 }), (values) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const summary = latencySummary(histogram);
        const sorted = [...values].sort((a, b) => a - b);
        assert.equal(summary.count, values.length);
        for (const [percent, micros] of [
          [50, summary.p50Micros],
          [90, summary.p90Micros],
          [99, summary.p99Micros],
          [99.9, summary.p999Micros],
        ] as const) {
          const above = values.length * (1 - percent / 100);
          if (Math.abs(above - 10) < 1e-6) continue; // by rounding either is right
          assert.equal(micros !== null, above > 10, `p${percent} of ${values.length}`);
          if (micros === null) continue;
          const wanted = sorted[Math.ceil((percent / 100) * values.length) - 1] ?? Number.NaN;
          assert.ok(Math.abs(micros - wanted) <= 1 + wanted * 0.02, `p${percent}: ${micros} for ${wanted}`);
        }
        assert.equal(summary.histogram === null, values.length === 0);
        assert.equal(summary.maxMicros === null, values.length === 0);
      }),
      { numRuns: 20 },
    );
  });

  it('of logins is that of the ramp, and without a window that of messages is empty', () => {
    const record = recordOf();
    record.loginLatency = new Histogram();
    for (let n = 0; n < 100; n++) record.loginLatency.record(500);
    const { latency } = build(record);
    assert.equal(latency.login.count, 100);
    assert.ok(Math.abs((latency.login.p50Micros ?? 0) - 500) <= 10);
    assert.deepEqual([latency.delivery.count, latency.delivery.maxMicros], [0, null]);
  });
});

describe('the memory of a result', () => {
  const LEVELS = [1000, 1516, 2297, 3482, 5278, 8000];
  const at = (bytes: (connections: number) => Partial<ReturnType<typeof reading>>) =>
    LEVELS.map((connections) => ({ ...reading(connections), ...bytes(connections) }));
  const near = (figure: number | null | undefined, wanted: number): void =>
    assert.ok(Math.abs((figure ?? Number.NaN) - wanted) < 1e-6 * wanted, `${figure} for ${wanted}`);

  it('over sockets is of each side by its own process, and of kernel and machine', () => {
    const record = recordOf({ isOverSockets: true });
    record.readings.push(
      ...at((count) => ({
        switchLedgerBytes: 5e6 + 44 * count,
        driverLedgerBytes: 6e6 + 24 * count,
        switchRssBytes: 70e6 + 90 * count,
        driverRssBytes: 80e6 + 60 * count,
        rssBytes: 150e6 + 150 * count,
        hugePageBytes: 2000 * count,
        kernelBytes: 1e6 + 8000 * count,
        machineBytes: 2e9 + 8500 * count,
      })),
    );
    const { memory } = build(record);
    near(memory.switch.ledger?.bytesPerConnection, 44);
    near(memory.driver.ledger?.bytesPerConnection, 24);
    near(memory.switch.rss?.bytesPerConnection, 90);
    near(memory.driver.rss?.bytesPerConnection, 60);
    near(memory.process.rss?.bytesPerConnection, 150);
    near(memory.kernel?.bytesPerConnection, 8000);
    near(memory.machine?.bytesPerConnection, 8500);
    near(memory.machine?.baseBytes, 2e9);
    assert.deepEqual(memory.connections, LEVELS);
    assert.deepEqual(memory.pages, { setting: 'auto', hugeBytes: 16e6 }, 'at the highest level');
    assert.match(memory.leavesOut.join(), /socket buffers/);
  });

  it('in one process takes the driver from its calibration, and gives the switch the rest', () => {
    const line: MemoryLine = {
      bytesPerConnection: 60,
      lowBytesPerConnection: 60,
      highBytesPerConnection: 60,
      baseBytes: 1e6,
      isLinear: true,
      bytes: [],
    };
    const record = recordOf();
    record.readings.push(...at((count) => ({ rssBytes: 150e6 + 150 * count })));
    const calibration = { phones: 1000, messagesPerSecond: 9000, laneCpuMicrosPerMessage: 1 };
    record.calibration = { ...calibration, rss: line, switchBytesPerConnection: 8 };
    const { memory } = build(record);
    near(memory.process.rss?.bytesPerConnection, 150);
    near(memory.driver.rss?.bytesPerConnection, 60 - 8); // the table of the transport is the switch's
    near(memory.switch.rss?.bytesPerConnection, 150 - 60 + 8);
    assert.match(memory.leavesOut.join(), /kernel sockets/);
    record.calibration = null;
    assert.equal(build(record).memory.driver.rss, null, 'without a calibration the sides cannot be told apart');
  });

  it('has the tables of all threads, those of one owner and name in one row', () => {
    const entry = fc.record({
      owner: fc.constantFrom('switch', 'driver', 'transport') as fc.Arbitrary<LedgerEntry['owner']>,
      name: fc.constantFrom('sessions', 'accounts'),
      bytes: fc.nat(1e9),
      rowBytes: fc.constant(8),
      rowsUsed: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const record = recordOf();
        record.readings.push({ ...reading(1), ledger: [] }, { ...reading(2), ledger: entries });
        const { ledger } = build(record).memory;
        for (const { owner, name, reservedBytes, rowsUsed } of ledger) {
          const own = entries.filter((one) => one.owner === owner && one.name === name);
          assert.equal(
            reservedBytes,
            own.reduce((sum, { bytes }) => sum + bytes, 0),
          );
          assert.equal(
            rowsUsed,
            own.reduce((sum, one) => sum + one.rowsUsed, 0),
          );
        }
        assert.equal(ledger.length, new Set(entries.map(({ owner, name }) => `${owner} ${name}`)).size);
      }),
      { numRuns: 15 },
    );
  });
});

describe('other parts of a result', () => {
  const CALIBRATION = { phones: 500, messagesPerSecond: 2000, laneCpuMicrosPerMessage: 3, rss: null };

  it('compare the load that was offered with what the driver can do; before a window, the one intended', () => {
    const record = recordOf({ settings: ['traffic.rate=500'] });
    record.calibration = { ...CALIBRATION, switchBytesPerConnection: 0 };
    assert.equal(build(record).calibration?.offeredShare, 0.25);
    measure(record, { messagesSent: 4000 });
    assert.equal(build(record).calibration?.offeredShare, 0.5);
  });

  it('are of sockets where there are some: addresses of all lanes, and how sockets are held', () => {
    assert.equal(build(recordOf()).sockets, null);
    const { sockets } = build(recordOf({ isOverSockets: true, order: { endsHere: 1 } }));
    assert.deepEqual(
      [sockets?.shards, sockets?.lanes, sockets?.sourceAddresses, sockets?.endsHere, sockets?.hold],
      [2, 4, 12, 1, 'descriptors'],
    );
  });

  it('count what HTTP reached by its good answers, over the time of the window', () => {
    const record = recordOf();
    const [latency, sendDelay] = [new Histogram(), new Histogram()];
    latency.record(700);
    const counts = { due: 110, sent: 100, answers2xx: 80, answers4xx: 15, answers5xx: 5, errors: 1, acknowledged: 80 };
    record.http = { ...counts, seconds: 8, ratePerSecond: 12, connections: 4, latency, sendDelay };
    const { http, latency: all } = build(record);
    assert.deepEqual([http?.requests, http?.due, http?.reachedPerSecond, http?.intendedPerSecond], [100, 110, 10, 12]);
    assert.equal(all.http.count, 1);
  });

  it('judge the thresholds of the scenario by the figures of this result', () => {
    const record = recordOf({ settings: ['thresholds={connections.held: value>=900}'] });
    record.heldAtMeasure = 899;
    assert.deepEqual(
      build(record).thresholds.map(({ metric, figure, passed }) => [metric, figure, passed]),
      [['connections.held', 899, false]],
    );
    record.heldAtMeasure = 900;
    assert.equal(build(record).thresholds[0]?.passed, true);
  });
});
