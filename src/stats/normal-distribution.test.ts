import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertClose, readGolden } from './golden.test-suite.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';

interface Points {
  readonly z: readonly number[];
  readonly p: readonly number[];
}

const golden = readGolden<{ cdf: Points; ppf: Points }>('normal-distribution');

describe('the normal distribution', () => {
  it("agrees with SciPy's, far out in the tails as well", () => {
    golden.cdf.z.forEach((z, i) => {
      assertClose(normalCdf(z), golden.cdf.p[i] ?? Number.NaN, 1e-12, `at ${z}`);
    });
  });

  it("has SciPy's quantiles", () => {
    golden.ppf.p.forEach((p, i) => {
      assertClose(normalQuantile(p), golden.ppf.z[i] ?? Number.NaN, 1e-12, `at ${p}`);
    });
    assert.ok(Math.abs(normalQuantile(0.5)) < 1e-15);
    assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
    assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
  });
});
