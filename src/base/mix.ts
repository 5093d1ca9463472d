/**
 * Mixing of 32-bit numbers, and the one seeded generator of random numbers.
 *
 * Whatever looks random in a run comes from here and from the scenario's seed, so that one seed
 * replays everything. All functions work on signed 32-bit integers, which V8 keeps out of the heap.
 */

/** Finalizer of MurmurHash3 (Austin Appleby, public domain): a bijection on 32 bits. */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Mixes two numbers; the order matters. */
export function mixPair(a: number, b: number): number {
  return mix32((mix32(a) + Math.imul(b, 0x9e3779b1)) | 0); // a sum beyond 32 bits would be an object
}

/** State words of one generator. */
export const RANDOM_STATE_WORDS = 4;

/**
 * xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018),
 * over a state that the caller lays out, so that many generators fit in one array.
 */
export function seedRandom(state: Int32Array, at: number, seed: number, stream: number): void {
  let x = mixPair(seed, stream);
  for (let i = 0; i < RANDOM_STATE_WORDS; i++) {
    x = (x + 0x9e3779b9) | 0;
    state[at + i] = mix32(x) | (i === 0 ? 1 : 0); // a state of zeros would stay zero
  }
}

/** The next signed 32-bit number of the generator at `at`. */
export function nextRandom(state: Int32Array, at: number): number {
  const s0 = state[at] as number; // the caller laid out four words
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

/** The next whole number from 0 up to and without `bound`, at most 2^31 (multiply-shift; bias below 2^-21). */
export function nextBelow(state: Int32Array, at: number, bound: number): number {
  return ((nextRandom(state, at) >>> 0) * (bound / 2 ** 32)) | 0;
}

/** The next number from an exponential distribution with mean 1, never 0 and below 23. */
export function nextExponential(state: Int32Array, at: number): number {
  const cell = new Float64Array(1);
  putExponential(state, at, cell, 0);
  return cell[0] as number; // its only
}

/** The same into a place of an array, for the hot path: a double that a call gives back may be an object. */
export function putExponential(state: Int32Array, at: number, into: Float64Array, place: number): void {
  into[place] = -Math.log(((nextRandom(state, at) >>> 0) + 0.5) / 2 ** 32);
}
