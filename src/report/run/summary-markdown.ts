/** A result as Markdown: its verdict, every figure that can be compared, and its guards. */
import { formatFigure, formatFound } from '../../analysis/comparison/format-figure.ts';
import { RESULT_METRICS } from '../../analysis/comparison/result-metrics.ts';
import { guardReason } from '../../analysis/comparison/usable-pairs.ts';
import { asPublished } from '../../result/as-published.ts';
import type { Result } from '../../result/result-schema.ts';
import { escapeMarkdown, markdownBlock, markdownTable } from '../text/markdown.ts';
import { ownWords } from '../text/published-words.ts';
import { latencyNotes } from './lines/latency-lines.ts';
import { TOGETHER_NOTE, wakingNote } from './lines/processor-lines.ts';
import { timelineLines } from './lines/timeline-lines.ts';

export function summaryMarkdown(result: Result): string {
  const { scenario, environment, validity, thresholds } = result;
  const failed = thresholds.filter(({ passed }) => !passed).length;
  const verdict = validity.isValid
    ? `Valid; ${thresholds.length - failed} of ${thresholds.length} thresholds passed.`
    : `Not valid, do not quote these figures: ${guardReason(result)}.`;
  const simulated = scenario.isSimulated ? ', simulated: phones are rows in memory, no kernel sockets' : '';
  const figures = RESULT_METRICS.flatMap((metric) => {
    const value = metric.read(result);
    const bound = metric.lowerBound(result);
    const reason = bound === null ? metric.whyNone(result) : `>${formatFigure(bound, metric.unit)}`;
    if (value === null) return reason === null ? [] : [[metric.name, reason, metric.about]];
    return [[metric.name, formatFigure(value, metric.unit), metric.about]];
  });
  return [
    `## trunkline ${escapeMarkdown(scenario.name)}`,
    '',
    `**${escapeMarkdown(verdict)}**`,
    '',
    `- transport ${escapeMarkdown(scenario.transport)}${simulated}`,
    `- ${escapeMarkdown(`${result.id}, started ${result.startedAt}, commit ${environment.commit ?? 'unknown'}`)}`,
    `- ${escapeMarkdown(`${environment.machineClass}, Node ${environment.node}`)}`,
    '',
    ...timelineBlock(result),
    ...markdownTable(['metric', 'figure', 'what it is'], figures),
    '',
    ...publishedTable(result),
    ...[...latencyNotes(result.latency), ...processorNotes(result)].map((note) => `- ${escapeMarkdown(note)}`),
    '',
    ...guardTable(validity.guards),
    ...(thresholds.length === 0 ? [] : ['', ...thresholdTable(thresholds)]),
    '',
  ].join('\n');
}

/** As a block of text, in which characters are of one width and spaces are kept. */
function timelineBlock({ series }: Result): string[] {
  const lines = timelineLines(series);
  return lines.length === 0 ? [] : [markdownBlock(lines.join('\n')), ''];
}

/** Published figures that the scenario quotes, beside the run's. */
function publishedTable(result: Result): string[] {
  const rows = asPublished(result).map((row) => [row.figure, ownWords(row), row.source]);
  return rows.length === 0 ? [] : [...markdownTable(['published', 'here', 'source'], rows), ''];
}

function processorNotes(result: Result): string[] {
  const notes = [...(result.cpu.bothMicrosPerMessage === null ? [] : [TOGETHER_NOTE]), ...wakingNote(result)];
  return notes.map((note) => `processor time per message: ${note}`);
}

function guardTable(guards: Result['validity']['guards']): string[] {
  if (guards.length === 0) return ['The run ended before any guard could be judged.'];
  const rows = guards.map(({ name, verdict, sentence }) => [name, verdict, sentence]);
  return markdownTable(['guard', 'verdict', 'found'], rows);
}

function thresholdTable(thresholds: Result['thresholds']): string[] {
  return markdownTable(
    ['threshold', 'found', 'passed'],
    thresholds.map((threshold) => [
      `${threshold.metric} ${threshold.expression}`,
      formatFound(threshold),
      threshold.passed ? 'yes' : 'no',
    ]),
  );
}
