/**
 * Charts over time, as plain data: a timeline has one time axis and several charts, which the script in the page draws
 * with uPlot one below the other, with a common cursor. This file writes their places in the page; the values travel in
 * the data block of the page (`page.ts`).
 */
import { formatBytes, formatCount, formatMicros, formatShare, formatShort } from '../../base/units.ts';
import { chartTable } from './chart-table.ts';
import { type Markup, markup } from './markup.ts';
import { type Columns, spansOf, THINNED_POINTS_MAX, thinColumns } from './thin-columns.ts';

/** How the values of a chart are written. */
export type ChartUnit = 'bytes' | 'count' | 'perSecond' | 'micros' | 'share';

export interface ChartLine {
  readonly name: string;
  /** One value per time of the timeline; null where there is none. */
  readonly values: readonly (number | null)[];
}

/** A limit that is drawn across a chart. */
export interface ChartLimit {
  readonly name: string;
  readonly value: number;
}

export interface TimelineChart {
  /** Unique in the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly unit: ChartUnit;
  readonly isLogarithmic: boolean;
  readonly lines: readonly ChartLine[];
  readonly limits: readonly ChartLimit[];
}

/** Something that happened at a time: a phase that began, an event of the run. */
export interface TimeMark {
  readonly atSeconds: number;
  readonly name: string;
}

export interface Timeline {
  /** Unique in the page; letters, digits and hyphens. */
  readonly id: string;
  readonly atSeconds: readonly number[];
  readonly marks: readonly TimeMark[];
  readonly charts: readonly TimelineChart[];
  /** How the values were thinned, as a sentence; null if they are all there. */
  readonly thinning: string | null;
}

/** Rows of the table of a chart. */
const TABLE_ROWS_MAX = 24;
const SIGNIFICANT_DIGITS = 6;

/** The same timeline with few enough points to embed; every minimum and maximum stays. */
export function thinTimeline(timeline: Timeline, pointsMax = THINNED_POINTS_MAX): Timeline {
  const columns = timeline.charts.flatMap(({ lines }) => lines.map(({ values }) => values));
  const thin = thinColumns(timeline.atSeconds, columns, pointsMax);
  let next = 0;
  const charts = timeline.charts.map((chart) => ({
    ...chart,
    lines: chart.lines.map((line) => ({ ...line, values: (thin.columns[next++] ?? []).map(rounded) })),
  }));
  const thinning =
    thin.perPoint === 1
      ? null
      : `Thinned: of every ${2 * thin.perPoint} intervals, the lowest and the highest value are shown.`;
  return { ...timeline, atSeconds: thin.atSeconds.map(rounded), charts, thinning };
}

/** Whole numbers stay; others have enough digits for a chart. */
function rounded<Value extends number | null>(value: Value): Value {
  return (value === null || Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS))) as Value; // null stays null
}

/** A value with its unit, as axes, tables and readings at the cursor show it. */
export function formatValue(value: number, unit: ChartUnit): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return Math.abs(value) < 100 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(value);
    case 'perSecond':
      return `${formatShort(value)}/s`;
    case 'micros':
      return formatMicros(value);
    case 'share':
      return formatShare(value);
  }
}

/** The figures of a timeline: for each chart its title, legend, place, and table. */
export function timelineFigures(timeline: Timeline): Markup {
  const figures = timeline.charts.map((chart) => chartFigure(timeline, chart));
  const note = timeline.thinning === null ? null : markup`<p class="note">${timeline.thinning}</p>`;
  return markup`<div class="charts">${figures}</div>${note}`;
}

function chartFigure(timeline: Timeline, chart: TimelineChart): Markup {
  const legend = [...chart.lines, ...chart.limits].map(
    ({ name }, i) =>
      markup`<li><span class="swatch ${i < chart.lines.length ? `line-${i + 1}` : 'limit'}"></span>${name} <span class="reading" data-line="${i}"></span></li>`,
  );
  return markup`<figure class="chart">
<figcaption><h3>${chart.title}</h3><ul class="legend">${legend}</ul></figcaption>
<div class="plot" role="img" aria-label="${chartLabel(chart)}" data-timeline="${timeline.id}" data-chart="${chart.id}"></div>
${timelineTable(timeline, chart)}
</figure>
`;
}

/** What a screen reader says instead of the picture. */
function chartLabel({ title, lines, unit }: TimelineChart): string {
  const ranges = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name}: no values`;
    const low = known.reduce((a, b) => Math.min(a, b));
    const high = known.reduce((a, b) => Math.max(a, b));
    return `${name}: from ${formatValue(low, unit)} to ${formatValue(high, unit)}`;
  });
  return `Chart over time: ${title}. ${ranges.join('; ')}. The table below has the values.`;
}

function timelineTable({ atSeconds }: Timeline, { title, lines, unit }: TimelineChart): Markup {
  const columns: Columns = lines.map(({ values }) => values);
  const rows = spansOf(atSeconds, columns, TABLE_ROWS_MAX).map(({ fromSeconds, toSeconds, ranges }) => [
    fromSeconds === toSeconds ? fromSeconds.toFixed(1) : `${fromSeconds.toFixed(1)} – ${toSeconds.toFixed(1)}`,
    ...ranges.map((range) => {
      if (range === null) return '–';
      const [low, high] = [formatValue(range.low, unit), formatValue(range.high, unit)];
      return low === high ? low : `${low} … ${high}`;
    }),
  ]);
  return chartTable(title, ['seconds', ...lines.map(({ name }) => name)], rows);
}
