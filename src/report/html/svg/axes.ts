/** Axes: marks, grid lines and labels. */
import type { Scale } from './scale.ts';
import { fitted, line, widthOf, words } from './svg.ts';

export interface AxisTick {
  readonly value: number;
  readonly label: string;
}

/** Space between a label and the axis, in pixels. */
const GAP = 6;
const LABEL_HEIGHT = 12;
/** How far a label may stand out beyond the end of its axis. */
const OVERHANG = 12;

/** Marks along the bottom, with grid lines up to `top`. Labels that would touch the one before are left out. */
export function bottomAxis(scale: Scale, ticks: readonly AxisTick[], top: number, bottom: number): string {
  let free = Number.NEGATIVE_INFINITY;
  const [left, right] = [Math.min(scale.from, scale.to), Math.max(scale.from, scale.to)];
  const parts = ticks.flatMap(({ value, label }) => {
    const x = scale.at(value);
    const length = widthOf(label);
    const grid = line(x, top, x, bottom, 'grid');
    // Within the axis and a little beyond it, where there is a margin.
    const start = Math.max(0, left - OVERHANG, Math.min(x - length / 2, right + OVERHANG - length));
    if (start < free) return [grid];
    free = start + length + GAP;
    return [grid, words(start + length / 2, bottom + GAP + LABEL_HEIGHT, label, 'tick', 'middle')];
  });
  return [...parts, line(left, bottom, right, bottom, 'axis')].join('');
}

/** Marks along the left, with grid lines up to `right`. */
export function leftAxis(scale: Scale, ticks: readonly AxisTick[], left: number, right: number): string {
  return ticks
    .map(({ value, label }) => {
      const y = scale.at(value);
      return line(left, y, right, y, 'grid') + words(left - GAP, y + 4, fitted(label, left - GAP), 'tick', 'end');
    })
    .join('');
}
