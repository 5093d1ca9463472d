/**
 * Where a series of figures changed its level or spread: E-divisive (Matteson and James, 2014).
 *
 * The best cut of all pieces is tried against the best cuts of the same pieces shuffled; if it
 * stands out, the piece is cut and the search goes on in both parts. Nothing is assumed of the
 * distribution, and one seed gives one answer.
 */
import { assert, at } from '../base/assert.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/mix.ts';
import { EnergySplitter, type Split } from './energy-split.ts';

export interface ChangePoint {
  /** First value of the new level. */
  readonly index: number;
  /** Energy statistic Q of the cut. */
  readonly statistic: number;
  /** Of the permutation test at which it was found. */
  readonly pValue: number;
}

export interface ChangePointOrder {
  readonly seed: number;
  /** Share of false alarms in a series without a change. */
  readonly significance?: number;
  /** Values on each side of a change, at least. */
  readonly sideLeast?: number;
}

/** The table of distances has the square of it; longer histories are cut to their newest part. */
export const SERIES_MOST = 1000;
const SIGNIFICANCE = 0.05;
/** Fewer values do not make a level. */
const SIDE_LEAST = 5;
/** As in the paper: p-values from 0.005 on. */
const PERMUTATIONS = 199;
const STREAM = 9;

interface Piece {
  readonly from: number;
  readonly end: number;
  readonly best: Split | null;
}

/** Changes of `values` (at most {@link SERIES_MOST}) in order of place. */
export function changePoints(values: readonly number[], order: ChangePointOrder): ChangePoint[] {
  assert(values.length <= SERIES_MOST, `a series has at most ${SERIES_MOST} values`);
  const { seed, significance = SIGNIFICANCE, sideLeast = SIDE_LEAST } = order;
  assert(sideLeast >= 2, 'a level has at least two values');
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, STREAM);
  const splitter = new EnergySplitter(values.length);
  const piece = (from: number, end: number): Piece => ({
    from,
    end,
    best: splitter.best(values.slice(from, end), sideLeast),
  });
  const found: ChangePoint[] = [];
  let pieces = [piece(0, values.length)];
  for (let cut = cutOf(pieces); cut !== null; cut = cutOf(pieces)) {
    const pValue = permutationPValue(values, pieces, cut.best.statistic, {
      splitter,
      random,
      sideLeast,
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

/** The piece with the best cut of all. */
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
  readonly sideLeast: number;
  readonly significance: number;
}

/** How often the best cut of shuffled pieces is as good, itself counted (the paper's 2.4); null once it is too often. */
function permutationPValue(
  values: readonly number[],
  pieces: readonly Piece[],
  statistic: number,
  { splitter, random, sideLeast, significance }: Permuter,
): number | null {
  let asGood = 1;
  for (let round = 0; round < PERMUTATIONS; round++) {
    const isAsGood = pieces.some(({ from, end }) => {
      const shuffled = shuffle(values.slice(from, end), random);
      return (splitter.best(shuffled, sideLeast)?.statistic ?? 0) >= statistic;
    });
    if (isAsGood) asGood++;
    if (asGood > significance * (PERMUTATIONS + 1)) return null;
  }
  return asGood / (PERMUTATIONS + 1);
}

/** Fisher and Yates, in place. */
function shuffle(values: number[], random: Int32Array): number[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = nextBelow(random, 0, last + 1);
    const moved = at(values, last);
    values[last] = at(values, other);
    values[other] = moved;
  }
  return values;
}
