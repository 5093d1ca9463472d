import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { METRICS, type MetricName } from '../scenario/terms/metrics.ts';
import { parseFigure } from '../scenario/threshold.ts';
import { Histogram, SAMPLES_ABOVE_MIN } from '../stats/histogram.ts';
import { latencySummary } from '../verdict/latency-summary.ts';
import { readFigure, readLowerBound, readUpperBound, whyNoFigure } from './read-figure.ts';
import type { Result } from './result-schema.ts';
import type { Slope } from './sections/memory-schema.ts';

const MADE = madeResult();
const NAMES = Object.keys(METRICS) as MetricName[]; // the keys of a literal are its keys
const read = (result: Result, text: string): number | null => readFigure(result, parseFigure(text));

function slope(bytesPerConnection: number | null, reason: string | null = null): Slope {
  const line = { lowBytesPerConnection: 0, highBytesPerConnection: 0, baseBytes: 0, isLinear: true, bytes: [] };
  return { ...line, bytesPerConnection, reason };
}

function recorded(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const withDelivery = (values: readonly number[]): Result => ({
  ...MADE,
  latency: { ...MADE.latency, delivery: latencySummary(recorded(values)) },
});

describe('the figures of memory', () => {
  const memory: Result['memory'] = {
    ...MADE.memory,
    switch: { ledger: slope(1), heap: slope(2), rss: slope(3) },
    driver: { ledger: slope(4), heap: slope(5), rss: slope(6) },
    kernel: slope(7),
    machine: slope(8),
    process: { rss: slope(9), pageTables: slope(10) },
  };
  const figures: [MetricName, number][] = [
    ['memory.switch.bytesPerConnection', 1],
    ['memory.switch.heap.bytesPerConnection', 2],
    ['memory.switch.rss.bytesPerConnection', 3],
    ['memory.driver.bytesPerConnection', 4],
    ['memory.driver.heap.bytesPerConnection', 5],
    ['memory.driver.rss.bytesPerConnection', 6],
    ['memory.kernel.bytesPerConnection', 7],
    ['memory.machine.bytesPerConnection', 8],
    ['memory.process.rss.bytesPerConnection', 9],
    ['memory.process.pageTables.bytesPerConnection', 10],
  ];
  for (const [name, figure] of figures)
    it(`are read from their own slope: ${name}`, () => assert.equal(read({ ...MADE, memory }, name), figure));

  it('are all there are', () => {
    assert.deepEqual(
      figures.map(([name]) => name),
      NAMES.filter((name) => name.startsWith('memory.')),
    );
  });

  it('are null with the reason where the levels do not show one, and null without where nothing was read', () => {
    const name = 'memory.kernel.bytesPerConnection';
    const hidden = { ...MADE, memory: { ...memory, kernel: slope(null, 'not measurable at 10 connections') } };
    assert.equal(read(hidden, name), null);
    assert.equal(whyNoFigure(hidden, parseFigure(name)), 'not measurable at 10 connections');
    const unread = { ...MADE, memory: { ...memory, kernel: null } };
    assert.deepEqual([read(unread, name), whyNoFigure(unread, parseFigure(name))], [null, null]);
  });
});

describe('the most that a slope can be', () => {
  const name = 'memory.driver.rss.bytesPerConnection';
  const mostOf = (rss: Slope | null, text: string = name): number | null =>
    readUpperBound({ ...MADE, memory: { ...MADE.memory, driver: { ...MADE.memory.driver, rss } } }, parseFigure(text));
  const between = (low: number, high: number, figure: number | null): Slope => ({
    ...slope(figure, figure === null ? 'the interval includes zero' : null),
    lowBytesPerConnection: low,
    highBytesPerConnection: high,
  });

  it('is the upper end of an interval that includes zero', () => {
    assert.equal(mostOf(between(-20, 35, null)), 35);
    assert.equal(mostOf(between(0, 35, null)), 35);
    assert.equal(mostOf(between(-40, -5, null)), -5, 'a negative slope is at most that');
  });

  it('is nothing where there is a figure, where readings were disturbed, and where none were made', () => {
    assert.equal(mostOf(between(-20, 35, 7)), null);
    assert.equal(mostOf(between(10, 35, null)), null, 'the interval is above zero: something else hides the figure');
    assert.equal(mostOf(null), null);
  });

  it('is nothing for any metric but a slope, and no other slope is taken for it', () => {
    for (const other of NAMES.filter((one) => one !== name))
      assert.equal(mostOf(between(-20, 35, null), METRICS[other].isTrend ? `${other} p(99)` : other), null, other);
  });
});

describe('the figures of a latency', () => {
  const TRENDS = NAMES.filter((name) => METRICS[name].isTrend);

  it('are read from their own histogram', () => {
    TRENDS.forEach((name, n) => {
      const key = name.slice('latency.'.length) as keyof Result['latency']; // as every trend is named
      const latency = { ...MADE.latency, [key]: latencySummary(recorded([1000 * (n + 1)])) };
      const found = read({ ...MADE, latency }, `${name} max`) ?? 0;
      assert.ok(Math.abs(found - 1000 * (n + 1)) <= 20, `${name}: ${found}`);
    });
  });

  it('are what the values say, to the width of a bucket, kept beside the histogram or not', () => {
    const values = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 40, maxLength: 400 });
    fc.assert(
      fc.property(values, fc.constantFrom(50, 60, 75), (micros, percent) => {
        const sorted = [...micros].sort((a, b) => a - b);
        const result = withDelivery(micros);
        const close = (text: string, wanted: number): void => {
          const found = read(result, `latency.delivery ${text}`) ?? Number.NaN;
          assert.ok(Math.abs(found - wanted) <= 1 + 0.02 * wanted, `${text}: ${found}, not ${wanted}`);
        };
        close('min', sorted[0] ?? 0);
        close('max', sorted.at(-1) ?? 0);
        close(`p(${percent})`, sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0);
        close('avg', micros.reduce((sum, one) => sum + one, 0) / micros.length);
      }),
      { numRuns: 20 },
    );
  });

  it('are null with too few samples above them', () => {
    const few = withDelivery(Array.from({ length: 2 * SAMPLES_ABOVE_MIN - 2 }, () => 500));
    assert.equal(read(few, 'latency.delivery p(50)'), null);
    assert.equal(read(few, 'latency.delivery p(51)'), null);
    assert.notEqual(read(few, 'latency.delivery max'), null);
    const none = withDelivery([]);
    for (const one of ['avg', 'min', 'max', 'med', 'p(99)'])
      assert.deepEqual(
        [read(none, `latency.delivery ${one}`), readLowerBound(none, parseFigure(`latency.delivery ${one}`))],
        [null, null],
      );
  });

  it('are at least the range where values lay above it, and say so', () => {
    const range = new Histogram().rangeMicros;
    const slow = withDelivery([...Array.from({ length: 100 }, () => 500), ...Array.from({ length: 100 }, () => 1e12)]);
    const figure = parseFigure('latency.delivery p(90)');
    assert.equal(readFigure(slow, figure), null);
    assert.equal(readLowerBound(slow, figure), range);
    assert.match(whyNoFigure(slow, figure) ?? '', /^more than .*above the range of the latencies$/);
    assert.notEqual(read(slow, 'latency.delivery min'), null, 'what lies below is known');
    const one = withDelivery([...Array.from({ length: 100 }, () => 500), 1e12]);
    assert.equal(read(one, 'latency.delivery avg'), null, 'a mean is more than it says as soon as one value was');
    assert.ok((readLowerBound(one, parseFigure('latency.delivery avg')) ?? 0) > 500);
  });
});

describe('the other figures', () => {
  it('of integrity are unknown where the run ended before messages were checked: 0 would say that all was well', () => {
    const checked = {
      ...MADE.integrity,
      isSound: false,
      lost: -3,
      duplicated: 1,
      reordered: 2,
      corrupted: 4,
      strangers: 5,
    };
    const figures = { lost: 3, duplicated: 1, reordered: 2, corrupted: 4, strangers: 5, rejected: 0 };
    for (const [name, figure] of Object.entries(figures)) {
      assert.equal(read({ ...MADE, integrity: checked }, `integrity.${name}`), figure, name);
      assert.equal(read({ ...MADE, integrity: { ...checked, isSound: null } }, `integrity.${name}`), null, name);
    }
  });

  it('of connections that failed are the sum of all causes', () => {
    const causes = Object.keys(MADE.connections.failed);
    const failed = Object.fromEntries(causes.map((cause, n) => [cause, 10 ** n])) as Result['connections']['failed'];
    const result = { ...MADE, connections: { ...MADE.connections, failed } };
    assert.equal(read(result, 'connections.failed'), Number('1'.repeat(causes.length)));
  });

  it('of processor time have a ratio only where both sides have a time', () => {
    const ratio = (ofSwitch: number | null, ofDriver: number | null): number | null =>
      read(
        { ...MADE, cpu: { ...MADE.cpu, switchMicrosPerMessage: ofSwitch, driverMicrosPerMessage: ofDriver } },
        'cpu.switchToDriverRatio',
      );
    assert.deepEqual([ratio(6, 3), ratio(null, 3), ratio(6, null), ratio(6, 0)], [2, null, null, null]);
  });

  it('are numbers or null for every metric that there is', () => {
    for (const name of NAMES) {
      const figure = parseFigure(METRICS[name].isTrend ? `${name} med` : name);
      const found = readFigure(MADE, figure);
      assert.ok(found === null || Number.isFinite(found), name);
    }
  });
});

describe('the figures of platforms', () => {
  const platform = (name: string, direct: readonly number[], waited: readonly number[]) => ({
    name,
    share: 0.5,
    protocol: '1.1',
    connections: 1,
    sessions: 1,
    pushes: 0,
    woken: 0,
    messagesSent: 1,
    messagesDelivered: 1,
    delivery: latencySummary(recorded(direct)),
    storedDelivery: latencySummary(recorded(waited)),
  });
  const many = (micros: number): number[] => Array.from({ length: 2000 }, () => micros);
  const fast = platform('fast', many(300), many(1500));
  const slow = platform('slow', many(700), many(1100));
  const few = platform('few', [1900], [1900]);
  const of = (platforms: Result['platforms'], name: MetricName) => read({ ...MADE, platforms }, name);

  it('are those of the slowest platform that has enough messages', () => {
    const platforms = [fast, few, slow];
    assert.deepEqual([of(platforms, 'platforms.delivery50'), of(platforms, 'platforms.delivery99')], [700, 700]);
    assert.deepEqual(
      [of(platforms, 'platforms.storedDelivery50'), of(platforms, 'platforms.storedDelivery99')],
      [1500, 1500],
    );
  });

  it('are unknown without enough messages, and if one is above its range', () => {
    assert.equal(of([few], 'platforms.delivery50'), null);
    assert.equal(of([], 'platforms.storedDelivery99'), null);
    assert.equal(of([fast, platform('beyond', many(2 ** 40), many(1))], 'platforms.delivery50'), null);
  });
});
