/**
 * Change points of a series of figures, in level or spread: E-divisive (Matteson and James, 2014).
 *
 * The best split of all segments is tested against the best splits of the same segments after permutation. If it is
 * significant, its segment is split and the search continues in both parts. The method assumes no distribution, and the
 * same seed gives the same answer.
 */
import { assert, at } from '../base/assert.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import { EnergySplitter, type Split } from './energy-splitter.ts';

export interface ChangePoint {
  /** Index of the first value of the new level. */
  readonly index: number;
  /** Energy statistic Q of the split. */
  readonly statistic: number;
  /** P-value of the permutation test that found it. */
  readonly pValue: number;
}

export interface ChangePointOrder {
  readonly seed: number;
  /** Probability of a false alarm in a series without a change. */
  readonly significance?: number;
  /** Minimum of values on each side of a change. */
  readonly sideMin?: number;
}

/**
 * Maximum length of a series, because the table of distances grows with its square. Of longer histories the newest part
 * is used.
 */
export const SERIES_MAX = 1000;
const SIGNIFICANCE = 0.05;
/** Minimum of values that make up a level. */
const SIDE_MIN = 5;
/** As in the paper; the smallest p-value is 0.005. */
const PERMUTATIONS = 199;
const STREAM = 9;

interface Piece {
  readonly from: number;
  readonly end: number;
  readonly best: Split | null;
}

/** Changes in `values` (at most {@link SERIES_MAX}), in order of index. */
export function changePoints(values: readonly number[], order: ChangePointOrder): ChangePoint[] {
  assert(values.length <= SERIES_MAX, `a series has at most ${SERIES_MAX} values`);
  const { seed, significance = SIGNIFICANCE, sideMin = SIDE_MIN } = order;
  assert(sideMin >= 2, 'a level has at least two values');
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, STREAM);
  const splitter = new EnergySplitter(values.length);
  const piece = (from: number, end: number): Piece => ({
    from,
    end,
    best: splitter.best(values.slice(from, end), sideMin),
  });
  const found: ChangePoint[] = [];
  let pieces = [piece(0, values.length)];
  for (let cut = cutOf(pieces); cut !== null; cut = cutOf(pieces)) {
    const pValue = permutationPValue(values, pieces, cut.best.statistic, {
      splitter,
      random,
      sideMin,
      significance,
    });
    if (pValue === null) break;
    const index = cut.from + cut.best.index;
    found.push({ index, statistic: cut.best.statistic, pValue });
    const parts = [piece(cut.from, index), piece(index, cut.end)];
    pieces = pieces.flatMap((one) => (one.from === cut.from ? parts : [one]));
  }
  return found.sort((a, b) => a.index - b.index);
}

/** The segment with the best split. */
function cutOf(pieces: readonly Piece[]): (Piece & { best: Split }) | null {
  let chosen: (Piece & { best: Split }) | null = null;
  for (const { from, end, best } of pieces) {
    if (best !== null && best.statistic > 0 && best.statistic > (chosen?.best.statistic ?? 0))
      chosen = { from, end, best };
  }
  return chosen;
}

interface Permuter {
  readonly splitter: EnergySplitter;
  readonly random: Int32Array;
  readonly sideMin: number;
  readonly significance: number;
}

/**
 * The share of permutations, including the original order, whose best split is at least as good (section 2.4 of the
 * paper); null as soon as the share is too large.
 */
function permutationPValue(
  values: readonly number[],
  pieces: readonly Piece[],
  statistic: number,
  { splitter, random, sideMin, significance }: Permuter,
): number | null {
  let asGood = 1;
  for (let round = 0; round < PERMUTATIONS; round++) {
    const isAsGood = pieces.some(({ from, end }) => {
      const shuffled = shuffle(values.slice(from, end), random);
      return (splitter.best(shuffled, sideMin)?.statistic ?? 0) >= statistic;
    });
    if (isAsGood) asGood++;
    if (asGood > significance * (PERMUTATIONS + 1)) return null;
  }
  return asGood / (PERMUTATIONS + 1);
}

/** Fisher–Yates shuffle, in place. */
function shuffle(values: number[], random: Int32Array): number[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = nextBelow(random, 0, last + 1);
    const moved = at(values, last);
    values[last] = at(values, other);
    values[other] = moved;
  }
  return values;
}
