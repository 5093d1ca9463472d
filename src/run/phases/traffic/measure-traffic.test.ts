import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Interval } from '../../../verdict/record/interval.ts';
import { madeInterval } from '../../../verdict/record/made-interval.test-suite.ts';
import { ScriptedSides } from '../../sides/scripted-sides.test-suite.ts';
import { RunControl, RunEnded } from '../control/run-control.ts';
import { TimeSeries } from '../intervals/time-series.ts';
import { withoutWaiting } from '../without-waiting.test-suite.ts';
import { measureTraffic, settleTraffic, startTraffic } from './measure-traffic.ts';

const RATE = 1000;
const INTENDED = (fromMicros: number, toMicros: number): number => ((toMicros - fromMicros) * RATE) / 1e6;

const QUIET_MACHINE = {
  next: () => ({ stealShare: null, kernelSocketBytes: null, throttledPeriods: 0, swappedPages: 0, kernel: null }),
};
const NO_LISTENER = { interval: () => {}, event: () => {} };

function made(): { sides: ScriptedSides; series: TimeSeries; control: RunControl; interruption: AbortController } {
  const sides = new ScriptedSides();
  const interruption = new AbortController();
  const control = new RunControl(interruption.signal, sides.failure);
  return { sides, series: new TimeSeries(sides, QUIET_MACHINE, NO_LISTENER), control, interruption };
}

function interval(n: number, messagesPerSecond: number, backlogMessages = 0): Interval {
  const deliveriesPerSecond = messagesPerSecond;
  return madeInterval({ atSeconds: n + 1, phase: 'settle', messagesPerSecond, deliveriesPerSecond, backlogMessages });
}

describe('traffic', () => {
  it('starts a moment after the command, and says when', async () => {
    const { sides } = made();
    const startMicros = await startTraffic(sides);
    assert.deepEqual(sides.commands, [{ kind: 'startTraffic', startMicros }]);
    const now = new Float64Array(1);
    sides.clock.tell(now);
    assert.equal(startMicros, (now[0] ?? 0) + 2000);
  });
});

describe('settling', () => {
  /** Waits for a steady load, with one more interval at each reading of the clock. */
  async function settles(rates: readonly number[], limitMicros = 60e6, leastMicros = 0) {
    const { sides, series, control } = made();
    const left = rates.map((rate, n) => interval(n, rate));
    sides.script = () => {
      sides.pass(1e6);
      const next = left.shift();
      if (next !== undefined) series.intervals.push(next);
    };
    const outcome = await withoutWaiting(() =>
      settleTraffic(sides, control, series, { limitMicros, intended: INTENDED, isFixed: false, leastMicros }),
    );
    return { outcome, intervals: series.intervals.length };
  }

  it('is over as soon as five whole intervals show no trend', async () => {
    const { outcome, intervals } = await settles(Array.from({ length: 30 }, () => RATE));
    assert.equal(outcome.isSteady, true);
    assert.ok(intervals >= 6 && intervals <= 8, `the first is a part of one; ${intervals} intervals`);
  });

  it('takes its least time though the load is steady, and its limit where that is shorter', async () => {
    const steady = Array.from({ length: 80 }, () => RATE);
    const { outcome, intervals } = await settles(steady, 60e6, 20e6);
    assert.equal(outcome.isSteady, true);
    assert.ok(intervals >= 20 && intervals <= 24, `${intervals} intervals`);
    const cut = await settles(steady, 12e6, 20e6);
    assert.equal(cut.outcome.isSteady, true);
    assert.ok(cut.intervals >= 12 && cut.intervals <= 16, `${cut.intervals} intervals`);
  });

  it('waits while the load still grows', async () => {
    const growing = [100, 200, 300, 400, 500, 600, 700, 800, 900];
    const { outcome, intervals } = await settles([...growing, ...Array.from({ length: 30 }, () => RATE)]);
    assert.equal(outcome.isSteady, true);
    assert.ok(intervals > growing.length + 2, `${intervals} intervals`);
  });

  it('ends unsteady when the time is up, with the trend that it found', async () => {
    const { outcome } = await settles(
      Array.from({ length: 30 }, (_, n) => 100 * (n + 1)),
      10e6,
    );
    assert.equal(outcome.isSteady, false);
    assert.ok((outcome.trendShare ?? 0) > outcome.trendShareMax);
  });

  it('ends without a verdict on the trend where the time is too short for five intervals', async () => {
    const { outcome } = await settles([RATE, RATE, RATE], 2e6);
    assert.deepEqual([outcome.isSteady, outcome.trendShare], [false, null]);
  });

  it('counts its time from when all have left that are away at the start, but where the load has a timetable', async () => {
    for (const [isFixed, seconds] of [
      [false, 30 + 12],
      [true, 12],
    ] as const) {
      const { sides, series, control } = made();
      Object.assign(sides.ofDriver, { lanesBeginning: 1 });
      sides.script = () => {
        sides.pass(1e6);
        series.intervals.push(interval(series.count, RATE));
        if (series.count === 30) Object.assign(sides.ofDriver, { lanesBeginning: 0 });
      };
      const limits = { limitMicros: 12e6, intended: INTENDED, isFixed, leastMicros: 12e6 };
      const outcome = await withoutWaiting(() => settleTraffic(sides, control, series, limits));
      assert.equal(outcome.isSteady, true);
      assert.ok(Math.abs(series.count - seconds) <= 4, `${series.count} intervals`);
    }
  });

  it('does not wait for ever for those that are to leave at the start', async () => {
    const { sides, series, control } = made();
    Object.assign(sides.ofDriver, { lanesBeginning: 1 });
    sides.script = () => {
      sides.pass(10e6);
      series.intervals.push(interval(series.count, RATE));
    };
    const limits = { limitMicros: 60e6, intended: INTENDED, isFixed: false, leastMicros: 0 };
    assert.equal((await withoutWaiting(() => settleTraffic(sides, control, series, limits))).isSteady, true);
    assert.ok(series.count >= 60 && series.count < 70, `${series.count} intervals`);
  });

  it('does not judge intervals from before it began', async () => {
    const { sides, series, control } = made();
    for (let n = 0; n < 50; n++) series.intervals.push(interval(n, RATE));
    sides.script = () => sides.pass(1e6);
    const outcome = await withoutWaiting(() =>
      settleTraffic(sides, control, series, { limitMicros: 3e6, intended: INTENDED, isFixed: false, leastMicros: 0 }),
    );
    assert.deepEqual([outcome.isSteady, outcome.trendShare], [false, null]);
  });
});

describe('measuring', () => {
  it('lasts as long as asked, over what happened in that time alone', async () => {
    const { sides, series, control } = made();
    Object.assign(sides.ofDriver, { messagesSent: 1000 });
    sides.histograms.delivery.record(9e6);
    series.intervals.push(interval(0, RATE), interval(1, RATE));
    let isStarted = false;
    let looks = 0;
    sides.script = () => {
      if (!isStarted) return;
      sides.pass(5e5);
      sides.ofDriver.messagesSent = (sides.ofDriver.messagesSent ?? 0) + 100;
      sides.histograms.delivery.record(700);
      series.intervals.push(interval(2 + looks++, RATE));
    };
    const { window, intervals, ended } = await withoutWaiting(() =>
      measureTraffic(sides, control, series, 2e6, async () => {
        isStarted = true;
      }),
    );
    assert.equal(ended, null);
    assert.ok(window.seconds >= 2 && window.seconds < 4, `${window.seconds} s`);
    assert.ok(window.driver('messagesSent') > 0 && window.driver('messagesSent') < 1000);
    const deliveries = window.latency('delivery');
    assert.ok(deliveries.count > 0 && deliveries.max < 1000, 'without the 9 s from before');
    assert.ok(
      intervals.every(({ atSeconds }) => atSeconds > 3),
      'without those before, and the first, of which a part is',
    );
  });

  it('lets the sides alone meanwhile, after what is to be done at its start', async () => {
    const { sides, series, control } = made();
    await withoutWaiting(() =>
      measureTraffic(sides, control, series, 1000, async () => {
        sides.calls.push('start of measuring');
      }),
    );
    assert.deepEqual(sides.calls, ['start of measuring', 'watch false', 'refresh all', 'refresh all', 'watch true']);
  });

  it('keeps what was measured until the run was interrupted', async () => {
    const { sides, series, control, interruption } = made();
    let looks = 0;
    sides.script = () => {
      sides.pass(1e6);
      if (++looks === 3) interruption.abort();
    };
    const { window, ended } = await withoutWaiting(() => measureTraffic(sides, control, series, 1e9, async () => {}));
    assert.ok(ended instanceof RunEnded && ended.why === 'interrupted');
    assert.ok(window.seconds > 0 && window.seconds < 100);
    assert.equal(sides.calls.at(-1), 'watch true', 'the drain wants to be told again');
  });

  it('hands on what is no end of a run', async () => {
    const { sides, series, control } = made();
    const failing = measureTraffic(sides, control, series, 1e6, () => Promise.reject(new RangeError('a mistake')));
    await assert.rejects(failing, RangeError);
  });
});
