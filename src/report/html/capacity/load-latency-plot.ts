/** Latency against load: the trials of a search, with the bounds of the capacity and the limit on the latency. */
import { formatMicros } from '../../../base/units.ts';
import { median } from '../../../stats/quantiles.ts';
import { bottomAxis, leftAxis } from '../svg/axes.ts';
import { logScale, ratioExtentOf } from '../svg/scale.ts';
import { drawing, line, mark, NARROW, path, words } from '../svg/svg.ts';
import { logTicks } from '../svg/ticks.ts';
import { SHAPE_OF_ANSWER, TONE_OF_ANSWER, type TrialAnswer } from './search-plot.ts';

export interface LoadLatency {
  readonly load: number;
  /** Null if it was not measured. */
  readonly p50Micros: number | null;
  readonly p99Micros: number | null;
  readonly answer: TrialAnswer;
}

export interface LoadLatencyDrawing {
  readonly trials: readonly LoadLatency[];
  readonly lowerLoad: number | null;
  readonly upperLoad: number | null;
  /** The strictest limit on the p99; null without one. */
  readonly limitMicros: number | null;
  readonly loadWords: (load: number) => string;
  readonly loadTitle: string;
}

const HEIGHT = 300;
const TOP = 30;
const BOTTOM = HEIGHT - 46;
const LEFT = 62;
const RIGHT_MARGIN = 14;

export function loadLatencyPlot(drawn: LoadLatencyDrawing, width: number, label: string): string {
  const { trials, lowerLoad, upperLoad, limitMicros, loadWords, loadTitle } = drawn;
  const right = width - RIGHT_MARGIN;
  const [least, most] = ratioExtentOf(
    trials.map(({ load }) => load),
    [1, 10],
    1.1,
  );
  const x = logScale(least, most, [LEFT, right]);
  const figures = trials.flatMap(({ p50Micros, p99Micros }) => [p50Micros ?? 0, p99Micros ?? 0]);
  const [low, high] = ratioExtentOf([...figures, limitMicros ?? 0], [100, 10_000], 1.2);
  const y = logScale(low, high, [BOTTOM, TOP]);
  const medians = (pick: (trial: LoadLatency) => number | null, className: string): string =>
    path(
      medianByLoad(trials, pick).map(([load, micros]) => [x.at(load), y.at(micros)] as const),
      className,
    );
  const bound = (load: number | null, className: string): string =>
    load === null ? '' : line(x.at(load), TOP, x.at(load), BOTTOM, className);
  const hasMedian = trials.some(({ p50Micros }) => p50Micros !== null);
  return drawing(
    { width, height: HEIGHT, label },
    leftAxis(
      y,
      logTicks(y, 7).map((value) => ({ value, label: formatMicros(value) })),
      LEFT,
      right,
    ),
    bottomAxis(
      x,
      logTicks(x, width <= NARROW ? 5 : 9).map((value) => ({ value, label: loadWords(value) })),
      TOP,
      BOTTOM,
    ),
    bound(lowerLoad, 'good'),
    bound(upperLoad, 'bad dashed'),
    ...(limitMicros === null
      ? []
      : [
          line(LEFT, y.at(limitMicros), right, y.at(limitMicros), 'limit'),
          words(LEFT + 4, y.at(limitMicros) - 5, `limit of p99 ${formatMicros(limitMicros)}`, 'faint'),
        ]),
    medians(({ p99Micros }) => p99Micros, 'one light'),
    medians(({ p50Micros }) => p50Micros, 'two light dashed'),
    ...trials.flatMap(({ load, p50Micros, p99Micros, answer }) => [
      p50Micros === null
        ? ''
        : mark('ring', x.at(load), y.at(p50Micros), 3, 'two', `${loadWords(load)}: p50 ${formatMicros(p50Micros)}`),
      p99Micros === null
        ? ''
        : mark(
            SHAPE_OF_ANSWER[answer],
            x.at(load),
            y.at(p99Micros),
            4,
            TONE_OF_ANSWER[answer],
            `${loadWords(load)}: p99 ${formatMicros(p99Micros)}`,
          ),
    ]),
    words(4, 14, hasMedian ? 'delivery: p99, and below it p50 (○)' : 'delivery p99', 'faint'),
    words((LEFT + right) / 2, BOTTOM + 36, loadTitle, 'faint', 'middle'),
  );
}

/** The median of a figure over the valid trials of each load, in ascending order of loads. */
function medianByLoad(
  trials: readonly LoadLatency[],
  pick: (trial: LoadLatency) => number | null,
): [load: number, figure: number][] {
  const byLoad = new Map<number, number[]>();
  for (const trial of trials) {
    const figure = pick(trial);
    if (figure === null || trial.answer === 'invalid') continue;
    byLoad.set(trial.load, [...(byLoad.get(trial.load) ?? []), figure]);
  }
  return [...byLoad].sort(([a], [b]) => a - b).map(([load, figures]) => [load, median(figures)]);
}
