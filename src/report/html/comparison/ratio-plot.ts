/**
 * The ratios of a metric in the order in which the pairs ran, over the band of differences that do not matter: a trend,
 * a step or a few wild pairs would show here and nowhere else.
 */

import { changeWords } from '../../../analysis/comparison/comparison-sentences.ts';
import { bandOf } from '../../../analysis/comparison/difference-verdict.ts';
import { bottomAxis, leftAxis } from '../svg/axes.ts';
import { linearScale, logScale, ratioExtentOf } from '../svg/scale.ts';
import { box, drawing, line, mark, path, words } from '../svg/svg.ts';
import { changeLabel, changeTicks, linearTicks } from '../svg/ticks.ts';
import type { Tone } from '../svg/tone.ts';

export interface RatioPoint {
  /** Number of the pair in the order of the runs, from 1. */
  readonly pair: number;
  readonly ratio: number;
}

export interface RatioSeries {
  readonly points: readonly RatioPoint[];
  /** Pairs that were dropped, with the reason. */
  readonly dropped: readonly { readonly pair: number; readonly reason: string }[];
  readonly pairs: number;
  readonly changeShare: number | null;
  readonly smallestDifferenceShare: number;
  readonly tone: Tone;
}

const HEIGHT = 190;
const TOP = 10;
const BOTTOM = HEIGHT - 46;
const LEFT = 58;
const RIGHT_MARGIN = 14;
const TICK_GAP = 18;
/** Beyond these many points marks would cover each other. */
const LARGE_MARKS_MAX = 60;

export function ratioPlot(series: RatioSeries, width: number, label: string): string {
  const { points, dropped, pairs, changeShare, smallestDifferenceShare, tone } = series;
  const band = Math.exp(bandOf(smallestDifferenceShare));
  const right = width - RIGHT_MARGIN;
  const [low, high] = ratioExtentOf([...points.map(({ ratio }) => ratio), band, 1 / band], [1 / band, band], 1.02);
  const y = logScale(low, high, [BOTTOM, TOP]);
  const x = linearScale(0.5, Math.max(1, pairs) + 0.5, [LEFT, right]);
  const radius = points.length > LARGE_MARKS_MAX ? 2 : 4;
  const places = points.map(({ pair, ratio }) => [x.at(pair), y.at(ratio)] as const);
  const ticks = linearTicks(x, 10).filter((value) => Number.isInteger(value) && value >= 1);
  return drawing(
    { width, height: HEIGHT, label },
    box(LEFT, y.at(1 / band), right, y.at(band), 'band'),
    leftAxis(
      y,
      changeTicks(y, TICK_GAP).map((share) => ({ value: 1 + share, label: changeLabel(share, '0 %') })),
      LEFT,
      right,
    ),
    bottomAxis(
      x,
      ticks.map((value) => ({ value, label: String(value) })),
      BOTTOM,
      BOTTOM,
    ),
    line(LEFT, y.at(1), right, y.at(1), 'even-line'),
    changeShare === null ? '' : line(LEFT, y.at(1 + changeShare), right, y.at(1 + changeShare), `${tone} dashed`),
    path(places, `${tone} light thin`),
    ...points.map(({ pair, ratio }) =>
      mark('circle', x.at(pair), y.at(ratio), radius, tone, `pair ${pair}: ${changeWords(ratio - 1)}`),
    ),
    ...dropped.map(({ pair, reason }) =>
      mark('cross', x.at(pair), BOTTOM - 7, 4, 'void', `pair ${pair} was dropped: ${reason}`),
    ),
    words((LEFT + right) / 2, BOTTOM + 36, pairsWords(dropped.length), 'faint', 'middle'),
  );
}

function pairsWords(dropped: number): string {
  return dropped === 0 ? 'pair, in the order of the runs' : 'pair, in the order of the runs; × a dropped pair';
}
