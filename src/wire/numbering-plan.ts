/**
 * The numbering plan: which telephone numbers a switch serves.
 *
 * Blocks of consecutive numbers are laid end to end, so that a number turns into a dense account
 * index, and back, by arithmetic. No table of accounts exists: a hundred million numbers cost
 * two doubles for each block.
 */
import { assert } from '../base/assert.ts';

export interface NumberBlock {
  /** The first number of the block, E.164, at most 15 digits. */
  readonly first: number;
  readonly count: number;
}

/** No account of the plan. */
export const NO_ACCOUNT = -1;

export class NumberingPlan {
  /** Accounts in all blocks. */
  readonly size: number;
  readonly #firsts: Float64Array;
  readonly #bases: Float64Array;
  readonly #first: number;

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
    this.#first = this.#firsts[0] as number; // at least one block
  }

  /** The account index of a number, or {@link NO_ACCOUNT}. */
  indexOf(number: number): number {
    const offset = number - this.#first;
    if (this.#firsts.length === 1) {
      return offset >= 0 && offset < this.size && Number.isInteger(offset) ? offset : NO_ACCOUNT;
    }
    return this.#search(number);
  }

  /** The number of an account index below `size`. */
  numberOf(index: number): number {
    if (this.#firsts.length === 1) return this.#first + index;
    const block = this.#blockAtOrBelow(this.#bases, index, this.#firsts.length);
    return (this.#firsts[block] as number) + index - (this.#bases[block] as number); // block exists
  }

  #search(number: number): number {
    const block = this.#blockAtOrBelow(this.#firsts, number, this.#firsts.length);
    if (block < 0) return NO_ACCOUNT;
    const index = (this.#bases[block] as number) + number - (this.#firsts[block] as number);
    return Number.isInteger(index) && index < (this.#bases[block + 1] as number) ? index : NO_ACCOUNT;
  }

  /** The last entry at or below `value`, or -1. */
  #blockAtOrBelow(sorted: Float64Array, value: number, length: number): number {
    let low = -1;
    let high = length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) <= value) low = middle; // low < middle < high
      else high = middle;
    }
    return low;
  }
}
