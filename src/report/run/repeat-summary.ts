/** Several runs of one scenario: the median and range of each figure. */
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import { DEFAULT_GATING_METRICS, metricNamed } from '../../analysis/comparison/result-metrics.ts';
import { firstReason, guardReason } from '../../analysis/comparison/usable-pairs.ts';
import { bareResult } from '../../result/bare-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { median } from '../../stats/quantiles.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import { printable, printableOutcome } from '../text/printable.ts';
import type { RunVerdict } from './run-verdict.ts';

/** @param path the folder of the results. */
export function repeatSummary(stored: readonly Result[], path: string, palette: Palette): string {
  const results = stored.map((result) => printableOutcome(bareResult(result)));
  const valid = results.filter(({ validity }) => validity.isValid);
  const isSimulated = results.some(({ scenario }) => scenario.isSimulated);
  const rows = DEFAULT_GATING_METRICS.map(metricNamed).map((metric) => {
    const values = valid.map((result) => metric.read(result)).filter((value) => value !== null);
    const figure = (value: number): string => formatFigure(value, metric.unit);
    if (values.length === 0) return [metric.name, firstReason(metric, valid) ?? 'not measured', '–', '–', '0'];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [metric.name, figure(median(values)), figure(low), figure(high), String(values.length)];
  });
  const { tone, sentence } = repeatVerdict(results);
  return [
    `${palette.strong(`trunkline ${results[0]?.scenario.name ?? ''}`)}${isSimulated ? ' · simulated: phones are rows in memory, no kernel sockets' : ''}`,
    palette[tone](sentence),
    ...results
      .filter(({ validity }) => !validity.isValid)
      .map((result) => palette.warning(`not valid, left out: ${result.id}: ${guardReason(result)}`)),
    '',
    ...columns([['metric', 'median', 'minimum', 'maximum', 'n'], ...rows]),
    '',
    `results      ${printable(path)}`,
  ].join('\n');
}

/** How many runs can be used, and whether they passed. */
export function repeatVerdict(results: readonly Result[]): RunVerdict {
  const valid = results.filter(({ validity }) => validity.isValid);
  const count = `${valid.length} of ${results.length} runs valid`;
  const failed = valid.filter(({ thresholds }) => thresholds.some(({ passed }) => !passed)).length;
  const judged = failed === 0 ? 'every threshold passed in them' : `a threshold failed in ${failed} of them`;
  return {
    tone: valid.length < results.length || failed > 0 ? 'bad' : 'good',
    sentence: `${count}${valid.length > 0 ? `, ${judged}` : ''}.`,
  };
}
