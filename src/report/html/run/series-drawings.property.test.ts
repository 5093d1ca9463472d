/** The drawings of series of runs, read back: marks must stand where the figures of their step or run belong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { formatBytes, formatMicros, formatShort } from '../../../base/units.ts';
import {
  type PerConnection,
  STEPS_SCHEMA,
  type StepEntry,
  type StepFigures,
  stepFigures,
} from '../../../result/steps-schema.ts';
import { goodputCurve } from '../../run/goodput-curve.ts';
import { assertSound, elementsOf, type PageElement, readPage, tableOf } from '../read-page.test-suite.ts';
import { PLOT_X, plotY } from '../svg-plot.ts';
import { wholeResult } from './made-run.test-suite.ts';
import { repeatPage } from './repeat-page.ts';
import { stepsPage } from './steps-page.ts';

/** Places are written with one decimal. */
const ROUNDING = 0.11;
const BOTTOM = plotY().from;
const FIGURES = stepFigures(wholeResult());
const CONTEXT = { commands: [], differences: [], sources: [] };
const NO_MEMORY = { switchRss: null, driverRss: null, switchLedger: null, driverLedger: null } as const;

const number = (element: PageElement | undefined, name: string): number => Number(element?.attributes.get(name));
const withClass = (page: PageElement, tag: string, className: string): PageElement[] =>
  elementsOf(page).filter((one) => one.tag === tag && one.attributes.get('class')?.split(' ').includes(className));

function stepOf(figures: Partial<StepFigures>, number: number): StepEntry {
  return {
    name: `step ${number}`,
    number,
    scenario: 'ladder',
    transport: 'tcp',
    isSimulated: false,
    outcome: 'passed',
    reason: null,
    published: null,
    resultFile: null,
    figures: { ...FIGURES, ...figures },
  };
}

/** The charts of the steps with these figures. */
function chartsOf(figures: readonly Partial<StepFigures>[]): { page: PageElement; figures: PageElement[] } {
  const steps = figures.map((one, i) => stepOf(one, i + 1));
  const series = { schema: STEPS_SCHEMA, id: 'id', startedAt: '2026-01-02T03:04:05.678Z', name: 'ladder', steps };
  const page = readPage(stepsPage({ ...series, schema: STEPS_SCHEMA }, CONTEXT).sections[0]?.html.text ?? '');
  assertSound(page);
  return { page, figures: withClass(page, 'figure', 'chart') };
}

/** The chart with this heading. */
function chartOf(figures: readonly Partial<StepFigures>[], heading: string): PageElement | undefined {
  return chartsOf(figures).figures.find((figure) =>
    elementsOf(figure).some(({ tag, children }) => tag === 'h3' && children[0] === heading),
  );
}

/** The middle of the column of each step. */
const columnOf = (i: number, steps: number): number => PLOT_X.from + ((i + 0.5) / steps) * (PLOT_X.to - PLOT_X.from);

describe('goodput against what was offered', () => {
  const HEADING = 'Goodput against what was offered';
  const rate = fc.double({ min: 0, max: 1e6, noNaN: true });
  const point = fc.record({ offeredMessagesPerSecond: rate, goodputPerSecond: rate });

  it('has a dot per step, from left to right by what was offered, each as high as its goodput', () => {
    const property = fc.property(fc.array(point, { minLength: 2, maxLength: 6 }), (points) => {
      const chart = chartOf(points, HEADING);
      assert.ok(chart);
      const sorted = [...points].sort((a, b) => a.offeredMessagesPerSecond - b.offeredMessagesPerSecond);
      const dots = withClass(chart, 'circle', 'dot');
      assert.equal(dots.length, points.length);
      // Both axes begin at 0: places are in proportion to the figures.
      const perMessage = (offered: readonly number[], places: readonly number[]): number => {
        const most = Math.max(...offered);
        return most < 1 ? Number.NaN : (places[offered.indexOf(most)] ?? Number.NaN) / most;
      };
      const offered = sorted.map((one) => one.offeredMessagesPerSecond);
      const goodput = sorted.map((one) => one.goodputPerSecond);
      const right = dots.map((dot) => number(dot, 'cx') - PLOT_X.from);
      const up = dots.map((dot) => BOTTOM - number(dot, 'cy'));
      for (const [values, places] of [
        [offered, right],
        [goodput, up],
      ] as const) {
        const scale = perMessage(values, places);
        if (Number.isNaN(scale)) continue;
        values.forEach((value, i) => {
          assert.ok(Math.abs((places[i] ?? 0) - value * scale) <= 2 * ROUNDING, `${value} stands at ${places[i]}`);
        });
      }
      const shown = (value: number): string => `${formatShort(value)}/s`;
      assert.deepEqual(
        tableOf(chart, HEADING).rows.map((row) => row.slice(1)),
        sorted.map((one) => [shown(one.offeredMessagesPerSecond), shown(one.goodputPerSecond)]),
      );
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('has a line on which all is delivered in time: a step on it stands on it', () => {
    const rates = [1000, 4000, 9000];
    const points = rates.map((one) => ({ offeredMessagesPerSecond: one, goodputPerSecond: Math.min(one, 4000) }));
    const chart = chartOf(points, HEADING);
    assert.ok(chart);
    const [line] = withClass(chart, 'path', 'line-6');
    const [, second] = withClass(chart, 'circle', 'dot');
    const end = `L${second?.attributes.get('cx')} ${second?.attributes.get('cy')}`;
    assert.equal(line?.attributes.get('d'), `M${PLOT_X.from} ${BOTTOM}${end}`);
  });

  it('is left out if fewer than two steps measured it; the share of the best is of the largest load', () => {
    assert.equal(chartOf([{ offeredMessagesPerSecond: 5, goodputPerSecond: 4 }, {}], HEADING), undefined);
    const property = fc.property(fc.array(point, { minLength: 2, maxLength: 6 }), (points) => {
      const curve = goodputCurve(points.map((one, i) => stepOf(one, i + 1)));
      const best = Math.max(...points.map((one) => one.goodputPerSecond));
      const most = Math.max(...points.map((one) => one.offeredMessagesPerSecond));
      const atMost = points.filter((one) => one.offeredMessagesPerSecond === most).map((one) => one.goodputPerSecond);
      assert.equal(curve?.bestPerSecond, best);
      assert.ok(best === 0 ? curve?.lastShare === 0 : atMost.some((one) => curve?.lastShare === one / best));
    });
    fc.assert(property);
  });
});

describe('memory per connection, step by step', () => {
  const bytes = fc.option(fc.double({ min: 0.1, max: 1e5, noNaN: true }), { nil: null });
  const parts = fc.record({ ofSwitch: bytes, kernelEnd: bytes, ofDriver: bytes, machine: bytes });
  const slope = (bytesPerConnection: number | null): PerConnection => ({
    bytesPerConnection,
    isLinear: true,
    reason: bytesPerConnection === null ? 'why' : null,
  });

  it('stacks switch, both ends in the kernel, and driver without gaps, with a mark at the whole machine', () => {
    const property = fc.property(fc.array(parts, { minLength: 1, maxLength: 5 }), (made) => {
      const chart = chartOf(
        made.map(({ ofSwitch, kernelEnd, ofDriver, machine }) => ({
          ...NO_MEMORY,
          switchRss: slope(ofSwitch),
          driverRss: slope(ofDriver),
          kernelEnd: slope(kernelEnd),
          machine: slope(machine),
        })),
        'Memory per connection',
      );
      assert.ok(chart);
      const [ofSwitch, kernel, ofDriver] = ['part-switch', 'part-kernel', 'part-driver'].map((one) =>
        withClass(chart, 'rect', one),
      );
      const marks = withClass(chart, 'line', 'limit-mark');
      const stacks = made.map((one) => [one.ofSwitch ?? 0, 2 * (one.kernelEnd ?? 0), one.ofDriver ?? 0]);
      const tallest = Math.max(1, ...stacks.flat(), ...made.map(({ machine }) => machine ?? 0));
      let marked = 0;
      let scale = Number.NaN;
      const inProportion = (height: number, value: number): void => {
        if (value === tallest) scale = height / value;
        if (!Number.isNaN(scale)) assert.ok(Math.abs(height - value * scale) <= 3 * ROUNDING, `${value}: ${height}`);
      };
      made.forEach(({ machine }, i) => {
        let end = BOTTOM;
        for (const [place, rects] of [ofSwitch, kernel, ofDriver].entries()) {
          const rect = rects?.[i];
          assert.ok(Math.abs(number(rect, 'y') + number(rect, 'height') - end) <= 2 * ROUNDING, 'no gap');
          inProportion(number(rect, 'height'), stacks[i]?.[place] ?? 0);
          end = number(rect, 'y');
          const middle = number(rect, 'x') + number(rect, 'width') / 2;
          assert.ok(Math.abs(middle - columnOf(i, made.length)) <= ROUNDING, 'in the column of its step');
        }
        if (machine === null) return;
        const mark = marks[marked++];
        assert.equal(number(mark, 'y1'), number(mark, 'y2'));
        assert.ok(Math.abs((number(mark, 'x1') + number(mark, 'x2')) / 2 - columnOf(i, made.length)) <= ROUNDING);
        inProportion(BOTTOM - number(mark, 'y1'), machine);
      });
      assert.equal(marks.length, marked);
      const shown = (value: number | null): string => (value === null ? '–' : formatBytes(value));
      assert.deepEqual(
        tableOf(chart, 'Memory per connection').rows,
        made.map((one, i) => [
          `step ${i + 1}`,
          shown(one.ofSwitch),
          shown(one.kernelEnd === null ? null : 2 * one.kernelEnd),
          shown(one.ofDriver),
          shown(one.machine),
        ]),
      );
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('shows the tables of a side where its resident memory shows no slope', () => {
    const heading = 'Memory per connection';
    const ledgers = { switchLedger: slope(40), driverLedger: slope(20), kernelEnd: null, machine: null };
    const chart = chartOf(
      [
        { ...ledgers, switchRss: slope(900), driverRss: slope(800) },
        { ...ledgers, switchRss: null, driverRss: null },
        { ...ledgers, switchRss: slope(null), driverRss: slope(null) },
      ],
      heading,
    );
    assert.ok(chart);
    assert.deepEqual(
      tableOf(chart, heading).rows.map(([, ofSwitch, , ofDriver]) => [ofSwitch, ofDriver]),
      [
        ['900 B', '800 B'],
        ['40.0 B', '20.0 B'],
        ['40.0 B', '20.0 B'],
      ],
    );
  });
});

describe('delivery, step by step', () => {
  const HEADING = 'Delivery from the due time';
  const micros = fc.option(fc.double({ min: 1, max: 1e6, noNaN: true }), { nil: null });

  it('has p50 and p99 of each step above each other, by decades, and a stem only between two of them', () => {
    const property = fc.property(fc.array(fc.tuple(micros, micros), { minLength: 1, maxLength: 5 }), (made) => {
      const chart = chartOf(
        made.map(([deliveryP50Micros, deliveryP99Micros]) => ({ deliveryP50Micros, deliveryP99Micros })),
        HEADING,
      );
      const known = made.flat().filter((one) => one !== null);
      assert.equal(chart !== undefined, known.length > 0);
      if (chart === undefined) return;
      const first = Math.floor(Math.log10(Math.min(...known)) + 1e-9);
      const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...known)) - 1e-9));
      const yOf = (value: number): number =>
        BOTTOM - ((Math.log10(value) - first) / (last - first)) * (BOTTOM - plotY().to);
      for (const [place, className] of ['line-1', 'line-2'].entries()) {
        const dots = withClass(chart, 'circle', className);
        const wanted = made.flatMap((one, i) => {
          const value = one[place] ?? null;
          return value === null ? [] : [[columnOf(i, made.length), yOf(value)] as const];
        });
        assert.equal(dots.length, wanted.length);
        wanted.forEach(([x, y], i) => {
          assert.ok(Math.abs(number(dots[i], 'cx') - x) <= ROUNDING);
          assert.ok(Math.abs(number(dots[i], 'cy') - y) <= ROUNDING);
        });
      }
      const stems = withClass(chart, 'line', 'stem').map((stem) =>
        ['x1', 'x2', 'y1', 'y2'].map((at) => number(stem, at)),
      );
      const both = made.flatMap(([p50, p99], i) => {
        const x = columnOf(i, made.length);
        return p50 === null || p99 === null ? [] : [[x, x, yOf(p50), yOf(p99)]];
      });
      assert.equal(stems.length, both.length);
      both.flat().forEach((place, i) => {
        assert.ok(Math.abs((stems.flat()[i] ?? 0) - place) <= ROUNDING);
      });
      const shown = (value: number | null): string => (value === null ? '–' : formatMicros(value));
      assert.deepEqual(
        tableOf(chart, HEADING).rows,
        made.map((one, i) => [`step ${i + 1}`, ...one.map(shown)]),
      );
    });
    fc.assert(property, { numRuns: 60 });
  });
});

describe('the strip of repeated runs', () => {
  it('has a dot per run between the lowest at the left and the highest at the right, and a line at the median', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 9 }),
      (rates) => {
        const results = rates.map((completePerSecond) => madeResult({ completePerSecond }));
        const page = readPage(repeatPage(results, { ...CONTEXT, folder: 'here' }).lead.text);
        const strip = withClass(page, 'svg', 'strip').find((one) =>
          one.attributes.get('aria-label')?.startsWith('throughput.completeMessagesPerSecond: '),
        );
        assert.ok(strip);
        const [, , width] = strip.attributes.get('viewBox')?.split(' ').map(Number) ?? [];
        const places = withClass(strip, 'circle', 'dot').map((dot) => number(dot, 'cx'));
        const [mark] = withClass(strip, 'line', 'limit-mark');
        const sorted = [...rates].sort((a, b) => a - b);
        const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
        const margin = Math.min(...places);
        const placeOf = (value: number): number =>
          low === high ? (width ?? 0) / 2 : margin + ((value - low) / (high - low)) * ((width ?? 0) - 2 * margin);
        const middle =
          ((sorted[Math.floor((rates.length - 1) / 2)] ?? 0) + (sorted[Math.floor(rates.length / 2)] ?? 0)) / 2;
        assert.equal(places.length, rates.length);
        rates.forEach((value, i) => {
          assert.ok(Math.abs((places[i] ?? 0) - placeOf(value)) <= 2 * ROUNDING, `${value} at ${places[i]}`);
        });
        assert.ok(Math.abs(number(mark, 'x1') - placeOf(middle)) <= 2 * ROUNDING);
        assert.equal(number(mark, 'x1'), number(mark, 'x2'));
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});
