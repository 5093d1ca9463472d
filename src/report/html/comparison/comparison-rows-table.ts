/** Rows of a comparison as cells and marks of a page. */
import type { ComparisonRow } from '../../../analysis/comparison/comparison-schema.ts';
import { percentWords } from '../../../analysis/comparison/comparison-sentences.ts';
import { verdictWords } from '../../../analysis/comparison/difference-verdict.ts';
import { comparisonCells, signedShare } from '../../comparison/comparison-cells.ts';
import { table } from '../chart-table.ts';
import { type Markup, type MarkupValue, markup } from '../markup.ts';
import { TONE_OF_VERDICT, TONE_TEXT_CLASS } from '../svg/tone.ts';
import { unbroken } from '../unbroken.ts';
import type { ForestRow } from './forest-plot.ts';

/** Stands for a change that the runs do not show; it never means that there is none. */
const UNDETECTED = '~';

/** Whether the interval excludes "no difference". */
function isDetected({ lowShare, highShare }: ComparisonRow): boolean {
  return (lowShare ?? 0) > 0 || (highShare ?? 0) < 0;
}

/** The table of some rows: the columns of every comparison, with `~` where no change was detected. */
export function comparisonRowsTable(
  caption: string,
  headings: readonly string[],
  rows: readonly ComparisonRow[],
): Markup {
  return table(caption, headings, rows.map(rowCells), ['verdict']);
}

function rowCells(row: ComparisonRow): MarkupValue[] {
  const [metric = '', base = '', candidate = '', change = '', interval = '', floor = '', n = ''] = comparisonCells(row);
  const isUndetected = row.changeShare !== null && row.lowShare !== null && !isDetected(row);
  return [
    markup`${metric}<br><small class="note">${row.about}; ${row.better} is better</small>`,
    unbroken(base),
    unbroken(candidate),
    isUndetected ? markup`<span title="no change was detected">${UNDETECTED}</span>` : unbroken(change),
    unbroken(interval),
    unbroken(floor),
    n,
    verdictCell(row),
  ];
}

/** The verdict, and where no change was detected the smallest one that would have been. */
function verdictCell(row: ComparisonRow): Markup {
  const className = TONE_TEXT_CLASS[TONE_OF_VERDICT[row.verdict]];
  const notes = [...precision(row), ...(row.gateRefusal === null ? [] : [`does not gate: ${row.gateRefusal}`])];
  return markup`<strong class="${className}">${verdictWords(row.verdict, row.lean)}</strong>${notes.map((note) => markup`<br><small class="note">${note}</small>`)}`;
}

function precision(row: ComparisonRow): string[] {
  if (row.verdict === 'equivalent')
    return [`within ${percentWords(row.smallestDifferenceShare).replace(' ', '\u00a0')}`];
  const isUnknown = row.lowShare === null || row.smallestDetectableShare === null;
  if (row.verdict !== 'inconclusive' || isDetected(row) || isUnknown) return [];
  return [
    `not detected at this precision (smallest detectable about ${percentWords(row.smallestDetectableShare ?? 0)})`,
  ];
}

/** A row for the forest plot; null for a count, which is equal or not. */
export function forestRowOf(row: ComparisonRow): ForestRow | null {
  if (row.kind === 'exact') return null;
  const { changeShare, lowShare, highShare, smallestDifferenceShare } = row;
  return {
    label: row.metric,
    note: `${row.better} is better`,
    changeShare,
    lowShare,
    highShare,
    smallestDifferenceShare,
    tone: TONE_OF_VERDICT[row.verdict],
    figure: changeWithInterval(row),
    verdict: verdictWords(row.verdict, row.lean),
  };
}

/** `+2.0 % (+1.1 … +2.9 %)`. */
export function changeWithInterval({
  changeShare,
  lowShare,
  highShare,
}: Pick<ComparisonRow, 'changeShare' | 'lowShare' | 'highShare'>): string {
  if (changeShare === null) return 'no figure';
  if (lowShare === null || highShare === null) return signedShare(changeShare);
  return `${signedShare(changeShare)} (${signedShare(lowShare).replace(' %', '')} … ${signedShare(highShare)})`;
}
