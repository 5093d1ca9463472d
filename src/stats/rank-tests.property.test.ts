import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextExponential, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import { cliffsDelta, rankBiserial } from './effect-sizes.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { mannWhitneyInterval, mannWhitneyTest } from './mann-whitney-test.ts';
import { PairwiseDifferences } from './pairwise-differences.ts';
import { rank } from './ranks.ts';
import { type RankInterval, signedRankInterval, signedRankTest } from './signed-rank-test.ts';

/** Small whole numbers: sums and halves are exact, and there are ties and zeros. */
const whole = fc.integer({ min: -40, max: 40 });
const pairs = fc.array(whole, { minLength: 8, maxLength: 40, size: 'max' });
const sample = fc.array(whole, { minLength: 5, maxLength: 12, size: 'max' });

function accepted(interval: ReturnType<typeof signedRankInterval>): RankInterval {
  if (interval.isRefused) assert.fail(interval.sentence);
  return interval;
}

describe('ranks', () => {
  it('add up, and equal values have equal ranks', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const { ranks } = rank(values);
        assert.equal(
          ranks.reduce((sum, one) => sum + one, 0),
          (values.length * (values.length + 1)) / 2,
        );
        values.forEach((value, i) => {
          const below = values.filter((other) => other < value).length;
          const same = values.filter((other) => other === value).length;
          assert.equal(ranks[i], below + (same + 1) / 2);
        });
      }),
    );
  });
});

describe('the signed-rank test and interval', () => {
  it('mirror when the signs do', () => {
    fc.assert(
      fc.property(pairs, (differences) => {
        const mirrored = differences.map((one) => 0 - one);
        assert.equal(signedRankTest(mirrored).pValue, signedRankTest(differences).pValue);
        assert.equal(rankBiserial(mirrored), 0 - rankBiserial(differences));
        const [one, other] = [differences, mirrored].map((each) => accepted(signedRankInterval(each, 0.95)));
        assert.equal(0 - (one?.low ?? 0), other?.high);
        assert.equal(0 - (one?.estimate ?? 0), other?.estimate);
      }),
    );
  });

  it('move with the values, and do not look at their order', () => {
    fc.assert(
      fc.property(pairs, whole, (differences, shift) => {
        const before = accepted(signedRankInterval(differences, 0.99));
        const after = accepted(
          signedRankInterval(
            [...differences].reverse().map((one) => one * 2 + shift),
            0.99,
          ),
        );
        assert.deepEqual([after.low, after.high], [before.low * 2 + shift, before.high * 2 + shift]);
        assert.equal(after.estimate, before.estimate * 2 + shift);
      }),
    );
  });

  it('keep their order: low, estimate, high; more confidence is wider', () => {
    fc.assert(
      fc.property(pairs, (differences) => {
        const [narrow, wide] = [
          accepted(signedRankInterval(differences, 0.9)),
          accepted(signedRankInterval(differences, 0.99)),
        ];
        assert.ok(wide.low <= narrow.low && narrow.low <= narrow.estimate);
        assert.ok(narrow.estimate <= narrow.high && narrow.high <= wide.high);
        assert.equal(narrow.estimate, hodgesLehmann(differences));
      }),
    );
  });

  it('agree: the interval leaves 0 out exactly when the test rejects, without ties', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: -500, max: 500 }), {
      minLength: 6,
      maxLength: 25,
      selector: Math.abs,
    });
    fc.assert(
      fc.property(
        distinct.filter((differences) => !differences.includes(0)),
        (differences) => {
          const { low, high, confidence } = accepted(signedRankInterval(differences, 0.95));
          const rejects = signedRankTest(differences).pValue <= 1 - confidence + 1e-12;
          const touches = low === 0 || high === 0; // a Walsh average of 0 is a tie of sizes
          if (!touches) assert.equal(low > 0 || high < 0, rejects);
        },
      ),
    );
  });

  it('gives the p-value that counting all signs gives, ties and zeros included', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 }), (differences) => {
        const { ranks } = rank(differences.map(Math.abs));
        const used = [...ranks].filter((_, i) => differences[i] !== 0);
        const observed = signedRankTest(differences);
        let [low, high] = [0, 0];
        for (let signs = 0; signs < 2 ** used.length; signs++) {
          const sum = used.reduce((total, one, i) => total + ((signs >> i) & 1 ? one : 0), 0);
          if (sum <= observed.positiveRankSum) low++;
          if (sum >= observed.positiveRankSum) high++;
        }
        const expected = Math.min(1, (2 * Math.min(low, high)) / 2 ** used.length);
        assert.ok(Math.abs(observed.pValue - expected) < 1e-12);
      }),
    );
  });

  it('holds the truth as often as it says', () => {
    const random = new Int32Array(RANDOM_STATE_WORDS);
    seedRandom(random, 0, 5, 5);
    const rounds = 4000;
    let held = 0;
    for (let round = 0; round < rounds; round++) {
      const differences = Array.from({ length: 10 }, () => 3 + nextExponential(random, 0) - nextExponential(random, 0));
      const { low, high } = accepted(signedRankInterval(differences, 0.95));
      if (low <= 3 && 3 <= high) held++;
    }
    // 95.1 % nominal; the standard error of 4000 rounds is 0.34 points; the seed is fixed.
    assert.ok(Math.abs(held / rounds - 0.951) < 0.012, `${held} of ${rounds}`);
  });
});

describe('the Mann–Whitney test and interval', () => {
  it('mirror when the samples change places', () => {
    fc.assert(
      fc.property(sample, sample, (base, candidate) => {
        const [one, other] = [mannWhitneyTest(base, candidate), mannWhitneyTest(candidate, base)];
        assert.equal(one.candidateAbove + other.candidateAbove, base.length * candidate.length);
        assert.ok(Math.abs(one.pValue - other.pValue) < 1e-12);
        const shift = (from: number[], to: number[]): number => new PairwiseDifferences(from, to).median();
        assert.equal(shift(base, candidate), 0 - shift(candidate, base));
        assert.ok(Math.abs(cliffsDelta(base, candidate) + cliffsDelta(candidate, base)) < 1e-12);
      }),
    );
  });

  it('move with the candidate and keep their order', () => {
    fc.assert(
      fc.property(sample, sample, whole, (base, candidate, shift) => {
        const before = accepted(mannWhitneyInterval(base, candidate, 0.95));
        const moved = candidate.map((value) => value + shift);
        const after = accepted(mannWhitneyInterval(base, moved, 0.95));
        assert.deepEqual([after.low, after.high], [before.low + shift, before.high + shift]);
        assert.ok(before.low <= before.estimate && before.estimate <= before.high);
      }),
    );
  });

  it('gives the p-value that trying all choices gives, ties included', () => {
    const few = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(few, few, (base, candidate) => {
        const all = [...candidate, ...base];
        const { ranks } = rank(all);
        const observed = ranks.subarray(0, candidate.length).reduce((sum, one) => sum + one, 0);
        let [low, high, choices] = [0, 0, 0];
        for (let mask = 0; mask < 2 ** all.length; mask++) {
          const chosen = all.map((_, i) => (mask >> i) & 1);
          if (chosen.reduce((sum, one) => sum + one, 0) !== candidate.length) continue;
          const sum = chosen.reduce((total, one, i) => total + one * (ranks[i] ?? 0), 0);
          choices++;
          if (sum <= observed) low++;
          if (sum >= observed) high++;
        }
        const expected = Math.min(1, (2 * Math.min(low, high)) / choices);
        assert.ok(Math.abs(mannWhitneyTest(base, candidate).pValue - expected) < 1e-12);
      }),
    );
  });
});
