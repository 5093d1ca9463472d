/**
 * Latency by percentile for both sides. Percentiles are on the scale of the samples above them, so that 99, 99.9 and
 * 99.99 are equally far apart. Where too few samples lie above a percentile nothing is drawn: that range was not
 * measured.
 */
import { formatMicros } from '../../../base/units.ts';
import { bottomAxis, leftAxis } from '../svg/axes.ts';
import { linearScale, logScale, ratioExtentOf } from '../svg/scale.ts';
import { box, drawing, mark, path, words } from '../svg/svg.ts';
import { logTicks } from '../svg/ticks.ts';

export interface LatencyCurve {
  readonly name: string;
  /** Microseconds by percentile; null where it was not measured. */
  readonly micros: readonly (number | null)[];
}

export interface LatencyCurves {
  /** Percentiles, ascending, below 100. */
  readonly percents: readonly number[];
  /** One or two. */
  readonly curves: readonly LatencyCurve[];
}

const HEIGHT = 300;
const TOP = 30;
const BOTTOM = HEIGHT - 46;
const LEFT = 62;
const RIGHT_MARGIN = 16;
/** The median, as the number of decades of samples above it. */
const START_DECADES = 0;
const MARKED_PERCENTS = [50, 90, 99, 99.9, 99.99, 99.999, 99.9999];
const CLASSES = ['one', 'two'] as const;

/** Where a percentile lies: 90 is 1, 99 is 2, 99.9 is 3. */
export function decadesOf(percent: number): number {
  return -Math.log10(1 - percent / 100);
}

export function latencyCurvesPlot({ percents, curves }: LatencyCurves, width: number, label: string): string {
  const right = width - RIGHT_MARGIN;
  const end = Math.max(1, decadesOf(percents.at(-1) ?? 0));
  const x = linearScale(START_DECADES, end, [LEFT, right]);
  const all = curves.flatMap(({ micros }) => micros.filter((value) => value !== null));
  const [low, high] = ratioExtentOf(all, [100, 10_000], 1.15);
  const y = logScale(low, high, [BOTTOM, TOP]);
  const ticks = MARKED_PERCENTS.filter((percent) => decadesOf(percent) <= end + 1e-9);
  const measured = curves.map((curve) => lastMeasured(percents, curve));
  const blind = Math.min(...measured.map((percent) => decadesOf(percent ?? 0)));
  const hasBlind = blind < end - 1e-9;
  return drawing(
    { width, height: HEIGHT, label },
    hasBlind ? box(x.at(blind), TOP, right, BOTTOM, 'unmeasured') : '',
    leftAxis(
      y,
      logTicks(y, 7).map((value) => ({ value, label: formatMicros(value) })),
      LEFT,
      right,
    ),
    bottomAxis(
      x,
      ticks.map((percent) => ({ value: decadesOf(percent), label: `p${percent}` })),
      TOP,
      BOTTOM,
    ),
    ...curves.map(({ micros }, i) => {
      const places = micros.flatMap((value, n) =>
        value === null ? [] : [[x.at(decadesOf(percents[n] ?? 0)), y.at(value)] as const],
      );
      const last = places.at(-1);
      return (
        path(places, `${CLASSES[i] ?? 'one'}${i === 1 ? ' dashed' : ''}`) +
        (last === undefined ? '' : mark(i === 1 ? 'square' : 'circle', last[0], last[1], 4, CLASSES[i] ?? 'one'))
      );
    }),
    ...legend(curves, width),
    hasBlind && right - x.at(blind) > 90
      ? words((x.at(blind) + right) / 2, BOTTOM - 10, 'not measured', 'faint', 'middle')
      : '',
    words((LEFT + right) / 2, BOTTOM + 36, 'percentile', 'faint', 'middle'),
  );
}

/** The highest percentile with a figure; null if there is none. */
function lastMeasured(percents: readonly number[], { micros }: LatencyCurve): number | null {
  const last = micros.findLastIndex((value) => value !== null);
  return percents[last] ?? null;
}

function legend(curves: readonly LatencyCurve[], width: number): string[] {
  const room = (width - LEFT) / 2;
  return curves.flatMap(({ name }, i) => {
    const x = LEFT + i * room;
    const kind = i === 1 ? 'square' : 'circle';
    const shown = [...name].slice(0, Math.floor((room - 24) / 6.4)).join('');
    return [mark(kind, x + 6, 14, 4, CLASSES[i] ?? 'one'), words(x + 16, 18, shown)];
  });
}
