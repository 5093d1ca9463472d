/**
 * How account indexes are divided among blocks of numbers that take turns, so that every range of phones has numbers of
 * all blocks. Indexes come in rounds of equal length; in each round a block has a fixed number of turns, spread evenly:
 *
 *     turns 5, 3, 2     A B C A A B A C B A | A B C A …
 */
import { assert } from '../base/assert.ts';

/** Indexes of one round: shares of blocks are multiples of 1/1000. */
export const ROUND_TURNS = 1000;

/** The block of each index of a round. @param turns turns of each block, together {@link ROUND_TURNS}. */
export function blockOrder(turns: readonly number[]): Uint16Array {
  assert(turns.reduce((sum, one) => sum + one, 0) === ROUND_TURNS, 'the turns of all blocks are one round');
  const given = turns.map(() => 0);
  return Uint16Array.from({ length: ROUND_TURNS }, (_, turn) => {
    let most = 0;
    let mostBehind = Number.NEGATIVE_INFINITY;
    turns.forEach((of, block) => {
      const behind = of * (turn + 1) - (given[block] as number) * ROUND_TURNS; // one per block, here and below
      if (behind <= mostBehind) return;
      most = block;
      mostBehind = behind;
    });
    given[most] = (given[most] as number) + 1;
    return most;
  });
}

/** How many of the indexes 0 to `size` - 1 each block has. */
export function blockCounts(turns: readonly number[], size: number): number[] {
  const rounds = Math.floor(size / ROUND_TURNS);
  const counts = turns.map((of) => of * rounds);
  const order = blockOrder(turns);
  for (let turn = 0; turn < size - rounds * ROUND_TURNS; turn++) {
    const block = order[turn] as number; // inside a round
    counts[block] = (counts[block] as number) + 1;
  }
  return counts;
}
