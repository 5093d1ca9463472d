import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../base/mix.ts';
import { bonferroni, bonferroniConfidence, holm } from './multiple-comparisons.ts';

const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(10)));

describe('corrections for several comparisons', () => {
  it('adjust p-values as R does (p.adjust of 0.01, 0.04, 0.03, 0.005)', () => {
    const pValues = [0.01, 0.04, 0.03, 0.005];
    assert.deepEqual(rounded(holm(pValues)), [0.03, 0.06, 0.06, 0.02]);
    assert.deepEqual(rounded(bonferroni(pValues)), [0.04, 0.16, 0.12, 0.02]);
  });

  it('never exceed 1, and leave a single comparison as it is', () => {
    assert.deepEqual(holm([0.6, 0.9]), [1, 1]);
    assert.deepEqual(bonferroni([0.6, 0.9]), [1, 1]);
    assert.deepEqual([holm([0.3]), bonferroni([0.3]), holm([])], [[0.3], [0.3], []]);
    assert.equal(bonferroniConfidence(0.95, 1), 0.95);
  });

  it('ask more confidence of each of several intervals', () => {
    assert.equal(Number(bonferroniConfidence(0.95, 5).toFixed(12)), 0.99);
    assert.equal(Number(bonferroniConfidence(0.95, 10).toFixed(12)), 0.995);
    assert.throws(() => bonferroniConfidence(0.95, 0), /at least one comparison/);
  });

  it('keep the probability of any false alarm, and Holm finds what Bonferroni finds', () => {
    const random = new Int32Array(RANDOM_STATE_WORDS);
    seedRandom(random, 0, 3, 9);
    const uniform = (): number => ((nextRandom(random, 0) >>> 0) + 0.5) / 2 ** 32;
    const rounds = 4000;
    let alarms = 0;
    for (let round = 0; round < rounds; round++) {
      const pValues = Array.from({ length: 6 }, uniform); // no effect anywhere
      const adjusted = holm(pValues);
      if (adjusted.some((p) => p <= 0.05)) alarms++;
      bonferroni(pValues).forEach((p, i) => {
        if (p <= 0.05) assert.ok((adjusted[i] ?? 1) <= 0.05);
      });
    }
    // 4.9 % expected; the standard error of 4000 rounds is 0.34 points; the seed is fixed.
    assert.ok(Math.abs(alarms / rounds - 0.049) < 0.012, `${alarms} of ${rounds}`);
  });
});
