/**
 * Scales: from a figure to a place on an axis, in pixels. A scale never leaves its axis: a figure outside its domain,
 * or one that is not finite, is placed at the nearer end, and `isOutside` says so, so that a chart can draw an arrow
 * there.
 */

export interface Scale {
  /** The place of a figure, in pixels. */
  readonly at: (value: number) => number;
  /** Whether the figure is beyond the domain, so that its place is only an end of the axis. */
  readonly isOutside: (value: number) => boolean;
  readonly low: number;
  readonly high: number;
  /** Places of the lowest and the highest figure, in pixels. */
  readonly from: number;
  readonly to: number;
}

/** Room on both sides of a single figure, as a share of it. */
const SINGLE_ROOM = 0.05;

type Range = readonly [from: number, to: number];

/** An axis on which equal differences are equally long. */
export function linearScale(low: number, high: number, range: Range): Scale {
  return scaleOf(low, high, range, (value) => value);
}

/** An axis on which equal ratios are equally long. Figures of 0 and below are outside. */
export function logScale(low: number, high: number, range: Range): Scale {
  return scaleOf(low, high, range, (value) => (value > 0 ? Math.log(value) : Number.NEGATIVE_INFINITY));
}

function scaleOf(low: number, high: number, [from, to]: Range, transform: (value: number) => number): Scale {
  const start = transform(low);
  const length = transform(high) - start;
  return {
    at: (value) => {
      const share = length === 0 ? 0.5 : (transform(value) - start) / length;
      return from + (to - from) * (Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share)));
    },
    isOutside: (value) => !(value >= low && value <= high),
    low,
    high,
    from,
    to,
  };
}

/**
 * The smallest and the largest finite figure; the given domain if there is none. A single figure gets room on both
 * sides.
 *
 * @param room share of the length that is added at both ends.
 */
export function extentOf(values: readonly number[], empty: Range, room = 0): Range {
  const { low, high } = ends(values.filter(Number.isFinite));
  if (low > high) return empty;
  const added = high === low ? (Math.abs(low) || 1) * SINGLE_ROOM : (high - low) * room;
  return [low - added, high + added];
}

/**
 * The same for an axis of ratios: figures that are not above 0 are left out.
 * @param room factor at both ends, from 1.
 */
export function ratioExtentOf(values: readonly number[], empty: Range, room = 1): Range {
  const { low, high } = ends(values.filter((value) => Number.isFinite(value) && value > 0));
  if (low > high) return empty;
  const factor = high === low ? Math.max(room, Math.SQRT2) : room;
  return [low / factor, high * factor];
}

/** Without arguments of a call, of which hundreds of thousands do not fit the stack. */
function ends(values: readonly number[]): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}
