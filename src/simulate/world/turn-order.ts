/**
 * The order in which lanes and shards work in a turn: a new random permutation each turn, drawn from a seed.
 *
 * Threads of a real run can interleave in any order. With permutations, each order of any few turns comes up sooner
 * or later, and one seed repeats it. The array is allocated once and shuffled in place.
 */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';

const ORDER_STREAM = 99;

export class TurnOrder {
  /** The order of the current turn: each number from 0 to `members` - 1 once. */
  readonly members: Uint16Array;
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);

  /** @param members at most 2^16. */
  constructor(seed: number, members: number) {
    seedRandom(this.#random, 0, seed, ORDER_STREAM);
    this.members = Uint16Array.from({ length: members }, (_, member) => member);
  }

  /** Draws the order of the next turn (Fisher-Yates, from the back: each permutation is equally likely). */
  draw(): void {
    const { members } = this;
    for (let last = members.length - 1; last > 0; last--) {
      const other = nextBelow(this.#random, 0, last + 1);
      const member = members[last] as number; // both are inside the array
      members[last] = members[other] as number;
      members[other] = member;
    }
  }
}
