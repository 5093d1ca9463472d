/**
 * Makes long series short without losing a peak: equal buckets of neighbouring values are reduced to their minimum and
 * maximum. All columns share the buckets, since the charts of a timeline share their times.
 */
import { assert } from '../../base/assert.ts';

export type Column = readonly (number | null)[];
export type Columns = readonly Column[];

/** About two points per pixel of a wide screen. */
export const THINNED_POINTS_MAX = 1200;

export interface ThinnedColumns {
  readonly atSeconds: readonly number[];
  readonly columns: Columns;
  /** How many values one point stands for, on average; 1 if nothing was left out. */
  readonly perPoint: number;
}

/** The lowest and the highest value of a span of time; null without values. */
export type SpanRange = { readonly low: number; readonly high: number } | null;

export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly ranges: readonly SpanRange[];
}

/**
 * At most `pointsMax` points of each column. Of a bucket the minimum and the maximum are kept, in the order in which
 * they occurred; a bucket without values stays a gap.
 */
export function thinColumns(atSeconds: readonly number[], columns: Columns, pointsMax: number): ThinnedColumns {
  assert(pointsMax >= 2, 'a bucket has two points');
  for (const column of columns) assert(column.length === atSeconds.length, 'every column has a value for each time');
  if (atSeconds.length <= pointsMax) return { atSeconds, columns, perPoint: 1 };
  const perPoint = Math.ceil(atSeconds.length / pointsMax);
  const buckets = bucketsOf(atSeconds.length, 2 * perPoint);
  return {
    atSeconds: buckets.flatMap(([from, to]) => [atSeconds[from] ?? 0, atSeconds[to - 1] ?? 0]),
    columns: columns.map((column) => buckets.flatMap(([from, to]) => extremes(column, from, to))),
    perPoint,
  };
}

/** At most `rowsMax` spans of time, each with the range of each column. */
export function spansOf(atSeconds: readonly number[], columns: Columns, rowsMax: number): Span[] {
  const width = Math.max(1, Math.ceil(atSeconds.length / rowsMax));
  return bucketsOf(atSeconds.length, width).map(([from, to]) => ({
    fromSeconds: atSeconds[from] ?? 0,
    toSeconds: atSeconds[to - 1] ?? 0,
    ranges: columns.map((column) => {
      const [first, second] = extremes(column, from, to);
      if (first === null || first === undefined || second === null || second === undefined) return null;
      return { low: Math.min(first, second), high: Math.max(first, second) };
    }),
  }));
}

function bucketsOf(length: number, width: number): (readonly [from: number, to: number])[] {
  return Array.from({ length: Math.ceil(length / width) }, (_, i) => [i * width, Math.min(length, (i + 1) * width)]);
}

/** The minimum and the maximum, the one that occurs first in front; two nulls without values. */
function extremes(column: Column, from: number, to: number): (number | null)[] {
  let lowest = -1;
  let highest = -1;
  for (let i = from; i < to; i++) {
    const value = column[i] ?? null;
    if (value === null) continue;
    if (lowest === -1 || value < (column[lowest] ?? 0)) lowest = i;
    if (highest === -1 || value > (column[highest] ?? 0)) highest = i;
  }
  if (lowest === -1) return [null, null];
  const [first, second] = lowest < highest ? [lowest, highest] : [highest, lowest];
  return [column[first] ?? null, column[second] ?? null];
}
