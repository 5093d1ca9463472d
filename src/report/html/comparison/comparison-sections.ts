/** The sections about a comparison, on its own page and on that of a gate. */
import type { Comparison, ComparisonRow } from '../../../analysis/comparison/comparison-schema.ts';
import { confidenceWords, percentWords } from '../../../analysis/comparison/comparison-sentences.ts';
import { formatCount, formatCountOf, formatMicros } from '../../../base/units.ts';
import { COMPARISON_HEADINGS, comparisonNotes, signedShare } from '../../comparison/comparison-cells.ts';
import { table } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import type { PageSection } from '../page.ts';
import { sentenceList } from '../sentence-list.ts';
import { chartFigure } from '../svg/chart-figure.ts';
import { HALF } from '../svg/svg.ts';
import { TONE_OF_VERDICT } from '../svg/tone.ts';
import { comparisonRowsTable, forestRowOf } from './comparison-rows-table.ts';
import { forestPlot } from './forest-plot.ts';
import { latencyCurvesPlot } from './latency-curves-plot.ts';
import { type RatioSeries, ratioPlot } from './ratio-plot.ts';

/** The rows that decide: what a reader wants first. */
export function decidingTable({ rows, gatingConfidence }: Comparison): Markup {
  return comparisonRowsTable(
    `Metrics that decide, each with an interval of at least ${confidenceWords(gatingConfidence)}`,
    COMPARISON_HEADINGS,
    rows.filter(({ role }) => role === 'gating'),
  );
}

export function comparisonSections(comparison: Comparison): PageSection[] {
  return [
    { id: 'forest', title: 'Changes and the band of no difference', html: forestHtml(comparison) },
    { id: 'ratios', title: 'Ratio by run order', html: ratiosHtml(comparison) },
    ...latencySections(comparison),
    { id: 'runs', title: 'Runs and environments', html: runsHtml(comparison) },
    { id: 'described', title: 'Metrics that only describe', html: describedHtml(comparison) },
  ];
}

const FOREST_HEADINGS = ['metric', 'change', 'from', 'to', 'smallest difference', 'verdict'];

function forestFigure(title: string, rows: readonly ComparisonRow[]): Markup {
  const marks = rows.flatMap((row) => forestRowOf(row) ?? []);
  const share = (value: number | null): string => (value === null ? '–' : signedShare(value));
  return chartFigure({
    title,
    note: 'Each line is the interval of a change, the mark its estimate; the shaded band holds the differences that do not matter. A change counts only if its whole line is outside the band. Arrows point to what is beyond the axis.',
    draw: (width) =>
      forestPlot(
        marks,
        width,
        `${title}: forest plot of ${formatCountOf(marks.length, 'metric')}; the table below has the values`,
      ),
    headings: FOREST_HEADINGS,
    rows: rows
      .filter(({ kind }) => kind === 'ratio')
      .map((row) => [
        row.metric,
        share(row.changeShare),
        share(row.lowShare),
        share(row.highShare),
        percentWords(row.smallestDifferenceShare),
        row.verdict,
      ]),
  });
}

function forestHtml({ rows, candidate, base }: Comparison): Markup {
  const gating = rows.filter(({ role, kind }) => role === 'gating' && kind === 'ratio');
  if (gating.length === 0) return markup`<p>No metric with an interval was declared to decide.</p>`;
  return forestFigure(`Change from ${base.name} to ${candidate.name}`, gating);
}

function ratiosHtml(comparison: Comparison): Markup {
  const { rows, runs, method } = comparison;
  if (method !== 'paired')
    return markup`<p>The runs were not measured in pairs, so there are no ratios within pairs.</p>`;
  const gating = rows.filter(({ role, ratios, kind }) => role === 'gating' && kind === 'ratio' && ratios.length > 0);
  if (gating.length === 0) return markup`<p>No pair has a ratio of a metric that decides.</p>`;
  return markup`<div class="charts">${gating.map((row) => ratioFigure(row, runs))}</div>`;
}

function ratioFigure(row: ComparisonRow, runs: Comparison['runs']): Markup {
  const series = ratioSeries(row, runs);
  return chartFigure({
    title: row.metric,
    note: `${row.better} is better; dashed: the estimate; shaded: differences of up to ${percentWords(row.smallestDifferenceShare)}, which do not matter`,
    width: HALF,
    draw: (width) => ratioPlot(series, width, `Ratio of ${row.metric} by pair; the table below has the values`),
    headings: ['pair', 'candidate / base'],
    rows: series.points.map(({ pair, ratio }) => [pair, ratio.toPrecision(5)]),
  });
}

/**
 * The ratios with the numbers of their pairs. A row keeps only pairs that were measured; where valid pairs without a
 * figure are missing as well, which ones is not known, and the rest is counted on.
 */
function ratioSeries(row: ComparisonRow, { planned, dropped }: Comparison['runs']): RatioSeries {
  const without = new Set(dropped.map(({ pair }) => pair));
  const valid = Array.from({ length: planned }, (_, i) => i + 1).filter((pair) => !without.has(pair));
  const isKnown = row.missing === 0 && valid.length === row.ratios.length;
  const reasons = new Map(dropped.map(({ pair, side, reason }) => [pair, `${side}: ${reason}`]));
  return {
    points: row.ratios.map((ratio, i) => ({ pair: (isKnown ? valid[i] : undefined) ?? i + 1, ratio })),
    dropped: isKnown ? [...reasons].map(([pair, reason]) => ({ pair, reason })) : [],
    pairs: planned,
    changeShare: row.changeShare,
    smallestDifferenceShare: row.smallestDifferenceShare,
    tone: TONE_OF_VERDICT[row.verdict],
  };
}

const LATENCY_TITLES = {
  delivery: 'Delivery to phones that were online',
  acknowledgement: 'Acknowledgement (✓)',
} as const;

function latencySections({ latencyCurves, base, candidate, method }: Comparison): PageSection[] {
  const title = 'Latency by percentile';
  if (latencyCurves.length === 0) {
    const why =
      method === 'paired'
        ? 'No run of both sides has a histogram of its latencies.'
        : 'Stored results are compared without their histograms.';
    return [{ id: 'latency', title, html: markup`<p>${why}</p>` }];
  }
  const figures = latencyCurves.map((curve) =>
    chartFigure({
      title: LATENCY_TITLES[curve.latency],
      note: `From the intended time, all valid runs of each side together: ${formatCount(curve.baseCount)} and ${formatCount(curve.candidateCount)} samples. Where a percentile has fewer than ten samples above it nothing is drawn.`,
      width: HALF,
      draw: (width) =>
        latencyCurvesPlot(
          {
            percents: curve.percents,
            curves: [
              { name: base.name, micros: curve.baseMicros },
              { name: candidate.name, micros: curve.candidateMicros },
            ],
          },
          width,
          `${curve.latency} latency by percentile of ${base.name} and ${candidate.name}; the table below has the values`,
        ),
      headings: ['percentile', base.name, candidate.name],
      rows: curve.percents.map((percent, i) => [
        `p${percent}`,
        microsWords(curve.baseMicros[i] ?? null),
        microsWords(curve.candidateMicros[i] ?? null),
      ]),
    }),
  );
  return [{ id: 'latency', title, html: markup`<div class="charts">${figures}</div>` }];
}

function microsWords(micros: number | null): string {
  return micros === null ? 'not measured' : formatMicros(micros);
}

function runsHtml(comparison: Comparison): Markup {
  const { runs, environmentDifferences, scenarioDifferences, method } = comparison;
  const dropped =
    runs.dropped.length === 0
      ? markup`<p>No run was dropped.</p>`
      : table(
          'Dropped runs',
          [method === 'paired' ? 'pair' : 'run', 'side', 'reason'],
          runs.dropped.map(({ pair, side, reason }) => [pair, side, reason]),
          ['side', 'reason'],
        );
  return markup`${sentenceList(comparisonNotes(comparison))}
<h3>Dropped by a guard, each with its pair</h3>
${dropped}
<h3>What the candidate changes in the scenario</h3>
${differencesHtml(scenarioDifferences, 'Nothing: the scenarios are the same.')}
<h3>Differences between the environments</h3>
${differencesHtml(environmentDifferences, 'None was found.')}`;
}

function differencesHtml(differences: Comparison['scenarioDifferences'], none: string): Markup {
  if (differences.length === 0) return markup`<p>${none}</p>`;
  return table(
    'Differences',
    ['name', 'values'],
    differences.map(({ name, values }) => [name, values.join(' against ')]),
    ['values'],
  );
}

function describedHtml({ rows, confidence }: Comparison): Markup {
  const described = rows.filter(({ role }) => role === 'descriptive');
  if (described.length === 0) return markup`<p>None was measured.</p>`;
  const title = 'Metrics that only describe';
  return markup`<details class="more"><summary>${formatCountOf(described.length, 'metric')}, each with an interval of at least ${confidenceWords(confidence)}; they decide nothing</summary>
${comparisonRowsTable(title, COMPARISON_HEADINGS, described)}
${forestFigure(title, described)}
</details>`;
}
