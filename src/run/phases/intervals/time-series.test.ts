import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { RunEvent } from '../../../result/series-schema.ts';
import type { Interval } from '../../../verdict/record/interval.ts';
import { ScriptedSides } from '../../sides/scripted-sides.test-suite.ts';
import { INTERVALS_MAX, TimeSeries } from './time-series.ts';

const BIN_MICROS = 1e6;
/** Interval of the timer, which is independent of the scripted clock. */
const TIMER_MILLIS = 1;
/** Time that each reading of the scripted clock takes. */
const LOOK_MICROS = 1000;

const MACHINE = {
  next: () => ({ stealShare: 0.25, kernelSocketBytes: 4096, throttledPeriods: 3, swappedPages: 5, kernel: null }),
};

/** Lets the promise of a refresh resolve. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Advances both the clock of the sides and the timer by one interval. */
async function passInterval(sides: ScriptedSides, micros = BIN_MICROS): Promise<void> {
  sides.pass(micros - LOOK_MICROS);
  mock.timers.tick(TIMER_MILLIS);
  await settled();
}

describe('the time series', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  function started(): { sides: ScriptedSides; series: TimeSeries; told: Interval[]; events: RunEvent[] } {
    const sides = new ScriptedSides();
    const told: Interval[] = [];
    const events: RunEvent[] = [];
    const series = new TimeSeries(sides, MACHINE, {
      interval: (interval) => told.push(interval),
      event: (event) => events.push(event),
    });
    series.start(TIMER_MILLIS * 1000);
    return { sides, series, told, events };
  }

  it('gives rates over the time that has really passed', async () => {
    const { sides, series, told } = started();
    Object.assign(sides.ofDriver, { loginsAccepted: 100, messagesAcknowledged: 400, messagesDelivered: 300 });
    sides.ofDriver.messagesSent = 440;
    Object.assign(sides.ofDriver, { groupDeliveries: 40, presenceNotices: 60, stormDrops: 10, returns: 30 });
    Object.assign(sides.ofDriver, { held: 90, messagesBacklog: 7 });
    Object.assign(sides.intervalReading, { deliveryP50Micros: 700, deliveryP99Micros: 1234, driverLedgerBytes: 9000 });
    Object.assign(sides.intervalReading, { sendDelayP99Micros: 88 });
    Object.assign(sides.ofDriver, {
      pairDuplicated: 1,
      pairReordered: 2,
      corrupted: 4,
      strangers: 8,
      groupStrangers: 16,
    });
    sides.rssBytes = [5e6];
    series.enter('measure');
    await passInterval(sides, 2 * BIN_MICROS - LOOK_MICROS); // the event of the phase has looked at the clock as well
    assert.deepEqual(told, series.intervals);
    const [first] = told;
    assert.ok(first !== undefined);
    assert.deepEqual(
      { ...first, atSeconds: 0 },
      {
        atSeconds: 0,
        seconds: 2,
        phase: 'measure',
        held: 90,
        loginsPerSecond: 50,
        messagesPerSecond: 200,
        sentPerSecond: 220,
        deliveriesPerSecond: 170,
        groupDeliveriesPerSecond: 20,
        presenceNoticesPerSecond: 30,
        stormDropsPerSecond: 5,
        returnsPerSecond: 15,
        deliveryP50Micros: 700,
        deliveryP99Micros: 1234,
        backlogMessages: 7,
        stealShare: 0.25,
        rssBytes: 5e6,
        switchRssBytes: null,
        driverRssBytes: null,
        kernelSocketBytes: 4096,
        switchLedgerBytes: null,
        driverLedgerBytes: 9000,
        threads: [],
        early: {
          sendDelayP99Micros: 88,
          messageFaults: 31,
          throttledPeriods: 3,
          swappedPages: 5,
          kernel: null,
          connectsStarted: 0,
        },
      },
    );
  });

  it('counts in each interval only what is new in it', async () => {
    const { sides, told } = started();
    for (const total of [10, 30, 30]) {
      sides.ofDriver.messagesAcknowledged = total;
      await passInterval(sides);
    }
    assert.deepEqual(
      told.map(({ messagesPerSecond }) => messagesPerSecond),
      [10, 20, 0],
    );
  });

  it('gives what each thread did in an interval, and no busy share without two readings', async () => {
    const { sides, told } = started();
    const read = (cpuMicros: number | null, collections: number, pauseMicros: number): void => {
      const thread = { name: 'shard-0', role: 'shard', cpuMicros, collections, pauseMicros } as const;
      sides.intervalReading = { ...sides.intervalReading, threads: [thread] };
    };
    for (const [cpuMicros, collections, pauseMicros] of [
      [300_000, 2, 500],
      [800_000, 2, 500],
      [null, 5, 900],
    ] as const) {
      read(cpuMicros, collections, pauseMicros);
      await passInterval(sides);
    }
    assert.deepEqual(
      told.map(({ threads }) => threads),
      [
        [{ name: 'shard-0', role: 'shard', busyShare: null, collections: 2, pauseMicros: 500 }],
        [{ name: 'shard-0', role: 'shard', busyShare: 0.5, collections: 0, pauseMicros: 0 }],
        [{ name: 'shard-0', role: 'shard', busyShare: null, collections: 3, pauseMicros: 400 }],
      ],
    );
  });

  it('records events with their time, the first ones if there are too many, and tells each', () => {
    const { sides, series, events } = started();
    sides.pass(2.5e6);
    series.enter('ramp');
    for (let n = 0; n < 300; n++) series.note(n % 2 === 0 ? 'paused' : 'resumed', 'by the user '.repeat(100));
    assert.equal(events.length, 301);
    assert.deepEqual(series.events, events.slice(0, 200));
    const [first, second] = events;
    assert.deepEqual([first?.name, first?.detail], ['phase', 'ramp']);
    assert.ok((first?.atSeconds ?? 0) >= 2.5 && (first?.atSeconds ?? 0) < 2.6);
    assert.equal(second?.detail.length, 300);
  });

  it('drops the oldest of a long run, and still knows which intervals came after a moment', async () => {
    const { sides, series, told } = started();
    for (let n = 0; n < INTERVALS_MAX - 2; n++) await passInterval(sides);
    const moment = series.count;
    for (let n = 0; n < 5; n++) await passInterval(sides);
    assert.equal(series.intervals.length, INTERVALS_MAX);
    assert.equal(series.count, INTERVALS_MAX + 3);
    assert.deepEqual(
      series.since(moment),
      told.slice(-5),
      'those of a measurement that begins at the end of the series',
    );
    assert.deepEqual(series.since(0), told.slice(-INTERVALS_MAX), 'as many as are stored');
    assert.deepEqual(series.since(series.count), []);
  });

  it('makes one longer interval, not two, where a side is slow to answer', async () => {
    const { sides, told } = started();
    let answer = (): void => {};
    sides.onRefresh = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    for (let n = 0; n < 3; n++) await passInterval(sides, BIN_MICROS + LOOK_MICROS);
    assert.equal(sides.calls.filter((call) => call === 'refresh interval').length, 1, 'asked once while it waits');
    answer();
    await settled();
    assert.equal(told.length, 1);
    assert.ok((told[0]?.seconds ?? 0) >= 3);
  });

  it('ends, and throws nothing, with a side that cannot be asked any more', async () => {
    const { sides, told } = started();
    sides.onRefresh = () => Promise.reject(new Error('the process of the switch ended'));
    await passInterval(sides);
    sides.onRefresh = async () => {};
    await passInterval(sides);
    assert.equal(told.length, 0);
  });

  it('notes a declared disturbance once, at its own time and before what comes after it', async () => {
    const { sides, series, events } = started();
    const startMicros = sides.clock.nowMicros();
    const mark = (atMicros: number) => ({ atMicros: startMicros + atMicros, name: 'storm' as const, detail: 'half' });
    series.expect([mark(1.5e6), mark(2.25e6), mark(60e6)]);
    for (let n = 0; n < 2; n++) await passInterval(sides);
    sides.pass(1e6);
    series.note('paused', '');
    await passInterval(sides);
    assert.deepEqual(
      events.map(({ name }) => name),
      ['storm', 'storm', 'paused'],
    );
    const seconds = events.map(({ atSeconds }) => Math.round(1000 * (atSeconds - startMicros / 1e6)) / 1000);
    assert.deepEqual(seconds.slice(0, 2), [1.5, 2.25]);
  });

  it('makes no interval after it was stopped, also of an answer that was on its way', async () => {
    const { sides, series, told } = started();
    let answer = (): void => {};
    sides.onRefresh = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await passInterval(sides);
    series.stop();
    answer();
    await settled();
    await passInterval(sides);
    assert.equal(told.length, 0);
  });

  it('keeps two hours of seconds, the newest, and the peak of all', async () => {
    const { sides, series, told } = started();
    sides.ofDriver.held = 500;
    sides.ofSwitch.messagesQueued = 70;
    sides.ofDriver.messagesUnanswered = 30;
    sides.ofDriver.messagesBacklog = 5.25;
    await passInterval(sides);
    sides.ofDriver.held = 400;
    sides.ofDriver.messagesBacklog = 0;
    sides.ofSwitch.messagesQueued = 60;
    for (let n = 0; n < 7205; n++) {
      sides.pass(BIN_MICROS);
      mock.timers.tick(TIMER_MILLIS);
      await Promise.resolve();
      await Promise.resolve();
    }
    await settled();
    assert.ok(told.length > 7200, `${told.length} intervals`);
    assert.equal(series.intervals.length, 7200);
    assert.equal(series.intervals[0], told[told.length - 7200]);
    assert.equal(series.intervals.at(-1), told.at(-1));
    const peaks = [series.peakHeld, series.peakQueued, series.peakUnanswered];
    assert.deepEqual(peaks, [500, 70, 35], 'of an interval that is no longer kept');
  });
});
