import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from '../../../analysis/comparison/compare-pairs.ts';
import { madePairs } from '../../../analysis/comparison/made-results.test-suite.ts';
import { comparisonExitCode, type ExitWishes } from './comparison-exit-code.ts';

const gating = ['memory.switch.bytesPerConnection'];
const NO_WISHES: ExitWishes = { failOn: undefined, inconclusiveExit: false };

describe('the exit code of a comparison', () => {
  it('is 0 for whatever was found, unless something else is asked for', () => {
    const regressed = comparePairs(madePairs({ bytesRatio: 1.1 }), { gating });
    assert.deepEqual([regressed.verdict, comparisonExitCode(regressed, NO_WISHES)], ['regressed', 0]);
    assert.equal(comparisonExitCode(regressed, { ...NO_WISHES, failOn: 'regressed' }), 1);
    const unsure = comparePairs(madePairs({ bytesRatio: 1.02, spreadShare: 0.02 }), { gating });
    assert.deepEqual([unsure.verdict, comparisonExitCode(unsure, NO_WISHES)], ['inconclusive', 0]);
    assert.equal(comparisonExitCode(unsure, { ...NO_WISHES, inconclusiveExit: true }), 4);
  });

  it('is 3 where nothing could be decided, whatever is asked for', () => {
    const invalid = comparePairs(madePairs({ base: { tripped: 'steady' } }), { gating });
    const tooFew = comparePairs(madePairs({ pairs: 3 }), { gating });
    for (const comparison of [invalid, tooFew])
      assert.equal(comparisonExitCode(comparison, { failOn: 'regressed', inconclusiveExit: true }), 3);
  });
});
