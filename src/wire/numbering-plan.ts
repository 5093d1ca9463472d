/**
 * The numbering plan: which telephone numbers a switch serves.
 *
 * Blocks of consecutive numbers are laid end to end, so that a number turns into a dense account
 * index, and back, by arithmetic. No table of accounts exists: a hundred million numbers cost
 * a few numbers for each block.
 *
 * Whatever happens for each message works on halves of numbers: a number over 2^31 is an object
 * wherever it crosses a call that V8 does not inline.
 */
import { assert } from '../base/assert.ts';
import { accountHigh, accountLow, accountNumber } from './frames.ts';

export interface NumberBlock {
  /** The first number of the block, E.164, at most 15 digits. */
  readonly first: number;
  readonly count: number;
}

/** Turns signed 32-bit order into unsigned order. */
const SIGN = 1 << 31;

/** No account of the plan. */
export const NO_ACCOUNT = -1;

export class NumberingPlan {
  /** Accounts in all blocks. */
  readonly size: number;
  readonly #firsts: Float64Array;
  readonly #bases: Float64Array;
  /** Halves of the first number of each block. */
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

  /** As {@link indexOf}, for a number in two halves (see frames). */
  indexOfHalves(high: number, low: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.#blockOfHalves(high, low);
    const number = high * 2 ** 32 + (low >>> 0);
    const offset = number - (this.#firsts[block] as number); // block exists
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
    const first = this.#lows[block] as number; // block exists
    const low = (first + index - (this.#bases[block] as number)) | 0;
    const carry = (low ^ SIGN) < (first ^ SIGN) ? 1 : 0;
    return (this.#highs[block] as number) + carry;
  }

  /** Lower half of the number of an account index below `size`. */
  lowOf(index: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.#blockOfIndex(index);
    return ((this.#lows[block] as number) + index - (this.#bases[block] as number)) | 0; // block exists
  }

  /** The last block that starts at or below the number; the first if there is none. */
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

  /** The block that an index below `size` is in. */
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
