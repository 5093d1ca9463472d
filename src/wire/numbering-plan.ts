/**
 * The numbering plan: the telephone numbers that a switch serves.
 *
 * Account indexes are dense: blocks of consecutive numbers follow each other, so a number is converted to an account
 * index, and back, by arithmetic. There is no table of accounts; a hundred million numbers take a few words per block.
 * Blocks with turns share the first indexes in rounds (see block-order), the others follow.
 *
 * Functions on the hot path take and return numbers in two halves: a number above 2^31 would be allocated on the heap
 * wherever V8 does not inline the call.
 */
import { assert } from '../base/assert.ts';
import { blockCounts, blockOrder, ROUND_TURNS } from './block-order.ts';
import { accountHigh, accountLow, accountNumber } from './frames.ts';

export interface NumberBlock {
  /** The first number of the block, E.164, at most 15 digits. */
  readonly first: number;
  readonly count: number;
  /** Its indexes in each round, if it takes turns with others; their counts are those of `blockCounts`. */
  readonly turns?: number;
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
  readonly #counts: Float64Array;
  /** Number of indexes of blocks that take turns. */
  readonly #shared: number;
  /** For each block: its turns in a round, 0 for none. */
  readonly #turns: Int32Array;
  /** For each index of a round: its block, and how many turns of that block come before. */
  readonly #order: Uint16Array;
  readonly #turnsBefore = new Uint16Array(ROUND_TURNS);
  /** The indexes of a round sorted by block, and where those of each block begin. */
  readonly #places = new Uint16Array(ROUND_TURNS);
  readonly #placesOf: Int32Array;

  /** @param blocks at least one; they must not overlap. */
  constructor(blocks: readonly NumberBlock[]) {
    assert(blocks.length > 0, 'a numbering plan has at least one block');
    const sorted = [...blocks].sort((a, b) => a.first - b.first);
    this.#firsts = Float64Array.from(sorted, (block) => block.first);
    this.#bases = new Float64Array(sorted.length + 1);
    const takeTurns = sorted.filter(({ turns }) => turns !== undefined);
    this.#shared = takeTurns.reduce((sum, { count }) => sum + count, 0);
    this.#counts = Float64Array.from(sorted, ({ count }) => count);
    this.#turns = Int32Array.from(sorted, ({ turns }) => turns ?? 0);
    this.#placesOf = new Int32Array(sorted.length);
    this.#order = takeTurns.length === 0 ? new Uint16Array(ROUND_TURNS) : this.#takeTurns();
    let base = this.#shared;
    this.#bases[0] = base;
    sorted.forEach((block, i) => {
      const before = sorted[i - 1];
      assert(
        before === undefined || before.first + before.count <= block.first,
        'the blocks of a numbering plan do not overlap',
      );
      if (block.turns === undefined) base += block.count;
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
    if (!(offset >= 0 && offset < (this.#counts[block] as number))) return NO_ACCOUNT;
    const turns = this.#turns[block] as number;
    if (turns === 0) return ((this.#bases[block] as number) + offset) | 0;
    const round = Math.floor(offset / turns);
    const place = this.#places[(this.#placesOf[block] as number) + offset - round * turns] as number;
    return (round * ROUND_TURNS + place) | 0;
  }

  /** The number of an account index below `size`. */
  numberOf(index: number): number {
    return accountNumber(this.highOf(index), this.lowOf(index));
  }

  /** Upper half of the number of an account index below `size`. */
  highOf(index: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.blockOf(index);
    const first = this.#lows[block] as number; // block is an index of a block
    const low = (first + this.#offsetOf(block, index)) | 0;
    const carry = (low ^ SIGN) < (first ^ SIGN) ? 1 : 0;
    return (this.#highs[block] as number) + carry;
  }

  /** Lower half of the number of an account index below `size`. */
  lowOf(index: number): number {
    const block = this.#firsts.length === 1 ? 0 : this.blockOf(index);
    return ((this.#lows[block] as number) + this.#offsetOf(block, index)) | 0; // block is an index of a block
  }

  /** The place of an index in its block. */
  #offsetOf(block: number, index: number): number {
    const turns = this.#turns[block] as number; // block is an index of a block
    if (turns === 0) return (index - (this.#bases[block] as number)) | 0;
    const round = Math.floor(index / ROUND_TURNS);
    return round * turns + (this.#turnsBefore[index - round * ROUND_TURNS] as number);
  }

  /** Fills the tables of blocks that take turns. @returns the block of each index of a round. */
  #takeTurns(): Uint16Array {
    const turns = Array.from(this.#turns);
    const order = blockOrder(turns);
    const counts = blockCounts(turns, this.#shared);
    assert(
      turns.every((of, block) => of === 0 || counts[block] === this.#counts[block]),
      'blocks that take turns are as large as their turns make them',
    );
    let first = 0;
    turns.forEach((of, block) => {
      this.#placesOf[block] = first;
      let before = 0;
      order.forEach((at, turn) => {
        if (at !== block) return;
        this.#turnsBefore[turn] = before;
        this.#places[first + before] = turn;
        before++;
      });
      first += of;
    });
    return order;
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

  /** The block that contains an index below `size`: its place among all blocks by their first numbers. */
  blockOf(index: number): number {
    if (index < this.#shared) return this.#order[index % ROUND_TURNS] as number; // inside a round
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
