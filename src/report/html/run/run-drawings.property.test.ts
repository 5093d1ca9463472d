/**
 * The drawings of a run, read back: where marks stand must be where their figures belong, for any figures. What is
 * drawn wrong looks as convincing as what is drawn right.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';
import type { Slope } from '../../../result/sections/memory-schema.ts';
import { assertSound, elementsOf, type PageElement, readPage, tablesOf, textOf } from '../read-page.test-suite.ts';
import { fixed, PLOT_X, plotY, svgLine } from '../svg-plot.ts';
import { latencyPlot } from './latency-plot.ts';
import { wholeResult } from './made-run.test-suite.ts';
import { memoryFits } from './memory-fits.ts';
import { memoryBar, memoryParts, memorySum } from './memory-parts.ts';

const WHOLE = wholeResult(1);
const bytes = fc.double({ min: 1, max: 1e5, noNaN: true });

const attribute = (element: PageElement | undefined, name: string): string => element?.attributes.get(name) ?? '';
const number = (element: PageElement | undefined, name: string): number => Number(attribute(element, name));
const withClass = (page: PageElement, tag: string, className: string): PageElement[] =>
  elementsOf(page).filter((one) => one.tag === tag && attribute(one, 'class').split(' ').includes(className));
/** Places of a path of straight lines; several pieces if it has gaps. */
const piecesOf = (path: string): [number, number][][] =>
  path
    .split('M')
    .slice(1)
    .map((piece) => piece.split('L').map((place) => place.split(' ').map(Number) as [number, number]));

describe('a line of a plot', () => {
  it('has a piece for each stretch without a gap, with all its places in order', () => {
    const place = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -9999, max: 9999 }));
    fc.assert(
      fc.property(fc.array(fc.option(place, { nil: null }), { maxLength: 30 }), (tenths) => {
        const places = tenths.map((one) => (one === null ? null : ([one[0] / 10, one[1] / 10] as const)));
        const wanted: (readonly [number, number])[][] = [[]];
        for (const one of places) {
          if (one === null) wanted.push([]);
          else wanted.at(-1)?.push(one);
        }
        const [path] = elementsOf(readPage(svgLine(places, 'line-1').text)).filter(({ tag }) => tag === 'path');
        assert.deepEqual(
          piecesOf(attribute(path, 'd')),
          wanted.filter((piece) => piece.length > 0).map((piece) => piece.map(([x, y]) => [x || 0, y || 0])),
        );
      }),
    );
  });

  it('has numbers of one decimal, which neither end in zeros nor lose more than half a tenth', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (value) => {
        assert.match(fixed(value), /^-?\d+(\.[1-9])?$/);
        assert.ok(Math.abs(Number(fixed(value)) - value) <= 0.05 + 1e-9);
      }),
    );
  });
});

describe('memory against connections', () => {
  const levels = fc
    .uniqueArray(fc.integer({ min: 100, max: 1_000_000 }), { minLength: 2, maxLength: 8 })
    .map((all) => all.sort((a, b) => a - b));
  const fit = fc.record({
    levels,
    bytesPerConnection: bytes,
    baseBytes: fc.integer({ min: 0, max: 1e9 }),
    offBytes: fc.infiniteStream(fc.integer({ min: -50_000, max: 50_000 })),
  });

  const drawn = (connections: number[], slope: Slope): PageElement => {
    const none = { ledger: null, heap: null, rss: null };
    const memory = { ...WHOLE.memory, connections, switch: { ...none, ledger: slope }, driver: none };
    const fits = memoryFits({ ...WHOLE, memory: { ...memory, machine: null, kernel: null } } as Result);
    const page = readPage(fits.text);
    assertSound(page);
    return page;
  };
  const slopeOf = (bytesPerConnection: number, baseBytes: number, read: number[]): Slope =>
    ({
      bytesPerConnection,
      lowBytesPerConnection: bytesPerConnection,
      highBytesPerConnection: bytesPerConnection,
      baseBytes,
      isLinear: true,
      bytes: read,
      reason: null,
    }) as Slope;

  it('has its marks above the line where more was read, below it where less, and the residual on the same side', () => {
    fc.assert(
      fc.property(fit, ({ levels: connections, bytesPerConnection, baseBytes, offBytes }) => {
        const off = connections.map(() => offBytes.next().value ?? 0);
        const read = connections.map((count, i) => Math.max(0, baseBytes + bytesPerConnection * count + (off[i] ?? 0)));
        const page = drawn(connections, slopeOf(bytesPerConnection, baseBytes, read));
        const [main, residuals] = elementsOf(page).filter(({ tag }) => tag === 'svg');
        assert.ok(main && residuals);
        const [line] = withClass(main, 'path', 'line-1');
        const [[[x1, y1] = [0, 0], [x2, y2] = [0, 0]] = []] = piecesOf(attribute(line, 'd'));
        const dots = withClass(main, 'circle', 'dot');
        const below = withClass(residuals, 'circle', 'dot');
        const [zero] = withClass(residuals, 'line', 'zero');
        assert.deepEqual([dots.length, below.length], [connections.length, connections.length]);
        const { from: bottom, to: top } = plotY(210);
        connections.forEach((count, i) => {
          const [x, y] = [number(dots[i], 'cx'), number(dots[i], 'cy')];
          assert.ok(x >= PLOT_X.from - 0.1 && x <= PLOT_X.to + 0.1 && y >= top - 0.1 && y <= bottom + 0.1);
          const lineY = y1 + ((x - x1) / (x2 - x1 || 1)) * (y2 - y1);
          const miss = (read[i] ?? 0) - (baseBytes + bytesPerConnection * count);
          if (miss > 0) assert.ok(y <= lineY + 0.3, `level ${count}: ${y} is below the line at ${lineY}`);
          if (miss < 0) assert.ok(y >= lineY - 0.3, `level ${count}: ${y} is above the line at ${lineY}`);
          const side = number(zero, 'y1') - number(below[i], 'cy');
          assert.ok(side === 0 || Math.sign(side) === Math.sign(miss), `${side} for ${miss}`);
          assert.equal(number(below[i], 'cx'), x, 'the residual stands below its reading');
        });
      }),
      { numRuns: 60 },
    );
  });

  it('has no line, no residuals and faint marks where the slope is no figure, and says why', () => {
    const slope = { ...slopeOf(1, 0, [5e6, 6e6]), bytesPerConnection: null, reason: 'the interval includes zero' };
    const page = drawn([1000, 2000], slope as Slope);
    assert.equal(elementsOf(page).filter(({ tag }) => tag === 'svg').length, 1);
    assert.equal(withClass(page, 'path', 'line-1').length, 0);
    assert.equal(withClass(page, 'circle', 'faint-dot').length, 2);
    assert.match(textOf(page), /the interval includes zero/);
    for (const row of tablesOf(page)[0]?.rows ?? []) assert.deepEqual(row.slice(2), ['–', '–']);
  });
});

describe('the parts of memory', () => {
  const part = fc.option(bytes, { nil: null });
  const parts = fc.record({ ofSwitch: part, ofDriver: part, kernel: part, machine: part }).map((made) => {
    const slope = (value: number | null): object => ({
      bytesPerConnection: value,
      reason: value === null ? 'why' : null,
    });
    const side = (value: number | null): object => ({ ledger: slope(value), heap: null, rss: null });
    const memory = { ...WHOLE.memory, switch: side(made.ofSwitch), driver: side(made.ofDriver) };
    const outside = { kernel: slope(made.kernel), machine: slope(made.machine) };
    return { made, result: { ...WHOLE, memory: { ...memory, ...outside } } as Result };
  });

  it('add up to the whole machine where that is more than they are, and never take anything away', () => {
    fc.assert(
      fc.property(parts, ({ made, result }) => {
        const known = (made.ofSwitch ?? 0) + (made.ofDriver ?? 0) + (made.kernel ?? 0);
        const found = memoryParts(result);
        const rest = found.find(({ colour }) => colour === 'rest');
        assert.equal(rest !== undefined, made.machine !== null && made.machine > known);
        if (rest !== undefined) {
          assert.ok((rest.bytesPerConnection ?? -1) > 0);
          assert.ok(Math.abs((memorySum(found) ?? 0) - (made.machine ?? 0)) < 1e-6 * (made.machine ?? 0));
        } else if (known > 0) assert.ok(Math.abs((memorySum(found) ?? 0) - known) < 1e-6 * known);
        else assert.equal(memorySum(found), null);
      }),
    );
  });

  it('lie side by side without gaps, each as wide as its share of the bar', () => {
    fc.assert(
      fc.property(parts, ({ result }) => {
        const found = memoryParts(result);
        const sum = memorySum(found);
        const bar = readPage(memoryBar(found).text);
        assertSound(bar);
        const boxes = elementsOf(bar).filter(({ tag }) => tag === 'rect');
        const measured = found.filter(({ bytesPerConnection }) => bytesPerConnection !== null);
        if (sum === null) {
          assert.equal(attribute(boxes[0], 'class'), 'part-none');
          return;
        }
        let end = 0;
        measured.forEach(({ colour, bytesPerConnection }, i) => {
          assert.equal(attribute(boxes[i], 'class'), `part-${colour}`);
          assert.ok(Math.abs(number(boxes[i], 'x') - end) <= 0.11 * (i + 1));
          const share = ((bytesPerConnection ?? 0) / sum) * 600;
          assert.ok(Math.abs(number(boxes[i], 'width') - Math.max(2, share)) <= 0.06);
          end = number(boxes[i], 'x') + number(boxes[i], 'width');
        });
        assert.equal(boxes.length, measured.length);
        const [left, top, width] = attribute(
          elementsOf(bar).find(({ tag }) => tag === 'svg'),
          'viewBox',
        ).split(' ');
        assert.deepEqual([left, top], ['0', '0'], 'nothing of the bar is cut off');
        assert.ok(end <= Number(width) + 0.5, 'the bar does not leave its picture');
      }),
    );
  });
});

describe('the percentile curves', () => {
  const NAMES = ['p50Micros', 'p90Micros', 'p95Micros', 'p99Micros', 'p999Micros', 'p9999Micros'] as const;
  const PERCENTS = [50, 90, 95, 99, 99.9, 99.99];
  /** Percentiles that rise, of which the last ones were not measured. */
  const summary = fc
    .tuple(
      fc.array(fc.double({ min: 1, max: 1e5, noNaN: true }), { minLength: 6, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
    )
    .map(([steps, measured]): LatencySummary => {
      let sum = 0;
      const risen = steps.map((step, i) => {
        sum += step;
        return i < measured ? sum : null;
      });
      const percentiles = Object.fromEntries(NAMES.map((name, i) => [name, risen[i] ?? null]));
      const kept = { ...WHOLE.latency.delivery, ...percentiles, histogram: null, minMicros: 1, rangeMicros: 2 ** 28 };
      return { ...kept, count: 1000 };
    });
  const empty: LatencySummary = { ...WHOLE.latency.delivery, count: 0, histogram: null };
  const plotOf = (delivery: LatencySummary, login: LatencySummary): PageElement => {
    const all = Object.fromEntries(Object.keys(WHOLE.latency).map((key) => [key, empty]));
    const page = readPage(latencyPlot({ ...WHOLE, latency: { ...all, delivery, login } } as Result).text);
    assertSound(page);
    return page;
  };
  const ninesOf = (percent: number): number => -Math.log10(1 - percent / 100);

  it('go to the right by equal steps per nine and up by latency, and end where no more was measured', () => {
    fc.assert(
      fc.property(summary, summary, (delivery, login) => {
        const page = plotOf(delivery, login);
        const ends: number[] = [];
        for (const [one, className] of [
          [delivery, 'line-1'],
          [login, 'line-2'],
        ] as const) {
          const [places = [], ...others] = piecesOf(attribute(withClass(page, 'path', className)[0], 'd'));
          assert.equal(others.length, 0, 'a curve has no gap');
          const measured = NAMES.filter((name) => one[name] !== null).length;
          assert.equal(places.length, measured + 1, 'the minimum and each percentile that was measured');
          places.forEach(([x, y], i) => {
            const percent = i === 0 ? 0 : (PERCENTS[i - 1] ?? Number.NaN);
            const wanted = PLOT_X.from + (ninesOf(percent) / 4) * (PLOT_X.to - PLOT_X.from);
            assert.ok(Math.abs(x - wanted) <= 0.11, `p${percent} at ${x} instead of ${wanted}`);
            assert.ok(y <= (places[i - 1]?.[1] ?? Number.POSITIVE_INFINITY), 'a higher latency stands higher');
            assert.ok(y >= plotY(300).to - 0.1 && y <= plotY(300).from + 0.1);
          });
          ends.push(places.at(-1)?.[0] ?? 0);
        }
        const [hatched] = withClass(page, 'rect', 'unmeasured');
        const right = Math.max(...ends);
        if (hatched === undefined) assert.ok(right > PLOT_X.to - 1.1);
        else {
          assert.ok(Math.abs(number(hatched, 'x') - right) <= 0.11, 'what no curve reaches is hatched');
          assert.ok(Math.abs(number(hatched, 'x') + number(hatched, 'width') - PLOT_X.to) <= 0.2);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are left out without a value, with a sentence where there is none at all', () => {
    const page = readPage(
      latencyPlot({
        ...WHOLE,
        latency: Object.fromEntries(Object.keys(WHOLE.latency).map((key) => [key, empty])),
      } as Result).text,
    );
    assert.equal(textOf(page), 'No latency was measured.');
  });
});
