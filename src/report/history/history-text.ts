/** A history as text: each change, where it is, and how large it is. */

import { changeWords } from '../../analysis/comparison/comparison-sentences.ts';
import { verdictWords } from '../../analysis/comparison/difference-verdict.ts';
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import type { ChangeHistory, HistoryChange, MetricHistory } from '../../analysis/history/history-schema.ts';
import { formatCountOf } from '../../base/units.ts';
import { signedShare } from '../comparison/comparison-cells.ts';
import type { Palette } from '../text/palette.ts';

/** Digits of a commit hash that are shown. */
const COMMIT_DIGITS = 12;

export function historyText(history: ChangeHistory, palette: Palette): string {
  const { histories, invalidResults, olderResults } = history;
  const left = [
    ...(invalidResults > 0 ? [`left out for not being valid: ${invalidResults}`] : []),
    ...(olderResults > 0 ? [`left out for being older than the longest series: ${olderResults}`] : []),
  ];
  const series = histories.filter(({ points }) => points.length > 0);
  if (series.length === 0) return ['No valid result measured any of the metrics.', ...left].join('\n');
  const groups = [...new Set(series.map(groupOf))];
  const lines = groups.flatMap((group) => [
    palette.strong(group),
    ...series.filter((one) => groupOf(one) === group).flatMap((one) => metricLines(one, palette)),
    '',
  ]);
  return [...lines, ...left].join('\n').trimEnd();
}

function groupOf({ scenario, scenarioHash, machineClass }: MetricHistory): string {
  return `${scenario} (${scenarioHash.slice(0, COMMIT_DIGITS)}) on ${machineClass}`;
}

function metricLines({ metric, unit, points, changes }: MetricHistory, palette: Palette): string[] {
  const count = `${formatCountOf(points.length, 'result')}`;
  if (changes.length === 0) return [`  ${metric}: no change detected in ${count}`];
  return [
    `  ${metric}: ${formatCountOf(changes.length, 'change')} in ${count}`,
    ...changes.map((change) => {
      const line = `    ${changeLine(change, (value) => formatFigure(value, unit))}`;
      if (change.verdict === 'regressed') return palette.bad(line);
      return change.verdict === 'improved' ? palette.good(line) : line;
    }),
  ];
}

function changeLine(change: HistoryChange, figure: (value: number) => string): string {
  const { at, after, before, now, changeShare, lowShare, highShare, verdict, lean } = change;
  const interval =
    lowShare === null || highShare === null ? '' : ` (${signedShare(lowShare)} … ${signedShare(highShare)})`;
  const commits =
    at.commit === null || at.commit === after.commit ? '' : `, commit ${at.commit.slice(0, COMMIT_DIGITS)}`;
  const size = before === 0 ? '' : `, ${changeWords(changeShare)}${interval}`;
  return `${at.startedAt} ${at.resultId}${commits}: ${figure(before)} to ${figure(now)}${size}: ${verdictWords(verdict, lean)}`;
}
