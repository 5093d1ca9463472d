/**
 * A seeded permutation of the numbers 0 to n - 1, both ways, without a table.
 *
 * Rounds of a product with an odd factor, a sum, and a shift by at least half of the bits permute the numbers of k
 * bits; each step can be reversed. k is the smallest with n <= 2^k. A number that lands at n or above is mapped again
 * until it lands below ("cycle walking": Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002), on average
 * less than twice.
 */
import { mixPair } from '../../base/pseudo-random.ts';

const ROUNDS = 3;
const SALT = 0x52414e4b;

export class RankPermutation {
  readonly #size: number;
  readonly #mask: number;
  readonly #shift: number;
  readonly #factors = new Int32Array(ROUNDS);
  readonly #inverses = new Int32Array(ROUNDS);
  readonly #addends = new Int32Array(ROUNDS);

  /** @param size from 1 to 2^30. */
  constructor(seed: number, size: number) {
    const bits = Math.max(2, 32 - Math.clz32(size - 1));
    this.#size = size;
    this.#mask = 2 ** bits - 1;
    this.#shift = Math.ceil(bits / 2);
    for (let round = 0; round < ROUNDS; round++) {
      const factor = mixPair(seed ^ SALT, 2 * round) | 1;
      this.#factors[round] = factor;
      this.#inverses[round] = inverseOf(factor);
      this.#addends[round] = mixPair(seed ^ SALT, 2 * round + 1);
    }
  }

  /** Where a number goes. */
  to(number: number): number {
    let x = number;
    do {
      for (let round = 0; round < ROUNDS; round++) {
        x = (Math.imul(x, this.#factors[round] as number) + (this.#addends[round] as number)) & this.#mask; // round < ROUNDS
        x ^= x >>> this.#shift;
      }
    } while (x >= this.#size);
    return x;
  }

  /** Which number comes here. */
  from(place: number): number {
    let x = place;
    do {
      for (let round = ROUNDS - 1; round >= 0; round--) {
        x ^= x >>> this.#shift; // its own inverse: the shift is at least half of the bits
        x = Math.imul((x - (this.#addends[round] as number)) | 0, this.#inverses[round] as number) & this.#mask; // 0 <= round < ROUNDS
      }
    } while (x >= this.#size);
    return x;
  }
}

/** The inverse of an odd number modulo 2^32, by Newton's iteration, which doubles the number of correct bits. */
function inverseOf(odd: number): number {
  let inverse = odd; // correct in three bits
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}
