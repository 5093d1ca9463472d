import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

/** The model counts whole microseconds and does not round. */
const RATE = 1000;
const MICROS_PER_TOKEN = 1000;

describe('a token bucket', () => {
  it('admits what a list of all requests allows: at most burst + rate · t in any time t', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 5 * MICROS_PER_TOKEN }), { maxLength: 80 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), waits, (burst, pauses) => {
        const bucket = new TokenBucket(RATE, burst, 0);
        const admitted: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          // By the model: no time that ends now would hold more than it may, were this one admitted too.
          const fits = admitted.every((from, n) => (admitted.length - n + 1 - burst) * MICROS_PER_TOKEN <= now - from);
          assert.equal(bucket.take(now), fits, `at ${now} after ${admitted}`);
          if (fits) admitted.push(now);
        }
      }),
      // A token that is there again in the microsecond of the request: sums of thousandths would miss it.
      {
        examples: [
          [2, [0, 908, 92]],
          [3, [0, 8, 9, 7, 976]],
        ],
      },
    );
  });

  it('gains nothing from a clock that goes back, and says when there is a token again', () => {
    const bucket = new TokenBucket(0.25, 1, 1e6);
    assert.ok(bucket.take(1e6));
    assert.ok(!bucket.take(0));
    assert.ok(!bucket.take(1e6));
    assert.equal(bucket.retryAfterSeconds(), 4);
    assert.ok(!bucket.take(4.9e6));
    assert.ok(bucket.take(5e6));
  });
});
