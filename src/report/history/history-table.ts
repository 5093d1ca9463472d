/** A history as a table: one line per result, with its commit and a mark where a figure changed. */

import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import type { ChangeHistory, MetricHistory } from '../../analysis/history/history-schema.ts';
import { columns } from '../text/columns.ts';
import { escapeMarkdown, markdownBlock, markdownTable } from '../text/markdown.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { printableOutcome } from '../text/printable.ts';
import { historyText } from './history-text.ts';

const COMMIT_DIGITS = 12;
/** Marks the first result of a new level. */
const CHANGED = ' *';

interface Group {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Empty if there is no valid result. */
export function historyTable(history: ChangeHistory, palette: Palette): string {
  const lines = groupsOf(history).flatMap(({ title, headings, rows }) => [
    palette.strong(title),
    ...columns([headings, ...rows]),
    '',
  ]);
  return lines.length === 0 ? '' : [...lines, palette.faint('*  a figure changed here')].join('\n');
}

export function historyMarkdown(history: ChangeHistory): string {
  const sections = groupsOf(history).flatMap(({ title, headings, rows }) => [
    `## ${escapeMarkdown(title)}`,
    '',
    ...markdownTable(headings, rows),
    '',
  ]);
  return [...sections, markdownBlock(historyText(printableOutcome(history), PLAIN)), ''].join('\n');
}

function groupsOf({ histories }: ChangeHistory): Group[] {
  const groups = new Map<string, MetricHistory[]>();
  for (const one of histories) {
    const title = `${one.scenario} (${one.scenarioHash.slice(0, COMMIT_DIGITS)}) on ${one.machineClass}`;
    groups.set(title, [...(groups.get(title) ?? []), one]);
  }
  return [...groups].map(([title, metrics]) => ({
    title,
    headings: ['started', 'commit', ...metrics.map(({ metric }) => metric)],
    rows: rowsOf(metrics),
  }));
}

function rowsOf(metrics: readonly MetricHistory[]): string[][] {
  const points = new Map(metrics.flatMap((metric) => metric.points.map((point) => [point.resultId, point] as const)));
  const cells = metrics.map(({ points: own, changes, unit }) => {
    const changed = new Set(changes.map(({ at }) => at.resultId));
    return new Map(
      own.map(({ resultId, value }) => [
        resultId,
        `${formatFigure(value, unit)}${changed.has(resultId) ? CHANGED : ''}`,
      ]),
    );
  });
  return [...points.values()]
    .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .map(({ resultId, startedAt, commit }) => [
      startedAt,
      commit?.slice(0, COMMIT_DIGITS) ?? '–',
      ...cells.map((column) => column.get(resultId) ?? '–'),
    ]);
}
