import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertClose, readGolden } from './golden.test-suite.ts';
import { fitScalingLaw, type ScalingLaw, scalingLawPerSecond } from './scaling-law.ts';

interface Case {
  readonly shards: readonly number[];
  readonly perSecond: readonly number[];
  readonly onePerSecond: number;
  readonly contention: number;
  readonly coherency: number;
}

const SHARDS = [1, 2, 4, 8, 12, 16, 24];

function fit(shards: readonly number[], perSecond: readonly number[], cores = 32): ScalingLaw {
  const law = fitScalingLaw(
    shards.map((count, i) => ({ shards: count, perSecond: perSecond[i] ?? Number.NaN })),
    cores,
  );
  if (law.isRefused) assert.fail(law.sentence);
  return law;
}

describe('the scaling law', () => {
  for (const [i, one] of readGolden<Case[]>('scaling-law').entries()) {
    it(`has SciPy's least squares, case ${i + 1}`, () => {
      const law = fit(one.shards, one.perSecond);
      assertClose(law.onePerSecond, one.onePerSecond, 1e-8);
      assertClose(law.contention, one.contention, 1e-6);
      assertClose(law.coherency, one.coherency, 1e-6);
    });
  }

  it('gives back the parameters of exact figures, and where they peak', () => {
    const truth = { onePerSecond: 100_000, contention: 0.04, coherency: 0.0025 };
    const law = fit(
      SHARDS,
      SHARDS.map((n) => scalingLawPerSecond(truth, n)),
    );
    assertClose(law.onePerSecond, truth.onePerSecond, 1e-9);
    assertClose(law.contention, truth.contention, 1e-7);
    assertClose(law.coherency, truth.coherency, 1e-7);
    assertClose(law.peakShards ?? 0, Math.sqrt(0.96 / 0.0025), 1e-6);
    assert.ok(law.rSquared > 0.999_999);
    assert.ok(law.residualShares.every((share) => Math.abs(share) < 1e-9));
  });

  it('has no peak where shards do not hinder each other', () => {
    const law = fit(
      SHARDS,
      SHARDS.map((n) => n * 500),
    );
    assertClose(law.onePerSecond, 500, 1e-9);
    assert.ok(law.coherency < 1e-12 && law.contention < 1e-9);
  });

  it('refuses few levels and shards without cores', () => {
    const levels = (count: number) => Array.from({ length: count }, (_, i) => ({ shards: i + 1, perSecond: 100 + i }));
    const few = fitScalingLaw(levels(5), 8);
    assert.ok(few.isRefused && few.reason === 'too-few-levels');
    assert.match(few.sentence, /at least 6 numbers of shards, found 5/);
    const twice = fitScalingLaw([...levels(5), ...levels(5)], 8);
    assert.ok(twice.isRefused, 'the same level twice is one level');
    const crowded = fitScalingLaw(levels(6), 2);
    assert.ok(crowded.isRefused && crowded.reason === 'more-shards-than-cores');
    assert.match(crowded.sentence, /6 shards on 2 cores/);
    const idle = fitScalingLaw([...levels(6), { shards: 7, perSecond: 0 }], 8);
    assert.ok(idle.isRefused && idle.reason === 'no-fit');
  });
});
