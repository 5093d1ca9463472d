/** Random choices of a fuzzer: whatever it does comes from one seed, so that a failure can be had again. */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';

export class Draws {
  readonly #state = new Int32Array(RANDOM_STATE_WORDS);

  /** @param stream number of the sequence: each one of a seed differs from the others. */
  constructor(seed: number, stream: number) {
    seedRandom(this.#state, 0, seed, stream);
  }

  /** From 0 up to and without `bound`. */
  below(bound: number): number {
    return nextBelow(this.#state, 0, bound);
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True so often in a hundred. */
  percent(share: number): boolean {
    return this.below(100) < share;
  }

  of<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let at = 0; at < count; at++) bytes[at] = this.below(256);
    return bytes;
  }

  /** Changes one bit of each of so many bytes, all from `from` on. */
  flip(bytes: Uint8Array, times: number, from = 0): void {
    if (bytes.length <= from) return;
    for (let n = 0; n < times; n++) {
      const at = this.between(from, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << this.below(8));
    }
  }
}

/** The seed that was asked for with TEST_SEED or on the command line, else one of the clock. */
export function drawSeed(asked: string | undefined): number {
  const seed = asked === undefined ? Date.now() % 2 ** 31 : Number(asked);
  if (!Number.isSafeInteger(seed) || seed < 0 || seed >= 2 ** 31) {
    throw new RangeError(`expected a seed from 0 to ${2 ** 31 - 1}, found "${asked}"`);
  }
  return seed;
}
