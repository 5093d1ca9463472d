/**
 * Gain when added beside loss when removed: per change of a ladder the effect that it had when it was added, and the
 * effect that its removal from the last rung took away. Where the two marks are apart, the change interacts with others
 * and has no figure of its own.
 */
import { bottomAxis } from '../svg/axes.ts';
import { logScale, ratioExtentOf } from '../svg/scale.ts';
import { drawing, fittedWords, line, mark, NARROW, titled, words } from '../svg/svg.ts';
import { changeLabel, changeTicks } from '../svg/ticks.ts';

export interface AddedRemoved {
  readonly name: string;
  /** The figure with the change divided by the figure without it, when it was added; null if not measured. */
  readonly addedRatio: number | null;
  /** The same at the last rung, from removing it. */
  readonly removedRatio: number | null;
  readonly isInteraction: boolean;
  /** Both figures and the verdict in words. */
  readonly said: string;
}

const AXIS_HEIGHT = 40;
const LEGEND_HEIGHT = 24;
const TICK_GAP = 44;

export function addedRemovedPlot(knobs: readonly AddedRemoved[], width: number, label: string): string {
  const isNarrow = width <= NARROW;
  const rowHeight = isNarrow ? 58 : 40;
  const [left, right] = isNarrow ? [14, width - 14] : [190, width - 240];
  const ratios = knobs.flatMap(({ addedRatio, removedRatio }) => [addedRatio ?? 0, removedRatio ?? 0]);
  const [low, high] = ratioExtentOf([...ratios, 1], [0.9, 1.1], 1.1);
  const x = logScale(low, high, [left, right]);
  const bottom = LEGEND_HEIGHT + Math.max(1, knobs.length) * rowHeight;
  const ticks = changeTicks(x, TICK_GAP).map((share) => ({ value: 1 + share, label: changeLabel(share, 'none') }));
  return drawing(
    { width, height: bottom + AXIS_HEIGHT, label },
    bottomAxis(x, ticks, LEGEND_HEIGHT, bottom),
    line(x.at(1), LEGEND_HEIGHT, x.at(1), bottom, 'even-line'),
    mark('circle', 8, 10, 4.5, 'one'),
    words(17, 14, 'when added'),
    mark('diamond', 118, 10, 4.5, 'two'),
    words(127, 14, 'at the last rung, by removing it'),
    ...knobs.flatMap((knob, i) => {
      const top = LEGEND_HEIGHT + i * rowHeight;
      const y = isNarrow ? top + 44 : top + rowHeight / 2;
      const texts = isNarrow
        ? [
            fittedWords(8, top + 14, knob.name, width - 16, 'heading'),
            fittedWords(8, top + 29, knob.said, width - 16, 'faint'),
          ]
        : [
            fittedWords(0, y + 4, knob.name, 180, 'heading'),
            fittedWords(right + 14, y + 4, knob.said, width - right - 14, 'faint'),
          ];
      return [...texts, marks(knob, y, x.at)];
    }),
    words((left + right) / 2, bottom + 34, 'effect on the figure', 'faint', 'middle'),
  );
}

function marks(
  { name, addedRatio, removedRatio, isInteraction, said }: AddedRemoved,
  y: number,
  at: (ratio: number) => number,
): string {
  const parts: string[] = [];
  if (addedRatio !== null && removedRatio !== null) {
    parts.push(line(at(addedRatio), y, at(removedRatio), y, isInteraction ? 'interval bad' : 'axis'));
  }
  if (addedRatio !== null) parts.push(mark('circle', at(addedRatio), y, 5, 'one'));
  if (removedRatio !== null) parts.push(mark('diamond', at(removedRatio), y, 5, 'two'));
  return parts.length === 0
    ? words(at(1), y + 4, 'not measured', 'faint', 'middle')
    : titled(`${name}: ${said}`, ...parts);
}
