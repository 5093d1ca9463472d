/** A comparison as text: the sentence, what was compared, and one row per metric. */
import type { Comparison, ComparisonRow } from '../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import type { DifferenceVerdict } from '../../analysis/comparison/difference-verdict.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import { COMPARISON_HEADINGS, comparisonCells, comparisonNotes, descriptiveRows } from './comparison-cells.ts';
import { RATIOS_TITLE, ratioLines } from './ratio-lines.ts';

export function comparisonTable(comparison: Comparison, palette: Palette): string {
  const { rows, gatingConfidence, confidence } = comparison;
  const gating = rows.filter((row) => row.role === 'gating');
  const described = descriptiveRows(comparison);
  const section = (title: string, those: readonly ComparisonRow[]): string[][] =>
    those.length === 0
      ? []
      : [
          [palette.strong(title), ...COMPARISON_HEADINGS.slice(1).map(() => '')],
          ...those.map((row) => cells(row, palette)),
        ];
  return [
    colour(comparison.verdict, palette)(comparison.sentence),
    ...comparisonNotes(comparison).map(palette.faint),
    '',
    ...columns([
      [...COMPARISON_HEADINGS],
      ...section(`decide (${confidenceWords(gatingConfidence)} or more each)`, gating),
      ...section(`describe (${confidenceWords(confidence)} or more each, decide nothing)`, described),
    ]),
    ...ratiosText(comparison, palette),
  ].join('\n');
}

function ratiosText(comparison: Comparison, palette: Palette): string[] {
  const lines = ratioLines(comparison).map(({ metric, line, range }) => [metric, line, range]);
  return lines.length === 0 ? [] : ['', palette.strong(RATIOS_TITLE), ...columns(lines)];
}

function cells(row: ComparisonRow, palette: Palette): string[] {
  const plain = comparisonCells(row);
  return [...plain.slice(0, -1), colour(row.verdict, palette)(plain.at(-1) ?? '')];
}

function colour(verdict: DifferenceVerdict, palette: Palette): (text: string) => string {
  switch (verdict) {
    case 'improved':
      return palette.good;
    case 'regressed':
    case 'invalid':
      return palette.bad;
    case 'inconclusive':
      return palette.warning;
    default:
      return palette.faint;
  }
}
