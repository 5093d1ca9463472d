/**
 * The numbering plan: the telephone numbers that a switch serves.
 *
 * Account indexes are dense: blocks of consecutive numbers follow each other, so a number is converted to an account
 * index, and back, by arithmetic. There is no table of accounts; a hundred million numbers take a few words per block.
 *
 * Functions on the hot path take and return numbers in two halves: a number above 2^31 would be allocated on the heap
 * wherever V8 does not inline the call.
 */
import { assert } from '../base/assert.ts';
import { accountHigh, accountLow, accountNumber } from './frames.ts';

export interface NumberBlock {
  /** The first number of the block, E.164, at most 15 digits. */
  readonly first: number;
  readonly count: number;
}

/** XOR with it makes a signed comparison of 32-bit integers an unsigned one. */
const SIGN = 1 << 31;

/** Returned for a number that is not in the plan. */
export const NO_ACCOUNT = -1;

export class NumberingPlan {
  /** Number of accounts in all blocks. */
  readonly size: number;
  readonly #firsts: Float64Array;
  readonly #bases: Float64Array;
  /** Upper halves of the first number of each block. */
  readonly #highs: Int32Array;
  readonly #lows: Int32Array;

  /** @param blocks at least one; they must not overlap. */
  constructor(blocks: readonly NumberBlock[]) {
    assert(blocks.length > 0, 'a numbering plan has at least one block');
    const sorted = [...blocks].sort((a, b) => a.first - b.first);
    this.#firsts = Float64Array.from(sorted, (block) => block.first);
    this.#bases = new Float64Array(sorted.length + 1);
    let base = 0;
    sorted.forEach((block, i) => {
      const before = sorted[i - 1];
      assert(
        before === undefined || before.first + before.count <= block.first,
        'the blocks of a numbering plan do not overlap',
      );
      base += block.count;
      this.#bases[i + 1] = base;
    });
    assert(base < 2 ** 31, 'an account index fits 31 bits');
    this.size = base;
    this.#highs = Int32Array.from(this.#firsts, accountHigh);
    this.#lows = Int32Array.from(this.#firsts, accountLow);
  }

  /** The account index of a number, or {@link NO_ACCOUNT}. */
  indexOf(number: number): number {
    if (!Number.isInteger(number) || number < 0) return NO_ACCOUNT;
    return this.indexOfHalves(accountHigh(number), accountLow(number));
  }

  /** As {@link indexOf}, for a number in two halves (see `frames.ts`). */
  indexOfHalves(high: number, low: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.#blockOfHalves(high, low);
    const number = high * 2 ** 32 + (low >>> 0);
    const offset = number - (this.#firsts[block] as number); // block is an index of a block
    const base = this.#bases[block] as number;
    const count = (this.#bases[block + 1] as number) - base;
    return offset >= 0 && offset < count ? (base + offset) | 0 : NO_ACCOUNT;
  }

  /** The number of an account index below `size`. */
  numberOf(index: number): number {
    return accountNumber(this.highOf(index), this.lowOf(index));
  }

  /** Upper half of the number of an account index below `size`. */
  highOf(index: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.#blockOfIndex(index);
    const first = this.#lows[block] as number; // block is an index of a block
    const low = (first + index - (this.#bases[block] as number)) | 0;
    const carry = (low ^ SIGN) < (first ^ SIGN) ? 1 : 0;
    return (this.#highs[block] as number) + carry;
  }

  /** Lower half of the number of an account index below `size`. */
  lowOf(index: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.#blockOfIndex(index);
    return ((this.#lows[block] as number) + index - (this.#bases[block] as number)) | 0; // block is an index of a block
  }

  /** The last block whose first number is at most the given number; the first block if there is none. */
  #blockOfHalves(high: number, low: number): number {
    const number = high * 2 ** 32 + (low >>> 0);
    let from = 0;
    let to = this.#firsts.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((this.#firsts[middle] as number) <= number)
        from = middle; // from < middle < to
      else to = middle;
    }
    return from;
  }

  /** The block that contains an index below `size`. */
  #blockOfIndex(index: number): number {
    let from = 0;
    let to = this.#firsts.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((this.#bases[middle] as number) <= index)
        from = middle; // from < middle < to
      else to = middle;
    }
    return from;
  }
}
