import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MachineCpu } from '../../measure/machine-cpu.ts';
import { Histogram } from '../../stats/histogram.ts';
import { madeEvidence } from '../made-evidence.test-suite.ts';
import { eachLatency } from './latencies.ts';
import { type Snapshot, Window } from './window.ts';

const MACHINE: MachineCpu = { totalTicks: 0, idleTicks: 0, stealTicks: 0, throttledPeriods: 0, swappedPages: 0 };

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    atMicros: 0,
    driver: {},
    switch: {},
    latencies: eachLatency(() => new Histogram()),
    platformLatencies: [],
    cpu: new Map(),
    processCpu: { switchMicros: null, driverMicros: null, sharedMicros: null },
    controllerMicros: 0,
    machine: MACHINE,
    ...change,
  };
}

describe('a window of a run', () => {
  it('has of every counter what came in it, and 0 of one that neither end has', () => {
    const window = new Window(
      snapshot({ atMicros: 3e6, driver: { messagesSent: 10 }, switch: { framesIn: 4 } }),
      snapshot({ atMicros: 5.5e6, driver: { messagesSent: 25, receipts: 7 }, switch: { framesIn: 4 } }),
    );
    assert.deepEqual([window.micros, window.seconds], [2.5e6, 2.5]);
    assert.deepEqual([window.driver('messagesSent'), window.driver('receipts'), window.driver('held')], [15, 7, 0]);
    assert.deepEqual([window.switch('framesIn'), window.switch('framesOut')], [0, 0]);
  });

  it('has of latencies what was recorded in it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e6)), fc.array(fc.nat(1e6)), (before, during) => {
        const recorded = (values: readonly number[]): Histogram => {
          const histogram = new Histogram();
          for (const value of values) histogram.record(value);
          return histogram;
        };
        const [atStart, atEnd] = [recorded(before), recorded([...before, ...during])];
        const start = { ...eachLatency(() => new Histogram()), delivery: atStart };
        const end = { ...eachLatency(() => new Histogram()), delivery: atEnd };
        const platformsOf = (one: Histogram) => [
          { delivery: new Histogram(), storedDelivery: new Histogram() },
          { delivery: new Histogram(), storedDelivery: one },
        ];
        const window = new Window(
          snapshot({ latencies: start, platformLatencies: platformsOf(atStart) }),
          snapshot({ latencies: end, platformLatencies: platformsOf(atEnd) }),
        );
        assert.deepEqual(window.latency('delivery').counts, recorded(during).counts);
        assert.equal(window.latencies().login.count, 0);
        const [other, one] = window.platformLatencies();
        assert.deepEqual(one?.storedDelivery.counts, recorded(during).counts);
        assert.deepEqual([other?.delivery.count, other?.storedDelivery.count, one?.delivery.count], [0, 0, 0]);
      }),
      { numRuns: 10 },
    );
  });

  it('adds up: what came in two windows that follow each other came in the one that spans them', () => {
    const counters = fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(counters, counters, counters, counters, (sent, framesIn, thread, ticks) => {
        let at = 0;
        const total = { sent: 0, framesIn: 0, thread: 0, ticks: 0 };
        const [first, middle, last] = sent.map((count, i) => {
          at += 1e6;
          total.sent += count;
          total.framesIn += framesIn[i] ?? 0;
          total.thread += thread[i] ?? 0;
          total.ticks += ticks[i] ?? 0;
          return snapshot({
            atMicros: at,
            driver: { messagesSent: total.sent },
            switch: { framesIn: total.framesIn },
            cpu: new Map([['shard-0', { cpuMicros: total.thread, waitMicros: 0 }]]),
            processCpu: { switchMicros: 2 * total.thread, driverMicros: null, sharedMicros: null },
            machine: { ...MACHINE, swappedPages: total.ticks, throttledPeriods: total.ticks },
          });
        }) as [Snapshot, Snapshot, Snapshot]; // three in, three out
        const [whole, ...parts] = [new Window(first, last), new Window(first, middle), new Window(middle, last)];
        const figures: ((window: Window) => number)[] = [
          (window) => window.micros,
          (window) => window.driver('messagesSent'),
          (window) => window.switch('framesIn'),
          (window) => window.cpuMicros('shard-') ?? Number.NaN,
          (window) => window.processMicros('switchMicros') ?? Number.NaN,
          (window) => window.swappedPages,
          (window) => window.throttledPeriods,
        ];
        for (const figure of figures) {
          assert.equal(
            parts.reduce((sum, part) => sum + figure(part), 0),
            figure(whole),
          );
        }
      }),
    );
  });

  it('has no share of a thread that the kernel did not report at either end', () => {
    const cpu = new Map([
      ['lane-0', { cpuMicros: 100, waitMicros: 10 }],
      ['lane-1', null],
    ]);
    const later = new Map([
      ['lane-0', { cpuMicros: 600, waitMicros: 110 }],
      ['lane-1', { cpuMicros: 5, waitMicros: 5 }],
    ]);
    const window = new Window(snapshot({ cpu }), snapshot({ atMicros: 1000, cpu: later }));
    assert.deepEqual(window.thread('lane-0'), { cpuMicros: 500, busyShare: 0.5, waitShare: 0.1 });
    const nothing = { cpuMicros: null, busyShare: null, waitShare: null };
    assert.deepEqual([window.thread('lane-1'), window.thread('shard-0')], [nothing, nothing]);
    assert.equal(window.cpuMicros('lane-'), null, 'a sum without one of them would be too little');
    assert.equal(window.cpuMicros('lane-0'), 500);
    assert.equal(window.cpuMicros('shard-'), null);
    assert.equal(window.longestWaitShare, 0.1);
  });

  it('has a longest wait of at most the whole time', () => {
    const [cpu, later] = [0, 5000].map((waitMicros) => new Map([['shard-0', { cpuMicros: 0, waitMicros }]]));
    const window = new Window(
      snapshot({ cpu: cpu ?? new Map() }),
      snapshot({ atMicros: 1000, cpu: later ?? new Map() }),
    );
    assert.equal(window.longestWaitShare, 1);
  });

  it('does not take the processor time of the run for that of other programs', () => {
    // All have been used before the window as well.
    const before = 70_000;
    const since = (micros: number | null): number | null => (micros === null ? null : before + micros);
    const end = ({ switchMicros, driverMicros, sharedMicros }: Snapshot['processCpu'], controllerMicros: number) =>
      new Window(
        snapshot({
          processCpu: {
            switchMicros: before,
            driverMicros: before,
            sharedMicros: sharedMicros === null ? null : before,
          },
          controllerMicros: before,
          machine: { ...MACHINE, totalTicks: 1000, idleTicks: 300, stealTicks: 20 },
        }),
        snapshot({
          atMicros: 1e6,
          processCpu: {
            switchMicros: since(switchMicros),
            driverMicros: since(driverMicros),
            sharedMicros: since(sharedMicros),
          },
          controllerMicros: before + controllerMicros,
          machine: { ...MACHINE, totalTicks: 1200, idleTicks: 350, stealTicks: 30 },
        }),
      );
    // 140 ticks of 10 ms were used in all.
    const apart = end({ switchMicros: 400_000, driverMicros: 500_000, sharedMicros: null }, 100_000);
    assert.ok(Math.abs(apart.otherProgramsShare - 40 / 200) < 1e-9);
    const shared = end({ switchMicros: null, driverMicros: null, sharedMicros: 1_000_000 }, 100_000);
    assert.ok(Math.abs(shared.otherProgramsShare - 40 / 200) < 1e-9, 'one process is its own controller');
    const all = end({ switchMicros: 900_000, driverMicros: 900_000, sharedMicros: null }, 0);
    assert.equal(all.otherProgramsShare, 0, 'ticks are coarse: never below 0');
    assert.equal(apart.stealShare, 10 / 200);
    assert.equal(new Window(snapshot(), snapshot()).stealShare, 0, 'where the kernel has no ticks');
    assert.equal(new Window(snapshot(), snapshot()).otherProgramsShare, 0);
  });

  it('is what the guards are given', () => {
    const { window } = madeEvidence({ throttledPeriods: 2, swappedPages: 3 });
    assert.deepEqual([window.throttledPeriods, window.swappedPages], [2, 3]);
  });
});
