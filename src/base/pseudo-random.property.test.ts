/** The mixing functions and the generator, against published values and plain implementations of their definitions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  mix32,
  mixPair,
  nextBelow,
  nextExponential,
  nextRandom,
  RANDOM_STATE_WORDS,
  seedRandom,
} from './pseudo-random.ts';

const word = fc.integer();

/** Inverses of the two factors modulo 2^32. */
const FIRST_INVERSE = 0xa5cb9243;
const SECOND_INVERSE = 0x7ed1b41d;

/** Undoes mix32, step by step from its end. */
function unmix32(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, SECOND_INVERSE);
  x ^= (x >>> 13) ^ (x >>> 26);
  x = Math.imul(x, FIRST_INVERSE);
  return x ^ (x >>> 16);
}

/** xoshiro128** word for word from https://prng.di.unimi.it/xoshiro128starstar.c, in whole numbers of any size. */
function reference(state: readonly number[], draws: number): number[] {
  const mask = 0xffff_ffffn;
  const rotated = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;
  let [s0 = 0n, s1 = 0n, s2 = 0n, s3 = 0n] = state.map((one) => BigInt(one) & mask);
  return Array.from({ length: draws }, () => {
    const result = (rotated((s1 * 5n) & mask, 7n) * 9n) & mask;
    const t = (s1 << 9n) & mask;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotated(s3, 11n);
    return Number(result);
  });
}

describe('mix32', () => {
  it('is the finalizer of MurmurHash3', () => {
    // MurmurHash3_x86_32 of no bytes is the finalizer of its seed: the values of seeds 0, 1 and 2^32 - 1 in the test
    // vectors at https://stackoverflow.com/a/31929528.
    assert.deepEqual(
      [0, 1, 0xffff_ffff].map((seed) => mix32(seed) >>> 0),
      [0, 0x514e28b7, 0x81f16f39],
    );
  });

  it('gives each number to one number only: it can be undone', () => {
    fc.assert(fc.property(word, (value) => assert.equal(unmix32(mix32(value)), value)));
  });

  it('changes about half of the bits for a change of one', () => {
    const flips = new Float64Array(32);
    const numbers = 2000;
    for (let n = 0; n < numbers; n++) {
      for (let bit = 0; bit < 32; bit++) {
        const changed = mix32(n) ^ mix32(n ^ (1 << bit));
        for (let out = 0; out < 32; out++) flips[out] = (flips[out] ?? 0) + ((changed >>> out) & 1);
      }
    }
    for (const sum of flips) assert.ok(Math.abs(sum / (32 * numbers) - 0.5) < 0.02, `${sum / (32 * numbers)} of flips`);
  });
});

describe('mixPair', () => {
  it('tells a pair from the pair the other way round, and from its neighbours', () => {
    const seen = new Set<number>();
    for (let a = 0; a < 200; a++) for (let b = 0; b < 200; b++) seen.add(mixPair(a, b));
    // 40,000 values among 2^32 meet by chance 0.19 times (birthday problem).
    assert.ok(seen.size >= 200 * 200 - 3, `${seen.size} of 40,000 differ`);
  });
});

describe('the generator', () => {
  it('is xoshiro128**', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 4, maxLength: 4 }), (state) => {
        const words = Int32Array.from([7, ...state]);
        const drawn = Array.from({ length: 50 }, () => nextRandom(words, 1) >>> 0);
        assert.deepEqual(drawn, reference(state, 50));
        assert.equal(words[0], 7, 'the state beside it is untouched');
      }),
    );
    // The first numbers from 1, 2, 3, 4, as other libraries test them (Rust's rand_xoshiro, xoshiro128starstar.rs).
    const state = Int32Array.of(1, 2, 3, 4);
    assert.deepEqual(
      Array.from({ length: 4 }, () => nextRandom(state, 0) >>> 0),
      [11520, 0, 5927040, 70819200],
    );
  });

  it('gives other numbers for another seed or stream, the same for the same, and is never stuck at zero', () => {
    const drawn = (seed: number, stream: number): number[] => {
      const state = new Int32Array(RANDOM_STATE_WORDS);
      seedRandom(state, 0, seed, stream);
      assert.ok(state.some((one) => one !== 0));
      return Array.from({ length: 4 }, () => nextRandom(state, 0));
    };
    fc.assert(
      fc.property(word, fc.nat(1000), (seed, stream) => {
        assert.deepEqual(drawn(seed, stream), drawn(seed, stream));
        assert.notDeepEqual(drawn(seed, stream), drawn(seed, stream + 1));
        assert.notDeepEqual(drawn(seed, stream), drawn(seed + 1, stream));
      }),
    );
  });

  it('draws below a bound as whole numbers divide, and never the bound itself', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (state, bound) => {
          const [plain, bounded] = [Int32Array.from(state), Int32Array.from(state)];
          for (let n = 0; n < 20; n++) {
            const share = BigInt(nextRandom(plain, 0) >>> 0) * BigInt(bound);
            const below = nextBelow(bounded, 0, bound);
            assert.equal(below | 0, Number(share >> 32n) | 0);
            assert.ok(below < bound);
          }
        },
      ),
    );
  });

  it('draws from the exponential distribution: mean, and shares beyond one, two and three means', () => {
    const state = new Int32Array(RANDOM_STATE_WORDS);
    seedRandom(state, 0, 1, 1);
    const draws = Array.from({ length: 100_000 }, () => nextExponential(state, 0));
    const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length;
    assert.ok(Math.abs(mean - 1) < 0.015, `mean ${mean}`); // five standard errors
    for (const means of [1, 2, 3]) {
      const share = draws.filter((one) => one > means).length / draws.length;
      assert.ok(Math.abs(share - Math.exp(-means)) < 0.008, `${share} beyond ${means}`);
    }
  });

  it('draws no exponential number of 0 or below, and none of 23 or above, from any 32 bits', () => {
    // A state whose second word is 0 draws 0; the word that draws 2^32 - 1 is found by the inverse of the scrambler.
    const ofFives = Math.imul(0x38e38e39, -1); // the inverse of 9 modulo 2^32
    const rotated = (ofFives >>> 7) | (ofFives << 25);
    const last = Math.imul(rotated, 0xcccccccd); // the inverse of 5
    assert.equal(nextRandom(Int32Array.of(1, last, 1, 1), 0) >>> 0, 0xffff_ffff);
    const [longest, shortest] = [0, last].map((second) => nextExponential(Int32Array.of(1, second, 1, 1), 0));
    assert.ok((longest ?? 0) > 22 && (longest ?? 0) < 23, `${longest}`);
    assert.ok((shortest ?? 0) > 0 && (shortest ?? 1) < 1e-9, `${shortest}`);
  });
});
