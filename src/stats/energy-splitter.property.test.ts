/** The best split against a model that computes every energy distance from its definition, pair by pair. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EnergySplitter, type Split } from './energy-splitter.ts';

const LENGTH_MAX = 14;
const series = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: LENGTH_MAX });
const sideMins = fc.integer({ min: 1, max: 5 });

function meanDistance(some: readonly number[], others: readonly number[]): number {
  const distances = some.flatMap((x) => others.map((y) => Math.abs(x - y)));
  return distances.reduce((sum, one) => sum + one, 0) / distances.length;
}

/** The mean of |x − y| over the pairs of different values of one side; 0 if there is none. */
function meanWithin(side: readonly number[]): number {
  if (side.length < 2) return 0;
  return (meanDistance(side, side) * side.length) / (side.length - 1);
}

/** Q as the paper defines it (Matteson and James, 2014, 2.3). */
function weightedEnergy(before: readonly number[], after: readonly number[]): number {
  const [m, n] = [before.length, after.length];
  const energy = 2 * meanDistance(before, after) - meanWithin(before) - meanWithin(after);
  return ((m * n) / (m + n)) * energy;
}

function modelBest(values: readonly number[], sideMin: number): Split | null {
  let best: Split | null = null;
  for (let index = sideMin; index < values.length; index++) {
    for (let end = index + sideMin; end <= values.length; end++) {
      const statistic = weightedEnergy(values.slice(0, index), values.slice(index, end));
      if (best === null || statistic > best.statistic + 1e-9) best = { index, statistic };
    }
  }
  return best;
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
}

describe('the best split of a series', () => {
  it('has the largest energy of all splits, with either side long enough', () => {
    const splitter = new EnergySplitter(LENGTH_MAX);
    fc.assert(
      fc.property(series, sideMins, (values, sideMin) => {
        const found = splitter.best(values, sideMin);
        const expected = modelBest(values, sideMin);
        assert.equal(found === null, expected === null, 'only a series that is too short has none');
        if (found === null || expected === null) return;
        assert.ok(isNear(found.statistic, expected.statistic), `${found.statistic}, not ${expected.statistic}`);
        // Of two equal splits rounding may prefer either; the energy at the index must be the largest.
        const ends = Array.from(
          { length: values.length - found.index - sideMin + 1 },
          (_, n) => found.index + sideMin + n,
        );
        const energies = ends.map((end) =>
          weightedEnergy(values.slice(0, found.index), values.slice(found.index, end)),
        );
        assert.ok(isNear(Math.max(...energies), expected.statistic));
      }),
    );
  });

  it('is that of the series alone, whatever the table held before', () => {
    fc.assert(
      fc.property(series, series, (earlier, values) => {
        const used = new EnergySplitter(LENGTH_MAX);
        used.best(earlier, 2);
        assert.deepEqual(used.best(values, 2), new EnergySplitter(LENGTH_MAX).best(values, 2));
      }),
    );
  });

  it('stays where it is when all values move, and its energy grows as they do', () => {
    const splitter = new EnergySplitter(LENGTH_MAX);
    const powers = fc.constantFrom(0.5, 2, 8); // exact, so that no rounding decides between equal splits
    fc.assert(
      fc.property(series, fc.integer({ min: -100, max: 100 }), powers, (values, shift, scale) => {
        const before = splitter.best(values, 2);
        const after = splitter.best(
          values.map((value) => scale * (value + shift)),
          2,
        );
        assert.equal(after?.index, before?.index);
        if (before !== null) assert.ok(isNear(after?.statistic ?? Number.NaN, scale * before.statistic));
      }),
    );
  });

  it('is between the levels of a step, also where a second step follows', () => {
    const splitter = new EnergySplitter(30);
    const level = (value: number, times: number): number[] => Array.from({ length: times }, (_, i) => value + (i % 3));
    assert.equal(splitter.best([...level(0, 10), ...level(50, 10)], 5)?.index, 10);
    assert.equal(splitter.best([...level(0, 10), ...level(50, 10), ...level(0, 10)], 5)?.index, 10);
  });
});
