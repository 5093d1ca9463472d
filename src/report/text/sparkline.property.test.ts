/** The line of characters against one that is found by looking at every value. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sparkline } from './sparkline.ts';

const HEIGHTS = [...'▁▂▃▄▅▆▇█'];
const values = fc.array(fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null }), { maxLength: 60 });

describe('a series as a line of characters', () => {
  it('has a character per value, as high as its share of the highest, and a gap where nothing was measured', () => {
    fc.assert(
      fc.property(values, (series) => {
        const drawn = [...sparkline(series, 60)];
        const most = Math.max(0, ...series.map((value) => value ?? 0));
        assert.equal(drawn.length, series.length);
        series.forEach((value, i) => {
          if (value === null) assert.equal(drawn[i], ' ');
          else {
            const height = HEIGHTS.indexOf(drawn[i] ?? '');
            assert.ok(Math.abs(height - (most > 0 ? (value / most) * 7 : 0)) <= 0.5 + 1e-9, `${value} of ${most}`);
          }
        });
      }),
    );
  });

  it('has a character per group of values in turn where there are more, each as high as the highest of its group', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (series, cells) => {
        const drawn = [...sparkline(series, cells)];
        assert.equal(drawn.length, Math.min(cells, series.length));
        if (series.length === 0) return;
        const groups: (number | null)[][] = drawn.map(() => []);
        series.forEach((value, i) => {
          // Each value belongs to the last group that begins at or before it.
          const group = drawn.findLastIndex((_, n) => Math.floor((n * series.length) / drawn.length) <= i);
          groups[group]?.push(value);
        });
        assert.ok(
          groups.every((group) => group.length > 0),
          'no character is without a value',
        );
        const highest = groups.map((group) => {
          const known = group.filter((value) => value !== null);
          return known.length === 0 ? null : Math.max(...known);
        });
        assert.equal(drawn.join(''), sparkline(highest, cells));
      }),
    );
  });

  it('is level at the bottom where all is 0, and has no character for a series without values', () => {
    assert.equal(sparkline([0, 0, 0], 10), '▁▁▁');
    assert.equal(sparkline([null, null], 10), '  ');
    assert.equal(sparkline([], 10), '');
    assert.equal(sparkline([0, 5, 10, null, 10], 10), '▁▅█ █');
  });
});
