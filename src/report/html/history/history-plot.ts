/**
 * A metric over the stored results of one scenario on one class of machines, in the order of their start: each result,
 * the level between two changes, and the changes with the commits at which they are. Results are at equal distances,
 * since they often come in bursts with weeks between them.
 */
import { bottomAxis, leftAxis } from '../svg/axes.ts';
import { extentOf, linearScale } from '../svg/scale.ts';
import { drawing, line, mark, NARROW, type Place, path, widthOf, words } from '../svg/svg.ts';
import { linearTicks } from '../svg/ticks.ts';
import type { Tone } from '../svg/tone.ts';

export interface HistoryMark {
  readonly value: number;
  /** Such as `2026-11-25`. */
  readonly day: string;
  /** Result, commit and figure in words. */
  readonly said: string;
}

export interface HistoryStep {
  /** Index of the first result of the new level. */
  readonly index: number;
  /** Median of the level before, and of the new one. */
  readonly before: number;
  readonly now: number;
  readonly tone: Tone;
  /** The commit, or the number of the change. */
  readonly name: string;
  readonly said: string;
}

export interface HistoryDrawing {
  readonly points: readonly HistoryMark[];
  /** Ascending. */
  readonly changes: readonly HistoryStep[];
  readonly figureWords: (figure: number) => string;
}

const HEIGHT = 240;
const TOP = 36;
const BOTTOM = HEIGHT - 40;
const LEFT = 72;
const RIGHT_MARGIN = 14;

export function historyPlot({ points, changes, figureWords }: HistoryDrawing, width: number, label: string): string {
  const right = width - RIGHT_MARGIN;
  const x = linearScale(-0.5, Math.max(1, points.length) - 0.5, [LEFT, right]);
  const [low, high] = extentOf(
    points.map(({ value }) => value),
    [0, 1],
    0.1,
  );
  const y = linearScale(low, high, [BOTTOM, TOP]);
  const radius = points.length > 150 ? 1.5 : points.length > 60 ? 2.5 : 3.5;
  const places = points.map(({ value }, i): Place => [x.at(i), y.at(value)]);
  const most = width <= NARROW ? 3 : 7;
  const every = Math.max(1, Math.ceil(points.length / most));
  const days = points.flatMap(({ day }, i) => (i % every === 0 ? [{ value: i, label: day }] : []));
  return drawing(
    { width, height: HEIGHT, label },
    leftAxis(
      y,
      linearTicks(y, 5).map((value) => ({ value, label: figureWords(value) })),
      LEFT,
      right,
    ),
    bottomAxis(x, days, BOTTOM, BOTTOM),
    path(places, 'one light'),
    ...levels(points.length, changes, x.at, y.at),
    ...points.map(({ value, said }, i) => mark('circle', x.at(i), y.at(value), radius, 'one', said)),
    ...changeMarks(changes, x.at, right),
  );
}

/** A line at the median of each level. */
function levels(
  count: number,
  changes: readonly HistoryStep[],
  across: (index: number) => number,
  up: (value: number) => number,
): string[] {
  return changes.flatMap(({ index, before, now, tone }, i) => {
    const start = i === 0 ? 0 : (changes[i - 1]?.index ?? 0);
    const end = changes[i + 1]?.index ?? count;
    const level = (from: number, to: number, value: number, className: string): string =>
      line(across(from - 0.4), up(value), across(to - 0.6), up(value), className);
    return [
      ...(i === 0 ? [level(start, index, before, 'interval even')] : []),
      level(index, end, now, `interval ${tone}`),
    ];
  });
}

/** A line at each change, and its name above; names that would touch are left to the table. */
function changeMarks(changes: readonly HistoryStep[], across: (index: number) => number, right: number): string[] {
  let free = Number.NEGATIVE_INFINITY;
  return changes.flatMap(({ index, tone, name, said }) => {
    const x = across(index - 0.5);
    const start = Math.min(Math.max(0, x - widthOf(name) / 2), right - widthOf(name));
    const parts = [line(x, TOP - 8, x, BOTTOM, `${tone} dashed`), mark('triangle', x, TOP - 12, 4, tone, said)];
    if (start < free) return parts;
    free = start + widthOf(name) + 8;
    return [...parts, words(start, TOP - 20, name)];
  });
}
