/** The table of metrics for users and programs: the names that thresholds, limits, rules and comparisons accept. */
import { METRICS, type MetricEntry, type MetricUnit } from '../../scenario/terms/metrics.ts';
import { aggregationsOf } from '../../scenario/threshold.ts';
import { markdownTable } from '../text/markdown.ts';
import type { Palette } from '../text/palette.ts';

const UNITS: Readonly<Record<MetricUnit, string>> = {
  bytes: 'B',
  micros: 'µs',
  perSecond: '1/s',
  count: 'number',
  ratio: 'ratio',
};
const HEADINGS = ['metric', 'aggregations', 'unit', 'better', 'about'];
const CLOSING = [
  'In a scenario:    thresholds: { latency.delivery: p(99)<5ms }',
  "As a limit:       --limit 'latency.delivery: p(99)<5ms'",
  'In gate rules:    latency.delivery p(99) < 5ms, or latency.delivery p(99) within 10%',
  "As an option:     --metric 'latency.delivery p(99)'; rate and value may be omitted",
];

function rows(): string[][] {
  return Object.entries<MetricEntry>(METRICS).map(([name, entry]) => [
    name,
    aggregationsOf(entry).join(' '),
    UNITS[entry.unit],
    entry.kind === 'exact' ? '0' : entry.better,
    entry.about,
  ]);
}

/** One line per metric, and how a metric is written in each context. */
export function metricsText(palette: Palette): string {
  const all = [HEADINGS, ...rows()];
  const widths = HEADINGS.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [headings = '', ...others] = lines;
  return [palette.strong(headings), ...others, '', ...CLOSING].join('\n');
}

export function metricsMarkdown(): string {
  return markdownTable(HEADINGS, rows()).join('\n');
}

/** `{name, aggregations, unit, better, kind, smallestDifferenceShare, about}` per metric. */
export function metricsJson(): string {
  const metrics = Object.entries<MetricEntry>(METRICS).map(([name, entry]) => ({
    name,
    aggregations: aggregationsOf(entry),
    unit: entry.unit,
    better: entry.better,
    kind: entry.kind,
    smallestDifferenceShare: entry.smallestDifferenceShare,
    about: entry.about,
  }));
  return `${JSON.stringify({ metrics }, null, 1)}\n`;
}
