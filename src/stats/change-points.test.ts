import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextExponential, nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import { changePoints } from './change-points.ts';
import { EnergySplitter } from './energy-splitter.ts';
import { assertClose, readGolden } from './golden.test-suite.ts';

/** Made-up noise: the difference of two exponential numbers, symmetric with heavy tails. */
function noise(seed: number): () => number {
  const state = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(state, 0, seed, 1);
  return () => nextExponential(state, 0) - nextExponential(state, 0);
}

function series(seed: number, ...levels: readonly [count: number, level: number, spread: number][]): number[] {
  const next = noise(seed);
  return levels.flatMap(([count, level, spread]) => Array.from({ length: count }, () => level + spread * next()));
}

const near = (found: number | undefined, wanted: number): boolean => Math.abs((found ?? -99) - wanted) <= 1;

describe('the best cut', () => {
  for (const { values, statistic, index } of readGolden<{ values: number[]; statistic: number; index: number }[]>(
    'energy-split',
  )) {
    it(`is where the formula says it is: ${index}`, () => {
      const best = new EnergySplitter(values.length).best(values, 5);
      assert.equal(best?.index, index);
      assertClose(best?.statistic ?? 0, statistic, 1e-9);
    });
  }

  it('takes in every value up to the last one', () => {
    // Q = mn/(m + n)·2·1 with m = 5 and n = 6, as nothing differs within the sides.
    const best = new EnergySplitter(11).best([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], 5);
    assert.deepEqual(best, { index: 5, statistic: 60 / 11 });
  });

  it('does not exist in a row too short for two sides', () => {
    assert.equal(new EnergySplitter(9).best([1, 2, 3, 4, 5, 6, 7, 8, 9], 5), null);
  });

  it('is found anew in a splitter used before', () => {
    const splitter = new EnergySplitter(30);
    splitter.best(series(1, [30, 5, 1]), 5);
    const values = series(2, [10, 0, 1], [10, 9, 1]);
    assert.deepEqual(splitter.best(values, 5), new EnergySplitter(20).best(values, 5));
  });
});

describe('change points', () => {
  it('finds one change of level', () => {
    const found = changePoints(series(3, [20, 100, 1], [15, 105, 1]), { seed: 1 });
    assert.equal(found.length, 1);
    assert.ok(near(found[0]?.index, 20), JSON.stringify(found));
    assert.equal(found[0]?.pValue, 0.005);
  });

  it('finds several, a step up and back again included', () => {
    const found = changePoints(series(4, [15, 10, 0.3], [12, 14, 0.3], [15, 10, 0.3], [10, 6, 0.3]), { seed: 1 });
    assert.equal(found.length, 3, JSON.stringify(found));
    [15, 27, 42].forEach((wanted, i) => {
      assert.ok(near(found[i]?.index, wanted), JSON.stringify(found));
    });
  });

  it('finds a change of spread alone', () => {
    const found = changePoints(series(5, [40, 0, 0.2], [40, 0, 5]), { seed: 1 });
    assert.equal(found.length, 1);
    assert.ok(Math.abs((found[0]?.index ?? 0) - 40) <= 5);
  });

  it('finds nothing in one value alone, few values, or none', () => {
    assert.deepEqual(changePoints(Array(40).fill(7), { seed: 1 }), []);
    assert.deepEqual(changePoints([1, 2, 50, 60], { seed: 1 }), []);
    assert.deepEqual(changePoints([], { seed: 1 }), []);
  });

  it('raises a false alarm about as often as it says', () => {
    const rounds = 100;
    let alarms = 0;
    for (let seed = 0; seed < rounds; seed++) {
      if (changePoints(series(1000 + seed, [24, 0, 1]), { seed }).length > 0) alarms++;
    }
    // Binomial with n = 100 and p = 0.05 is at most 12 in 99.9 % of cases; the seeds are fixed.
    assert.ok(alarms <= 12, `${alarms} of ${rounds}`);
  });

  it('gives one answer for one seed', () => {
    const state = new Int32Array(RANDOM_STATE_WORDS);
    seedRandom(state, 0, 6, 2);
    const values = Array.from({ length: 40 }, () => nextRandom(state, 0) % 100);
    assert.deepEqual(changePoints(values, { seed: 9 }), changePoints(values, { seed: 9 }));
  });
});
