/**
 * Axes against what an eye checks: labels apart and on the drawing, a line at each mark, and each label at its mark.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AxisTick, bottomAxis, leftAxis } from './axes.ts';
import { linearScale, logScale } from './scale.ts';
import { widthOf } from './svg.ts';

interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

function labelsOf(svg: string): Label[] {
  return [...svg.matchAll(/<text class="tick" x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]*)<\/text>/g)].map(
    ([, x, y, text = '']) => ({ x: Number(x), y: Number(y), text }),
  );
}

function linesOf(svg: string, className: string): { x1: number; y1: number; x2: number; y2: number }[] {
  const line = new RegExp(
    `<line class="${className}" x1="([-\\d.]+)" y1="([-\\d.]+)" x2="([-\\d.]+)" y2="([-\\d.]+)"/>`,
    'g',
  );
  return [...svg.matchAll(line)].map(([, x1, y1, x2, y2]) => ({
    x1: Number(x1),
    y1: Number(y1),
    x2: Number(x2),
    y2: Number(y2),
  }));
}

const ROUNDING = 0.11;
const label = fc.stringMatching(/^[0-9a-zA-Z ,.%]{1,14}$/);
const ticksOf = (low: number, high: number): fc.Arbitrary<AxisTick[]> =>
  fc
    .uniqueArray(fc.double({ min: low, max: high, noNaN: true }), { minLength: 1, maxLength: 20 })
    .chain((values) =>
      fc
        .array(label, { minLength: values.length, maxLength: values.length })
        .map((labels) => [...values].sort((a, b) => a - b).map((value, i) => ({ value, label: labels[i] ?? '' }))),
    );

describe('the axis below a chart', () => {
  const scales = fc.constantFrom(
    linearScale(1, 100, [40, 300]),
    logScale(1, 100, [40, 300]),
    linearScale(1, 100, [2, 60]),
  );

  it('has a line at each mark, and labels that neither touch nor leave the axis by more than its margin', () => {
    fc.assert(
      fc.property(scales, ticksOf(1, 100), (scale, ticks) => {
        const svg = bottomAxis(scale, ticks, 5, 95);
        const lines = linesOf(svg, 'grid');
        assert.deepEqual(
          lines.map(({ x1 }) => x1),
          ticks.map(({ value }) => Math.round(scale.at(value) * 10) / 10),
        );
        for (const { x1, x2, y1, y2 } of lines) assert.deepEqual([x2 - x1, y1, y2], [0, 5, 95]);
        let end = Number.NEGATIVE_INFINITY;
        for (const { x, text } of labelsOf(svg)) {
          const half = widthOf(text) / 2;
          assert.ok(x - half > end, `${text} begins at ${x - half}, the one before ends at ${end}`);
          assert.ok(x - half >= -ROUNDING, `${text} begins at ${x - half}`);
          end = x + half;
        }
      }),
    );
  });

  it('leaves out a label only for lack of room: the first always stands', () => {
    fc.assert(
      fc.property(scales, ticksOf(1, 100), (scale, ticks) => {
        const labels = labelsOf(bottomAxis(scale, ticks, 0, 50)).map(({ text }) => text);
        assert.equal(labels[0], ticks[0]?.label);
        const wide = linearScale(0, ticks.length - 1 || 1, [200, 200 + 200 * ticks.length]);
        const apart = ticks.map(({ label: text }, value) => ({ value, label: text }));
        assert.equal(labelsOf(bottomAxis(wide, apart, 0, 50)).length, ticks.length, 'where there is room all stand');
      }),
    );
  });

  it('is one line from end to end, also for a scale that goes to the left', () => {
    for (const scale of [linearScale(0, 9, [20, 180]), linearScale(0, 9, [180, 20])]) {
      assert.deepEqual(linesOf(bottomAxis(scale, [], 0, 44), 'axis'), [{ x1: 20, y1: 44, x2: 180, y2: 44 }]);
    }
  });
});

describe('the axis beside a chart', () => {
  it('has each label at the height of its line, before the chart, and cut if it has no room', () => {
    fc.assert(
      fc.property(ticksOf(1, 100), fc.integer({ min: 20, max: 120 }), (ticks, left) => {
        const scale = linearScale(1, 100, [200, 10]);
        const svg = leftAxis(scale, ticks, left, 300);
        const [lines, labels] = [linesOf(svg, 'grid'), labelsOf(svg)];
        assert.equal(labels.length, ticks.length);
        labels.forEach(({ x, y, text }, i) => {
          const line = lines[i];
          assert.ok(Math.abs(y - 4 - (line?.y1 ?? 0)) <= ROUNDING, 'the text is centred on its line');
          assert.deepEqual([line?.x1, line?.x2], [left, 300]);
          assert.ok(x < left && x - widthOf(text) >= -ROUNDING - 6.4, `${text} begins at ${x - widthOf(text)}`);
          if (widthOf(ticks[i]?.label ?? '') <= left - 6) assert.equal(text, ticks[i]?.label);
        });
      }),
    );
  });
});
