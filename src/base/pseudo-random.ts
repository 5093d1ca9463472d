/**
 * Mixing functions for 32-bit numbers, and the only random number generator.
 *
 * Everything random in a run comes from here and from the seed of the scenario, so one seed reproduces a run. All
 * functions use signed 32-bit integers, which V8 does not allocate on the heap.
 */

/** Finalizer of MurmurHash3 (Austin Appleby, public domain): a bijection on 32 bits. */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Mixes two numbers; their order matters. */
export function mixPair(a: number, b: number): number {
  return mixMixed(mix32(a), b);
}

/** The same where the first number is mixed already (`mix32`), as a seed is that many numbers are mixed with. */
export function mixMixed(mixed: number, b: number): number {
  return mix32((mixed + Math.imul(b, 0x9e3779b1)) | 0); // keeps the sum an integer: V8 allocates larger numbers
}

/** Number of 32-bit words in the state of one generator. */
export const RANDOM_STATE_WORDS = 4;

/**
 * Seeds a xoshiro128** generator (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018). The
 * caller provides the state, so that many generators fit in one array.
 */
export function seedRandom(state: Int32Array, at: number, seed: number, stream: number): void {
  let x = mixPair(seed, stream);
  for (let i = 0; i < RANDOM_STATE_WORDS; i++) {
    x = (x + 0x9e3779b9) | 0;
    state[at + i] = mix32(x) | (i === 0 ? 1 : 0); // a state of all zeros would never change
  }
}

/** The next signed 32-bit number of the generator whose state is at `at`. */
export function nextRandom(state: Int32Array, at: number): number {
  const s0 = state[at] as number; // the caller provides four words
  const s1 = state[at + 1] as number;
  let s2 = state[at + 2] as number;
  let s3 = state[at + 3] as number;
  const scrambled = Math.imul(s1, 5);
  const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
  s2 ^= s0;
  s3 ^= s1;
  state[at + 1] = s1 ^ s2;
  state[at] = s0 ^ s3;
  state[at + 2] = s2 ^ (s1 << 9);
  state[at + 3] = (s3 << 11) | (s3 >>> 21);
  return result;
}

/** The next integer in [0, bound), `bound` at most 2^31 (multiply-shift; bias below 2^-21). */
export function nextBelow(state: Int32Array, at: number, bound: number): number {
  return ((nextRandom(state, at) >>> 0) * (bound / 2 ** 32)) | 0;
}

/** The next number from the exponential distribution with mean 1: above 0 and below 23. */
export function nextExponential(state: Int32Array, at: number): number {
  const cell = new Float64Array(1);
  putExponential(state, at, cell, 0);
  return cell[0] as number; // its only element
}

/** Stores such a number in an array element. For the hot path: a returned double may be allocated on the heap. */
export function putExponential(state: Int32Array, at: number, into: Float64Array, place: number): void {
  into[place] = -Math.log(((nextRandom(state, at) >>> 0) + 0.5) / 2 ** 32);
}
