/** A comparison as Markdown, for pull requests and reports in a repository. */
import type { Comparison, ComparisonRow } from '../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import { COMPARISON_HEADINGS, comparisonCells, comparisonNotes, descriptiveRows } from './comparison-cells.ts';
import { RATIOS_TITLE, ratioLines } from './ratio-lines.ts';

export function comparisonMarkdown(comparison: Comparison): string {
  const { rows, gatingConfidence, confidence } = comparison;
  const section = (title: string, those: readonly ComparisonRow[]): string[] =>
    those.length === 0 ? [] : ['', title, '', ...markdownTable(COMPARISON_HEADINGS, those.map(comparisonCells))];
  return [
    `**${escapeMarkdown(comparison.sentence)}**`,
    '',
    ...comparisonNotes(comparison).map((note) => `- ${escapeMarkdown(note)}`),
    ...section(
      `Metrics that decide, each with an interval of at least ${confidenceWords(gatingConfidence)}:`,
      rows.filter((row) => row.role === 'gating'),
    ),
    ...ratiosMarkdown(comparison),
    ...section(
      `Metrics that only describe, each with an interval of at least ${confidenceWords(confidence)}:`,
      descriptiveRows(comparison),
    ),
    '',
  ].join('\n');
}

function ratiosMarkdown(comparison: Comparison): string[] {
  const lines = ratioLines(comparison).map(
    ({ metric, line, range }) => `- \`${line}\` ${range}, ${escapeMarkdown(metric)}`,
  );
  return lines.length === 0 ? [] : ['', `${RATIOS_TITLE}:`, '', ...lines];
}
