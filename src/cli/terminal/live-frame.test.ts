/** Frames of the live view, as a user sees them at several sizes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { kernelCounters } from '../../measure/kernel-counters.ts';
import { PLAIN } from '../../report/text/palette.ts';
import type { EarlyFigures, Interval } from '../../verdict/record/interval.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import { liveFrame } from './live-frame.ts';
import { type LivePlan, LiveRun } from './live-run.ts';
import { cellsOf } from './styled-line.ts';

const KEYS = 'p pauses, q quits';
const PLAN: LivePlan = {
  scenario: 'million',
  step: null,
  transport: 'tcp',
  isSimulated: false,
  losesPackets: false,
  threads: 2,
  messagesPerSecond: 400_000,
  sendDelayMicrosMax: 5000,
  online: 1_000_000,
  loginsPerSecond: 50_000,
  calibrateSeconds: 5,
  settleSecondsMax: 30,
  measureSeconds: 60,
  intervalSeconds: 1,
};
const INTERVAL: Interval = {
  atSeconds: 34,
  seconds: 1,
  phase: 'measure',
  held: 750_000,
  loginsPerSecond: 0,
  messagesPerSecond: 412_345,
  sentPerSecond: 412_345,
  deliveriesPerSecond: 411_000,
  groupDeliveriesPerSecond: 0,
  presenceNoticesPerSecond: 0,
  stormDropsPerSecond: 0,
  returnsPerSecond: 0,
  deliveryP50Micros: 850,
  deliveryP99Micros: 12_300,
  backlogMessages: 0,
  rssBytes: 6.5 * 2 ** 30,
  stealShare: 0.001,
  switchRssBytes: null,
  driverRssBytes: null,
  kernelSocketBytes: null,
  switchLedgerBytes: null,
  driverLedgerBytes: null,
  threads: [
    { name: 'shard-0', role: 'shard', busyShare: 0.62, collections: 0, pauseMicros: 0 },
    { name: 'lane-0', role: 'lane', busyShare: 0.31, collections: 0, pauseMicros: 0 },
  ],
};

/** Nothing that a guard would mind. */
const QUIET: EarlyFigures = {
  ...{ sendDelayP99Micros: 2400, messageFaults: 0, throttledPeriods: 0, swappedPages: 0 },
  ...{ kernel: null, connectsStarted: 0 },
};

function reading(connections: number, bytes: number, kernelBytes: number | null): MemoryReading {
  const sides = { switchRssBytes: null, driverRssBytes: null, switchLedgerBytes: null, driverLedgerBytes: 0 };
  const rest = { switchHeapBytes: null, driverHeapBytes: 0, machineBytes: null, sockets: null, ledger: [] };
  return { connections, rssBytes: bytes, pageTableBytes: null, hugePageBytes: null, kernelBytes, ...sides, ...rest };
}

function measuring(interval: Partial<Interval> = {}, plan: Partial<LivePlan> = {}): LiveRun {
  const run = new LiveRun({ ...PLAN, ...plan });
  run.enter('ramp', 'phones log in', 5.2);
  run.read(reading(100_000, 1e9, 1e8));
  run.read(reading(750_000, 1e9 + 650_000 * 512, 1e8 + 650_000 * 4096));
  run.enter('measure', '', 25);
  run.add({ ...INTERVAL, ...interval });
  return run;
}

const frame = (run: LiveRun, columns: number, rows: number, nowSeconds = 35, keys = KEYS): string[] =>
  liveFrame(run, nowSeconds, { columns, rows }, PLAIN, keys);

describe('a frame of the live view', () => {
  it('has everything in a wide terminal', () => {
    assert.deepEqual(frame(measuring(), 100, 24), [
      'trunkline    million · tcp · p pauses, q quits',
      'measure      10 s of 1 min 00 s · about 51 s left',
      'connections  750,000 of 1,000,000 ██████████████████████████████────────── 75.0 %',
      'per second   412k messages · 411k deliveries · 0 logins',
      'delivery     p50 850 µs · p99 12.3 ms',
      'memory       512 B per connection so far (RSS growth, 100k to 750k), kernel 4.00 KiB · RSS 6.50 GiB',
      'busy         shard-0 62.0 % · lane-0 31.0 %',
      'events          5.2 s  ramp: phones log in',
      '               25.0 s  measure',
    ]);
  });

  it('has no negative memory where the heap shrank more than the connections took', () => {
    const run = new LiveRun(PLAN);
    run.read(reading(1000, 5e6, null));
    run.read(reading(6000, 4e6, null));
    run.add(INTERVAL);
    const line = frame(run, 100, 24).find((one) => one.startsWith('memory'));
    assert.match(line ?? '', /^memory +not measurable per connection so far/);
  });

  it('has shorter lines in a narrow terminal, without labels', () => {
    assert.deepEqual(frame(measuring(), 40, 10), [
      'million · tcp · p pauses, q quits',
      'measure 10 s of 1 min 00 s · about 51 s…',
      '750,000 of 1,000,000 █████████─── 75.0 %',
      '412k messages · 411k deliveries · 0 log…',
      'p50 850 µs · p99 12.3 ms',
      '512 B per connection so far (RSS growth…',
      'shard-0 62.0 % · lane-0 31.0 %',
      '   5.2 s  ramp: phones log in',
      '  25.0 s  measure',
    ]);
  });

  it('has what matters most on 20 columns and 5 rows, of which one is for the cursor', () => {
    assert.deepEqual(frame(measuring(), 20, 5), [
      'measure 10 s of 1 m…',
      '750,000 of 1,000,00…',
      '412k messages · 411…',
      'p50 850 µs · p99 12…',
    ]);
    assert.deepEqual(frame(measuring(), 20, 2), ['measure 10 s of 1 m…']);
    assert.deepEqual(frame(measuring(), 20, 1), []);
  });

  it('says before the first interval and level what is not known yet', () => {
    const run = new LiveRun({ ...PLAN, isSimulated: true, transport: 'memory', step: '2 of 4: memory' });
    assert.deepEqual(frame(run, 80, 24, 1, ''), [
      'trunkline    million · step 2 of 4: memory · memory, simulated',
      'start        starting threads',
      'connections  0 of 1,000,000 ──────────────────────────────────────── 0.00 %',
    ]);
    run.enter('ramp', 'phones log in', 1);
    run.add({ ...INTERVAL, phase: 'ramp', deliveryP50Micros: null, deliveryP99Micros: null, threads: [] });
    const text = frame(run, 120, 24, 2).join('\n');
    assert.match(text, /delivery +p50 – · p99 –\n/);
    assert.match(text, /memory +per connection not yet known · RSS 6\.50 GiB\n/);
    assert.doesNotMatch(text, /busy/);
  });

  it('names the busiest of many threads, and how many there are', () => {
    const threads = Array.from({ length: 150 }, (_, n) => ({
      name: `lane-${n}`,
      role: 'lane' as const,
      busyShare: n / 1000,
      collections: 0,
      pauseMicros: 0,
    }));
    const [line] = frame(measuring({ threads: threads.slice(0, 32) }, { threads: 150 }), 120, 24).filter((one) =>
      one.startsWith('busy'),
    );
    assert.equal(
      line,
      'busy         lane-31 3.10 % · lane-30 3.00 % · lane-29 2.90 % · lane-28 2.80 %, the busiest of 32 of 150 threads',
    );
  });

  it('warns of guards beyond half of their limit, with figure and limit, and of no other', () => {
    const guards = (interval: Partial<Interval>): string =>
      frame(measuring(interval), 200, 24).find((one) => one.startsWith('guards')) ?? 'none';
    const lane = (busyShare: number): Interval['threads'] => [
      { name: 'lane-0', role: 'lane', busyShare, collections: 0, pauseMicros: 0 },
    ];
    assert.equal(guards({ threads: lane(0.39) }), 'none');
    assert.equal(guards({ threads: lane(0.7) }), 'guards       lane load: busiest lane 70.0 %, limit 80.0 %');
    assert.equal(
      guards({ threads: lane(0.5), stealShare: 0.05, backlogMessages: 412_345 }),
      'guards       offered load: due and not sent 50.0 %, limit 1.00 % · processor steal: stolen 5.00 %, limit 3.00 % · lane load: busiest lane 50.0 %, limit 80.0 %',
    );
    assert.equal(guards({ phase: 'settle', backlogMessages: 1e6 }), 'none', 'it is judged while the run measures');
  });

  it('warns of late sends, of faults, of the machine and of a driver that can do too little', () => {
    const guards = (early: Partial<EarlyFigures>, phase = 'measure', driver: number | null = null): string => {
      const run = measuring({ early: { ...QUIET, ...early }, phase });
      run.driverMessagesPerSecond = driver;
      return (frame(run, 200, 24).find((one) => one.startsWith('guards')) ?? 'none').replace(/^guards +/, '');
    };
    assert.equal(guards({}), 'none');
    assert.equal(guards({ sendDelayP99Micros: null }), 'none');
    assert.equal(guards({ sendDelayP99Micros: 4000 }), 'send delay: sent late (p99) 4.00 ms, limit 5.00 ms');
    assert.equal(guards({ sendDelayP99Micros: 9000, swappedPages: 1 }, 'ramp'), 'none');
    assert.equal(
      guards({ messageFaults: 2 }, 'settle'),
      'message balance: duplicated, reordered, corrupted or misdirected 2, limit 0',
    );
    assert.equal(guards({ throttledPeriods: 3 }), 'throttling: periods 3, limit 0');
    assert.equal(guards({ swappedPages: 7 }), 'swapping: pages 7, limit 0');
    assert.equal(guards({}, 'ramp', 500_000), 'driver load: of its capacity 80.0 %, limit 70.0 %');
    assert.equal(guards({}, 'ramp', 5_000_000), 'none');
  });

  it('warns of what the kernel counts so far, by the limits of its guards', () => {
    const none = kernelCounters(() => '');
    const guards = (
      kernel: Partial<typeof none>,
      more: Partial<EarlyFigures> = {},
      plan: Partial<LivePlan> = {},
    ): string => {
      const run = measuring({ early: { ...QUIET, kernel: { ...none, ...kernel }, ...more }, phase: 'ramp' }, plan);
      return (frame(run, 200, 24).find((one) => one.startsWith('guards')) ?? 'none').replace(/^guards +/, '');
    };
    assert.equal(guards({}), 'none', 'a kernel that reports nothing');
    assert.equal(guards({ memoryPressures: 1, abortsForMemory: 1 }), 'socket memory: shortages 2, limit 0');
    const resent = { segmentsRetransmitted: 30, segmentsOut: 20_000 };
    assert.equal(guards(resent), 'retransmission: segments sent again 0.15 %, limit 0.10 %');
    assert.equal(guards({ ...resent, segmentsRetransmittedInVain: 25 }), 'none', 'those that had arrived');
    assert.equal(guards(resent, {}, { losesPackets: true }), 'none', 'networks of the run lose packets');
    assert.equal(guards({ segmentsRetransmitted: 1, segmentsOut: 10 }), 'none', 'one of few says nothing');
    const full = { listenOverflows: 100, listenDrops: 120 };
    assert.equal(guards(full, { connectsStarted: 200_000 }), 'listen backlog: connects not taken 0.06 %, limit 0.10 %');
    assert.equal(guards(full, { connectsStarted: 1e6 }), 'none');
  });

  it('says that the load is paused, for how long, and that the run is not valid, also afterwards', () => {
    const run = measuring();
    run.setPaused(true, 30);
    run.setPaused(true, 31);
    const paused = frame(run, 100, 24, 42).join('\n');
    assert.match(paused, /PAUSED for 12 s · 5 s of 1 min 00 s · about 56 s left/);
    assert.match(paused, /guards +load paused 12 s: the run is not valid/);
    run.setPaused(false, 42);
    const resumed = frame(run, 100, 24, 47).join('\n');
    assert.match(resumed, /measure +10 s of 1 min 00 s · about 51 s left/);
    assert.match(resumed, /load paused 12 s: the run is not valid/);
  });

  it('says that the run ends early, and no time', () => {
    const run = measuring();
    run.isEnding = true;
    assert.match(frame(run, 100, 24).join('\n'), /10 s of 1 min 00 s · ending early/);
  });

  it('is never wider or higher than the terminal, and no name moves the cursor', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(fc.constantFrom('\u001b[2J', '\r', '\n', '\u202e', '漢', '🙂', '\u0007', 'é', '\ud800', 'a'), {
          maxLength: 30,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 40 }),
        name,
        fc.boolean(),
        (columns, rows, text, isPaused) => {
          const thread = { name: text, role: 'lane' as const, busyShare: 0.9, collections: 0, pauseMicros: 0 };
          const run = measuring(
            { threads: [thread, thread], stealShare: 0.5, backlogMessages: 1e9 },
            { scenario: text, step: text },
          );
          run.note(text, 36);
          run.setPaused(isPaused, 36);
          const lines = frame(run, columns, rows, 40, text);
          assert.ok(lines.length < rows || (rows === 1 && lines.length === 0));
          for (const line of lines) {
            assert.ok(cellsOf(line) <= columns, `${cellsOf(line)} cells of ${columns}: ${line}`);
            assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]/u);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
