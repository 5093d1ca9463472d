/**
 * The latencies of a run as percentile curves, in the manner of HdrHistogram: each further nine has the same width, and
 * time is logarithmic. A curve ends where fewer than ten samples are above it; the rest of the plot stays empty.
 */
import { formatCount, formatMicros } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';
import { type PercentilePoint, percentileCurve } from '../../../stats/hdr-histogram.ts';
import { SAMPLES_ABOVE_MIN } from '../../../stats/histogram.ts';
import { latencyNotes } from '../../run/lines/latency-lines.ts';
import { latencyText } from '../../text/figure-text.ts';
import { chartTable } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import { logarithmicPlotScale } from '../plot-scale.ts';
import { noteList } from '../sentence-list.ts';
import { fixed, PLOT_X, plotY, svgLine, svgPlot } from '../svg-plot.ts';

const HEIGHT = 300;
const POINTS_PER_DECADE = 20;
/** Room for "not measured". */
const TEXT_WIDTH = 58;
/** The axis shows at least the percentiles up to 99.99, so that it shows what was not measured. */
const NINES_MIN = 4;

/** In the order in which they occur in the life of a message. */
const CURVES: readonly (readonly [name: string, key: keyof Result['latency'], className: string])[] = [
  ['send delay', 'sendDelay', 'line-6'],
  ['✓ acknowledged', 'acknowledgement', 'line-3'],
  ['delivered', 'delivery', 'line-1'],
  ['delivered, stored', 'storedDelivery', 'line-5'],
  ['delivered in groups', 'groupDelivery', 'line-8'],
  ['✓✓ receipt', 'receipt', 'line-4'],
  ['login', 'login', 'line-2'],
  ['HTTP answer', 'http', 'line-7'],
];

interface Curve {
  readonly name: string;
  readonly className: string;
  readonly summary: LatencySummary;
  readonly points: readonly PercentilePoint[];
}

/** The plot with its legend, its table, and notes on what it cannot show. */
export function latencyPlot({ latency }: Result): Markup {
  const curves = CURVES.flatMap(([name, key, className]): Curve[] => {
    const summary = latency[key];
    return summary.count === 0 ? [] : [{ name, className, summary, points: pointsOf(summary) }];
  });
  if (curves.length === 0) return markup`<p>No latency was measured.</p>`;
  const legend = curves.map(({ name, className }) => markup`<li><span class="swatch ${className}"></span>${name}</li>`);
  const title = 'Latency by percentile';
  return markup`<figure class="chart wide-chart">
<figcaption><h3>${title}, from the due time</h3><ul class="legend">${legend}</ul></figcaption>
${plot(curves)}
${chartTable(title, ['from the due time', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'p99.99', 'max', 'values'], curves.map(row))}
</figure>
${noteList([
  `A curve ends where fewer than ${SAMPLES_ABOVE_MIN} values are above it: what lies to the right of it was not measured.`,
  ...latencyNotes(latency),
])}`;
}

/** From the histogram, or from the stored percentiles if the result has none. */
function pointsOf(summary: LatencySummary): PercentilePoint[] {
  const { histogram, rangeMicros } = summary;
  if (histogram !== null) {
    return percentileCurve(histogram, POINTS_PER_DECADE, SAMPLES_ABOVE_MIN).map(({ percent, micros }) => ({
      percent,
      micros: Math.min(micros, rangeMicros), // a bucket may extend beyond the range
    }));
  }
  const kept: readonly (readonly [number, number | null])[] = [
    [0, summary.minMicros],
    [50, summary.p50Micros],
    [90, summary.p90Micros],
    [95, summary.p95Micros],
    [99, summary.p99Micros],
    [99.9, summary.p999Micros],
    [99.99, summary.p9999Micros],
  ];
  return kept.flatMap(([percent, micros]) => (micros === null ? [] : [{ percent, micros }]));
}

function plot(curves: readonly Curve[]): Markup {
  const all = curves.flatMap(({ points }) => points.map(({ micros }) => Math.max(1, micros)));
  const nines = Math.max(NINES_MIN, ...curves.flatMap(({ points }) => points.map(({ percent }) => ninesOf(percent))));
  const x = logarithmicPlotScale(1, 10 ** Math.ceil(nines), PLOT_X);
  const y = logarithmicPlotScale(Math.min(...all, 1000), Math.max(...all, 1000), plotY(HEIGHT));
  const lines = curves.map(({ points, className }) =>
    svgLine(
      points.map(({ percent, micros }) => [x.position(10 ** ninesOf(percent)), y.position(micros)]),
      className,
    ),
  );
  return svgPlot({
    label: `Percentile curves: ${curves.map(({ name, summary }) => `${name} p50 ${latencyText(summary.p50Micros, summary.rangeMicros)}, p99 ${latencyText(summary.p99Micros, summary.rangeMicros)}`).join('; ')}. The table below has the values.`,
    x: { scale: x, title: 'percentile', format: percentLabel },
    y: { scale: y, format: (micros) => formatMicros(micros).replace(/\.0+ /, ' ') },
    marks: [unmeasured(x.position(10 ** measuredNines(curves)), nines), ...lines],
    height: HEIGHT,
  });
}

/** Hatches what no curve reaches. */
function unmeasured(left: number, nines: number): Markup | null {
  const { from: bottom, to: top } = plotY(HEIGHT);
  if (PLOT_X.to - left < 1 || !Number.isFinite(nines)) return null;
  const width = fixed(PLOT_X.to - left);
  const text =
    PLOT_X.to - left < TEXT_WIDTH
      ? null
      : markup`<text x="${fixed((left + PLOT_X.to) / 2)}" y="${top + 14}" text-anchor="middle">not measured</text>`;
  return markup`<rect class="unmeasured" x="${fixed(left)}" y="${top}" width="${width}" height="${bottom - top}"/>${text}`;
}

function measuredNines(curves: readonly Curve[]): number {
  return Math.max(0, ...curves.flatMap(({ points }) => points.map(({ percent }) => ninesOf(percent))));
}

/** 0 for the minimum, 1 for 90 %, 2 for 99 %. */
function ninesOf(percent: number): number {
  return -Math.log10(1 - percent / 100);
}

/** `99.9 %` at 1000. */
function percentLabel(oneIn: number): string {
  const nines = Math.round(Math.log10(oneIn));
  return `${(100 * (1 - 1 / oneIn)).toFixed(Math.max(0, nines - 2))} %`;
}

function row({ name, summary }: Curve): string[] {
  const { p50Micros, p90Micros, p95Micros, p99Micros, p999Micros, p9999Micros, maxMicros, count } = summary;
  const figures = [p50Micros, p90Micros, p95Micros, p99Micros, p999Micros, p9999Micros, maxMicros];
  return [name, ...figures.map((micros) => latencyText(micros, summary.rangeMicros)), formatCount(count)];
}
