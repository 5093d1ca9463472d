import { mixPair } from '../base/pseudo-random.ts';

/**
 * A permutation of the numbers from 0 to `count` - 1, drawn from the seed. It is affine, position →
 * (stride · position + offset) mod count, with a stride that has no factor in common with `count`, so it is inverted by
 * arithmetic.
 */
export class Permutation {
  readonly #count: number;
  readonly #stride: number;
  readonly #inverse: number;
  readonly #offset: number;

  /** @param round permutations of one seed differ by it. */
  constructor(count: number, seed: number, round: number) {
    this.#count = count;
    this.#offset = (mixPair(seed, 2 * round) >>> 0) % count;
    let stride = (mixPair(seed, 2 * round + 1) >>> 0) % count;
    while (commonDivisor(stride, count) !== 1) stride = (stride + 1) % count;
    this.#stride = stride;
    this.#inverse = inverseModulo(stride, count);
  }

  /** The number at a position. */
  at(position: number): number {
    const number = timesModulo(position, this.#stride, this.#count) + this.#offset;
    return number < this.#count ? number : number - this.#count;
  }

  /** The position of a number. */
  positionOf(number: number): number {
    const ahead = number - this.#offset;
    return timesModulo(ahead < 0 ? ahead + this.#count : ahead, this.#inverse, this.#count);
  }
}

/**
 * a · b mod m for numbers below 2^31. Below 2^30 the quotient of doubles is wrong by at most one, and the lower 32 bits
 * of the products tell the rest: a remainder of doubles costs more than all of that.
 */
function timesModulo(a: number, b: number, m: number): number {
  if (m < 2 ** 30) {
    const quotient = Math.floor((a * b) / m);
    const rest = (Math.imul(a, b) - Math.imul(quotient, m)) | 0;
    if (rest < 0) return rest + m;
    return rest < m ? rest : rest - m;
  }
  // The product of two halves stays below 2^53, where doubles are exact.
  const product = a * b;
  if (product <= Number.MAX_SAFE_INTEGER) return product % m;
  return (((a * (b >>> 15)) % m) * 2 ** 15 + a * (b & 0x7fff)) % m;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/**
 * The number whose product with `a` is 1 modulo `m`, by the extended algorithm of Euclid; the two have no common
 * factor.
 */
function inverseModulo(a: number, m: number): number {
  let [before, now] = [m, a];
  let [x, next] = [0, 1];
  while (now !== 0) {
    const times = Math.floor(before / now);
    [before, now] = [now, before - times * now];
    [x, next] = [next, x - times * next];
  }
  return x < 0 ? x + m : x;
}
