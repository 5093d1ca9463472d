/** The first sentence about a run: why it stopped before whether it is valid, and that before whether it passed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { runVerdict } from './run-verdict.ts';

const THRESHOLD: Result['thresholds'][number] = {
  metric: 'connections.held',
  expression: 'value>=1',
  figure: 1,
  isMore: false,
  passed: true,
  reason: null,
};
const BROKEN = { ...THRESHOLD, figure: 0, passed: false };

function verdictOf(validity: Partial<Result['validity']>, thresholds: Result['thresholds'] = []): string[] {
  const made = madeResult({ tripped: validity.isValid === false ? 'steady' : undefined } as object);
  const { tone, sentence } = runVerdict({ ...made, validity: { ...made.validity, ...validity }, thresholds });
  return [tone, sentence];
}

describe('the verdict on a run', () => {
  it('counts thresholds, and is bad as soon as one failed', () => {
    assert.deepEqual(verdictOf({}), ['good', 'VALID, no thresholds.']);
    assert.deepEqual(verdictOf({}, [THRESHOLD, THRESHOLD]), ['good', 'VALID, 2 of 2 thresholds passed.']);
    assert.deepEqual(verdictOf({}, [THRESHOLD, BROKEN]), ['bad', 'VALID, 1 of 2 thresholds FAILED.']);
  });

  it('names the guard of a run that is not valid, whatever its thresholds say', () => {
    const [tone, sentence] = verdictOf({ isValid: false }, [THRESHOLD]);
    assert.equal(tone, 'bad');
    assert.match(sentence ?? '', /^INVALID: steady: it was too much\. Do not quote these figures\.$/);
    assert.doesNotMatch(sentence ?? '', /passed/);
  });

  it('says first how a run ended that did not end by itself, and never that it is valid', () => {
    for (const [ended, wanted] of [
      ['failed', /^FAILED: no room\. The figures below are partial/],
      ['reserve', /^STOPPED: no room\. The figures below are partial/],
      ['interrupted', /^INTERRUPTED: the figures below are partial/],
    ] as const) {
      for (const isValid of [true, false]) {
        const [tone, sentence] = verdictOf({ ended, failure: 'no room.', isValid }, [THRESHOLD]);
        assert.equal(tone, ended === 'failed' ? 'bad' : 'warning');
        assert.match(sentence ?? '', wanted);
        assert.doesNotMatch(sentence ?? '', /\bVALID|passed/);
      }
    }
  });
});
