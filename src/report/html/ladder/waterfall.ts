/**
 * The waterfall of a ladder: the figure of the first rung, what each rung adds to it or takes from it, and the figure
 * of the last. Rows and not columns, so that names can be read.
 */
import { bottomAxis } from '../svg/axes.ts';
import { linearScale } from '../svg/scale.ts';
import { box, drawing, fittedWords, line, NARROW, widthOf } from '../svg/svg.ts';
import { linearTicks } from '../svg/ticks.ts';
import type { Tone } from '../svg/tone.ts';

export interface WaterfallRung {
  readonly name: string;
  /** What the rung adds. */
  readonly note: string;
  /** Null if it was not measured: the rung failed, or has not run. */
  readonly figure: number | null;
  /** Of the comparison with the rung before; of the first rung it is `even`. */
  readonly tone: Tone;
  /** Figure and change in words. */
  readonly said: string;
}

export interface WaterfallDrawing {
  readonly rungs: readonly WaterfallRung[];
  readonly figureWords: (figure: number) => string;
}

const AXIS_HEIGHT = 26;
const BAR_HEIGHT = 18;
/** Room for `1,000 µs, −100.0 %, inconclusive (leans better)`. */
const SAID_WIDTH_MAX = 340;

export function waterfall({ rungs, figureWords }: WaterfallDrawing, width: number, label: string): string {
  const isNarrow = width <= NARROW;
  const rowHeight = isNarrow ? 52 : 38;
  const longest = rungs.reduce((most, { said }) => Math.max(most, widthOf(said)), 0);
  const [left, right] = isNarrow ? [8, width - 8] : [190, width - Math.min(SAID_WIDTH_MAX, longest + 14)];
  const most = rungs.reduce((high, { figure }) => Math.max(high, figure ?? 0), 0) || 1;
  const x = linearScale(0, most, [left, right]);
  const bottom = Math.max(1, rungs.length) * rowHeight;
  let before: number | null = null;
  const rows = rungs.flatMap((rung, i) => {
    const top = i * rowHeight;
    const y = isNarrow ? top + 32 : top + (rowHeight - BAR_HEIGHT) / 2;
    const isEnd = i === 0 || i === rungs.length - 1;
    const parts = [rungWords(rung, top, width, isNarrow, right), bar(rung, before, isEnd, y, x.at)];
    const next = rung.figure ?? before;
    if (next !== null && i < rungs.length - 1) {
      parts.push(line(x.at(next), y + BAR_HEIGHT, x.at(next), y + rowHeight, 'axis dashed'));
    }
    before = next;
    return parts;
  });
  const ticks = linearTicks(x, isNarrow ? 3 : 6).map((value) => ({ value, label: figureWords(value) }));
  return drawing({ width, height: bottom + AXIS_HEIGHT, label }, bottomAxis(x, ticks, 0, bottom), ...rows);
}

function rungWords(
  { name, note, said }: WaterfallRung,
  top: number,
  width: number,
  isNarrow: boolean,
  right: number,
): string {
  if (isNarrow) {
    return fittedWords(8, top + 12, name, width - 16, 'heading') + fittedWords(8, top + 27, said, width - 16, 'faint');
  }
  return (
    fittedWords(0, top + 17, name, 180, 'heading') +
    fittedWords(0, top + 31, note, 180, 'faint') +
    fittedWords(right + 12, top + 23, said, width - right - 12)
  );
}

/** The first and the last figure from 0; the others from the figure before. */
function bar(
  { figure, tone, said }: WaterfallRung,
  before: number | null,
  isEnd: boolean,
  y: number,
  at: (value: number) => number,
): string {
  if (figure === null) return '';
  if (before === null) return box(at(0), y, at(figure), y + BAR_HEIGHT, 'even', said);
  const change = box(at(before), y, at(figure), y + BAR_HEIGHT, tone, said);
  return isEnd ? box(at(0), y, at(Math.min(before, figure)), y + BAR_HEIGHT, 'even light') + change : change;
}
