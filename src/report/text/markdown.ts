/** Writes Markdown as GitHub reads it. */
import { printable, printableLines } from './printable.ts';

/** A space without width: GitHub then neither links nor notifies, and a reader sees no difference. */
const NO_LINK = '&#8203;';

/**
 * What begins a heading, a list, a rule or a line below a heading (CommonMark 0.31, 4 and 5), at the start of a line.
 */
const BEGINS_BLOCK = /^(\d{1,9}(?=[.)](?: |$))|(?=#{1,6}(?: |$)|[+-](?: |$)|[=-]+ *$))/;

/**
 * One line, in which all characters with a meaning in blocks, tables, HTML, emphasis or formulas are escaped. A name of
 * a user or team is not notified, and no issue, pull request or address is linked.
 */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\|*_`[\]~$]/g, '\\$&')
    .replace(/^ /, '&#32;')
    .replace(BEGINS_BLOCK, '$1\\')
    .replace(/@(?=[a-z\d])|#(?=\d)|\bGH-(?=\d)|:(?=\/\/)|\bwww(?=\.)/gi, `$&${NO_LINK}`);
}

/** Text for a terminal as a block of code. No line of it ends the block: its fence is longer than any in the text. */
export function markdownBlock(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, printableLines(text.trimEnd()), fence].join('\n');
}

/** A number with or without a sign and a unit, or nothing in its place. */
const FIGURE = /^([<>~≥≤+−-]? ?\d|–?$)/;

/** A table. Cells are escaped. Columns of figures are right-aligned, except the first. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const isFigures = (column: number): boolean =>
    column > 0 && rows.filter((cells) => FIGURE.test(cells[column] ?? '')).length * 2 > rows.length;
  const rule = `|${headings.map((_, i) => (isFigures(i) ? '---:' : '---')).join('|')}|`;
  return [line(headings), rule, ...rows.map(line)];
}
