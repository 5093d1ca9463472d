import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { RampProgress, stuckMicros } from './ramp-progress.ts';

const login = (timeout: number) => ({ ...scriptedPlan().settings.login, timeout });

describe('the progress of a ramp', () => {
  it('is not what a server makes that accepts and drops for ever', () => {
    const progress = new RampProgress(stuckMicros(login(10e6)));
    let sentence: string | null = null;
    let seconds = 0;
    for (; sentence === null && seconds < 100; seconds++)
      sentence = progress.note(seconds % 2 === 0 ? 40 : 10, 3, seconds * 1e6);
    assert.equal(
      sentence,
      'no more than 40 phones were online at once, and none gave up, for 31.0 s, at most 30 s, and now 10 are: connections end as fast as they begin',
    );
  });

  it('is each phone more that is online, or gives up', () => {
    const progress = new RampProgress(stuckMicros(login(10e6)));
    for (let n = 0; n < 100; n++) {
      assert.equal(progress.note(n, 0, n * 29e6), null);
      assert.equal(progress.note(100, n, (100 + n) * 29e6), null);
    }
    assert.match(progress.note(100, 99, 10_000e6) ?? '', /^no more than 100 phones .* at most 30 s$/);
  });

  it('may stand still for as long as a phone waits for an answer that is lost, and tries again', () => {
    const progress = new RampProgress(stuckMicros(login(60e6)));
    assert.equal(progress.note(37, 0, 0), null);
    assert.equal(progress.note(37, 0, 62e6), null);
    assert.match(progress.note(37, 0, 77e6) ?? '', /for 77.0 s, at most 76 s$/);
    assert.equal(stuckMicros({ ...login(60e6), backoff: 'full-jitter' }), 105e6, 'the longest wait is 30 s');
  });

  it('ends whatever the server does: within 31 s for each phone that can log in or give up', () => {
    const steps = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 50 * 31, maxLength: 50 * 31 });
    fc.assert(
      fc.property(steps, (standing) => {
        const progress = new RampProgress(stuckMicros(login(10e6)));
        assert.ok(standing.some(([held, givenUp], second) => progress.note(held, givenUp, second * 1e6) !== null));
      }),
      { numRuns: 20 },
    );
  });
});
