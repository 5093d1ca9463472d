/**
 * The order of the runs of a series: AB, BA, AB, BA …, the first block at random. Drift of the machine then affects
 * both sides equally, and the order is not chosen by anyone.
 */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';

export interface PlannedRun {
  /** Number of the run in the order of execution, from 0. */
  readonly index: number;
  /** Number of the pair, or of the run if there is only one side, from 0. */
  readonly block: number;
  /** Index of the side. */
  readonly side: number;
}

const STREAM = 21;

/** All runs of `blocks` blocks. The same seed always gives the same order, and more blocks only append runs. */
export function seriesOrder(sides: number, blocks: number, seed: number): PlannedRun[] {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, STREAM);
  const first = nextBelow(random, 0, sides);
  return Array.from({ length: blocks * sides }, (_, index) => {
    const block = Math.floor(index / sides);
    return { index, block, side: (first + block + (index % sides)) % sides };
  });
}
