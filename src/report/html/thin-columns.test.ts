import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { spansOf, thinColumns } from './thin-columns.ts';

const column = fc.array(fc.option(fc.integer({ min: -1000, max: 1000 }), { freq: 4 }), {
  minLength: 1,
  maxLength: 300,
});
const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

describe('thinned columns', () => {
  it('have at most the wanted points, in order, and keep every peak', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 2, max: 40 }), (values, pointsMax) => {
        const times = values.map((_, i) => i);
        const thin = thinColumns(times, [values], pointsMax);
        const [column = []] = thin.columns;
        assert.equal(column.length, thin.atSeconds.length);
        assert.ok(thin.atSeconds.length <= Math.max(pointsMax, 2) + 1, `${thin.atSeconds.length} of ${pointsMax}`);
        assert.deepEqual(
          thin.atSeconds,
          [...thin.atSeconds].sort((a, b) => a - b),
        );
        assert.equal(Math.max(...known(column)), Math.max(...known(values)));
        assert.equal(Math.min(...known(column)), Math.min(...known(values)));
      }),
    );
  });

  it('are the same where they are short enough', () => {
    assert.deepEqual(thinColumns([1, 2, 3], [[5, null, 7]], 3), {
      atSeconds: [1, 2, 3],
      columns: [[5, null, 7]],
      perPoint: 1,
    });
  });

  it('keep a peak at its side of the lowest value, and a gap', () => {
    const times = [0, 1, 2, 3, 4, 5, 6, 7];
    const { columns } = thinColumns(times, [[1, 9, 2, 0, null, null, null, null]], 4);
    assert.deepEqual(columns, [[9, 0, null, null]]);
  });
});

describe('spans of time', () => {
  it('cover all times, each with the range of its values', () => {
    assert.deepEqual(spansOf([0, 1, 2, 3, 4], [[3, 1, 2, null, null]], 3), [
      { fromSeconds: 0, toSeconds: 1, ranges: [{ low: 1, high: 3 }] },
      { fromSeconds: 2, toSeconds: 3, ranges: [{ low: 2, high: 2 }] },
      { fromSeconds: 4, toSeconds: 4, ranges: [null] },
    ]);
    assert.deepEqual(spansOf([], [[]], 3), []);
  });
});
