/**
 * A search for capacity, trial by trial: the load that was tried, whether every limit held, and the bounds that were
 * known after each trial. The confirming runs follow on the right.
 */
import { bottomAxis, leftAxis } from '../svg/axes.ts';
import { linearScale, logScale, ratioExtentOf } from '../svg/scale.ts';
import { drawing, line, type MarkShape, mark, NARROW, type Place, path, words } from '../svg/svg.ts';
import { linearTicks, logTicks } from '../svg/ticks.ts';
import type { Tone } from '../svg/tone.ts';

export type TrialAnswer = 'held' | 'broken' | 'invalid';

export interface TriedLoad {
  readonly load: number;
  readonly answer: TrialAnswer;
  /** What the trial found, in words. */
  readonly said: string;
}

export interface BoundsAfterTrial {
  readonly lowerLoad: number | null;
  readonly upperLoad: number | null;
}

export interface SearchDrawing {
  readonly trials: readonly TriedLoad[];
  /** One entry for each trial. */
  readonly bounds: readonly BoundsAfterTrial[];
  readonly confirmations: readonly TriedLoad[];
  readonly loadWords: (load: number) => string;
  /** Title of the axis of loads. */
  readonly loadTitle: string;
  /** Lowest and highest load that are drawn; null for all. */
  readonly loads: readonly [lowest: number, highest: number] | null;
}

export const TONE_OF_ANSWER: Readonly<Record<TrialAnswer, Tone>> = { held: 'good', broken: 'bad', invalid: 'void' };
export const SHAPE_OF_ANSWER: Readonly<Record<TrialAnswer, MarkShape>> = {
  held: 'circle',
  broken: 'triangle',
  invalid: 'cross',
};

const HEIGHT = 320;
const TOP = 46;
const BOTTOM = HEIGHT - 46;
const LEFT = 62;
const RIGHT_MARGIN = 14;
/** Places for each confirming run, in trials. */
const CONFIRMATION_WIDTH = 1.5;

export function searchPlot(search: SearchDrawing, width: number, label: string): string {
  const { trials, bounds, confirmations, loadWords, loadTitle } = search;
  const right = width - RIGHT_MARGIN;
  const columns = Math.max(1, trials.length + (confirmations.length + 0.5) * CONFIRMATION_WIDTH);
  const x = linearScale(0.4, columns + 0.6, [LEFT, right]);
  const loads = [...trials, ...confirmations].map(({ load }) => load);
  const [low, high] = search.loads ?? ratioExtentOf(loads, [1, 10], 1.1);
  const y = logScale(low, high, [BOTTOM, TOP]);
  const radius = trials.length > 120 ? 2 : trials.length > 50 ? 3 : 4.5;
  const ticks = linearTicks(x, width <= NARROW ? 5 : 10).filter(
    (value) => Number.isInteger(value) && value >= 1 && value <= trials.length,
  );
  const confirmedAt = (i: number): number => x.at(trials.length + (i + 1) * CONFIRMATION_WIDTH);
  const bound = (pick: (one: BoundsAfterTrial) => number | null, className: string): string =>
    steps(
      bounds.map((one) => visible(pick(one))),
      (i) => x.at(i + 0.5),
      (i) => x.at(i + 1.5),
      (load) => y.at(load),
    )
      .map((places) => path(places, className))
      .join('');
  const visible = (load: number | null): number | null => (load === null || y.isOutside(load) ? null : load);
  const fence = x.at(trials.length + 0.6);
  return drawing(
    { width, height: HEIGHT, label },
    leftAxis(
      y,
      logTicks(y, 8).map((value) => ({ value, label: loadWords(value) })),
      LEFT,
      right,
    ),
    bottomAxis(
      x,
      ticks.map((value) => ({ value, label: String(value) })),
      BOTTOM,
      BOTTOM,
    ),
    bound(({ lowerLoad }) => lowerLoad, 'good light'),
    bound(({ upperLoad }) => upperLoad, 'bad light dashed'),
    ...trials.map(({ load, answer, said }, i) =>
      y.isOutside(load)
        ? ''
        : mark(SHAPE_OF_ANSWER[answer], x.at(i + 1), y.at(load), radius, TONE_OF_ANSWER[answer], said),
    ),
    confirmations.length === 0 ? '' : line(fence, TOP, fence, BOTTOM, 'axis dashed'),
    ...confirmations.map(({ load, answer, said }, i) =>
      mark(
        answer === 'held' ? 'diamond' : SHAPE_OF_ANSWER[answer],
        confirmedAt(i),
        y.at(load),
        6,
        TONE_OF_ANSWER[answer],
        said,
      ),
    ),
    ...legend(confirmations.length > 0, width),
    words(
      (LEFT + right) / 2,
      BOTTOM + 36,
      confirmations.length > 0 ? 'trial; the confirming runs on the right' : 'trial',
      'faint',
      'middle',
    ),
    words(4, TOP - 8, loadTitle, 'faint'),
  );
}

/** A staircase for each stretch of trials with a value. */
function steps(
  values: readonly (number | null)[],
  start: (index: number) => number,
  end: (index: number) => number,
  height: (value: number) => number,
): Place[][] {
  const stairs: Place[][] = [];
  let isOpen = false;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      isOpen = false;
      continue;
    }
    if (!isOpen) stairs.push([]);
    isOpen = true;
    stairs.at(-1)?.push([start(i), height(value)], [end(i), height(value)]);
  }
  return stairs;
}

interface LegendEntry {
  readonly kind: MarkShape;
  readonly tone: Tone;
  readonly text: string;
}

const ENTRIES: readonly LegendEntry[] = [
  { kind: 'circle', tone: 'good', text: 'limits held' },
  { kind: 'triangle', tone: 'bad', text: 'broken' },
  { kind: 'cross', tone: 'void', text: 'not valid' },
  { kind: 'diamond', tone: 'good', text: 'confirmed' },
];
const ENTRY_WIDTH = { wide: 110, narrow: 84 };

function legend(hasConfirmations: boolean, width: number): string[] {
  const room = width <= NARROW ? ENTRY_WIDTH.narrow : ENTRY_WIDTH.wide;
  return ENTRIES.filter(({ kind }) => kind !== 'diamond' || hasConfirmations).flatMap(({ kind, tone, text }, i) => [
    mark(kind, 8 + i * room, 10, 4.5, tone),
    words(16 + i * room, 14, text),
  ]);
}
