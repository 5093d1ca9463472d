import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bcaLevels, bootstrapInterval } from './bootstrap.ts';
import { assertClose, readGolden } from './golden.test-suite.ts';
import { median } from './quantiles.ts';

interface Case {
  readonly statistic: string;
  readonly confidence: number;
  readonly estimate: number;
  readonly replicates: readonly number[];
  readonly leftOut: readonly number[];
  readonly low: number;
  readonly high: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const skewed = [0.1, 0.15, 0.2, 0.3, 0.35, 0.5, 0.6, 0.9, 1.4, 2.2, 3.9, 7];

describe('the bootstrap', () => {
  for (const one of readGolden<Case[]>('bca')) {
    it(`corrects by as much as SciPy does, for the ${one.statistic} at ${one.confidence}`, () => {
      const { low, high } = bcaLevels(one.estimate, one.replicates, one.leftOut, one.confidence);
      assertClose(low, one.low, 1e-9);
      assertClose(high, one.high, 1e-9);
    });
  }

  it('gives one interval for one seed, and another for another', () => {
    const order = { method: 'bca', confidence: 0.95, resamples: 500 } as const;
    const first = bootstrapInterval(skewed, mean, { ...order, seed: 1 });
    assert.deepEqual(bootstrapInterval(skewed, mean, { ...order, seed: 1 }), first);
    assert.notDeepEqual(bootstrapInterval(skewed, mean, { ...order, seed: 2 }), first);
  });

  it('moves the BCa interval of a skewed mean to its long side', () => {
    const order = { confidence: 0.95, seed: 3 } as const;
    const plain = bootstrapInterval(skewed, mean, { ...order, method: 'percentile' });
    const corrected = bootstrapInterval(skewed, mean, { ...order, method: 'bca' });
    assert.ok(corrected.low > plain.low && corrected.high > plain.high);
    assert.ok(plain.low < mean(skewed) && mean(skewed) < plain.high);
  });

  it('has no width for values that are all the same', () => {
    const { low, high } = bootstrapInterval([4, 4, 4], median, { method: 'bca', confidence: 0.95, seed: 1 });
    assert.deepEqual([low, high], [4, 4]);
  });
});
