/**
 * The forest plot of a comparison: per metric the change with its interval, over the band of differences that do not
 * matter. The axis is one of ratios, on which double and half are equally far from equal.
 */
import { bandOf } from '../../../analysis/comparison/difference-verdict.ts';
import { bottomAxis } from '../svg/axes.ts';
import { logScale, type Scale } from '../svg/scale.ts';
import { arrowHead, box, drawing, fittedWords, line, mark, NARROW, titled, words } from '../svg/svg.ts';
import { changeLabel, changeTicks } from '../svg/ticks.ts';
import { SHAPE_OF_TONE, type Tone } from '../svg/tone.ts';

/** Room for the longest name of a metric that usually decides, in bold. */
const LABELS_WIDTH = 290;

export interface ForestRow {
  readonly label: string;
  /** Such as `less is better`. */
  readonly note: string;
  /** candidate/base − 1; null if it is not known. */
  readonly changeShare: number | null;
  /** The interval; null without one, infinite if an end is open. */
  readonly lowShare: number | null;
  readonly highShare: number | null;
  /** Smallest difference that matters, upwards. */
  readonly smallestDifferenceShare: number;
  readonly tone: Tone;
  /** The change and the verdict in words. */
  readonly figure: string;
  readonly verdict: string;
}

/** The axis ends at eight times and an eighth: an arrow stands for what is beyond it. */
const RATIO_MAX = 8;
/** Least width of the axis, as a ratio on either side: noise of 1 % must not look like a cliff. */
const RATIO_MIN = 1.05;
const AXIS_HEIGHT = 40;
const TICK_GAP = 42;

interface Layout {
  readonly left: number;
  readonly right: number;
  readonly rowHeight: number;
  /** Distance of the interval from the top of its row. */
  readonly middle: number;
  readonly isNarrow: boolean;
}

export function forestPlot(rows: readonly ForestRow[], width: number, label: string): string {
  const isNarrow = width <= NARROW;
  const layout: Layout = isNarrow
    ? { left: 12, right: width - 12, rowHeight: 62, middle: 48, isNarrow }
    : { left: LABELS_WIDTH, right: width - 190, rowHeight: 42, middle: 21, isNarrow };
  const half = halfWidth(rows);
  const scale = logScale(1 / half, half, [layout.left, layout.right]);
  const bottom = Math.max(1, rows.length) * layout.rowHeight;
  const ticks = changeTicks(scale, TICK_GAP).map((share) => ({ value: 1 + share, label: changeLabel(share, 'equal') }));
  const drawn = rows.map((row, i) => forestRow(row, i * layout.rowHeight, scale, layout, width));
  return drawing(
    { width, height: bottom + AXIS_HEIGHT, label },
    bottomAxis(scale, ticks, 0, bottom),
    ...drawn.map(({ band }) => band),
    line(scale.at(1), 0, scale.at(1), bottom, 'even-line'),
    ...drawn.map(({ marks }) => marks),
    words(
      (layout.left + layout.right) / 2,
      bottom + 34,
      'change of the figure, candidate against base',
      'faint',
      'middle',
    ),
  );
}

/** The ratio at the right end of the axis. */
function halfWidth(rows: readonly ForestRow[]): number {
  const farthest = rows
    .flatMap(({ changeShare, lowShare, highShare, smallestDifferenceShare }) => [
      changeShare,
      lowShare,
      highShare,
      smallestDifferenceShare * 1.2,
    ])
    .flatMap((share) => (share === null || !Number.isFinite(share) || share <= -1 ? [] : Math.abs(Math.log1p(share))));
  const most = farthest.reduce((one, other) => Math.max(one, other), 0);
  return Math.min(RATIO_MAX, Math.max(RATIO_MIN, Math.exp(most * 1.05)));
}

function forestRow(
  row: ForestRow,
  top: number,
  scale: Scale,
  { rowHeight, middle, left, isNarrow }: Layout,
  width: number,
): { readonly band: string; readonly marks: string } {
  const y = top + middle;
  const band = Math.exp(bandOf(row.smallestDifferenceShare));
  const bandTop = isNarrow ? top + 34 : top + 3;
  const texts = isNarrow
    ? [
        fittedWords(left, top + 14, row.label, width - 24, 'heading'),
        fittedWords(left, top + 29, `${row.figure}, ${row.verdict}`, width - 24, 'faint'),
      ]
    : [
        fittedWords(0, y - 2, row.label, left - 16, 'heading'),
        words(0, y + 13, row.note, 'faint'),
        fittedWords(width - 178, y - 2, row.figure, 178),
        fittedWords(width - 178, y + 13, row.verdict, 178, 'faint'),
      ];
  return {
    band: box(scale.at(1 / band), bandTop, scale.at(band), top + rowHeight - 3, 'band'),
    marks: texts.join('') + intervalMarks(row, y, scale),
  };
}

function intervalMarks(row: ForestRow, y: number, scale: Scale): string {
  const { changeShare, lowShare, highShare, tone } = row;
  const said = `${row.label}: ${row.figure}, ${row.verdict}`;
  if (changeShare === null) return '';
  const parts: string[] = [];
  if (lowShare !== null && highShare !== null) {
    const [low, high] = [1 + lowShare, 1 + highShare];
    parts.push(line(scale.at(low), y, scale.at(high), y, `interval ${tone}`));
    if (scale.isOutside(low)) parts.push(arrowHead(scale.from - 4, y, -1, tone));
    if (scale.isOutside(high)) parts.push(arrowHead(scale.to + 4, y, 1, tone));
  }
  const ratio = 1 + changeShare;
  parts.push(
    scale.isOutside(ratio)
      ? arrowHead(scale.at(ratio), y, ratio > 1 ? 1 : -1, tone)
      : mark(SHAPE_OF_TONE[tone], scale.at(ratio), y, 5, tone),
  );
  return titled(said, ...parts);
}
