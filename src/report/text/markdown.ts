/** Writes Markdown as GitHub reads it. */

/** A space without width: GitHub then neither links nor notifies, and a reader sees no difference. */
const NO_LINK = '&#8203;';

/** Control characters: a terminal that shows the Markdown would obey them. */
const CONTROL = /(?!\t)\p{Cc}/gu;

/**
 * Escapes all characters with a meaning in tables, HTML, emphasis or formulas. A name of a user or team is not notified,
 * and no issue, pull request or address is linked.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(CONTROL, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\|*_`[\]~$]/g, '\\$&')
    .replace(/@(?=[a-z\d])|#(?=\d)|\bGH-(?=\d)|:(?=\/\/)|\bwww(?=\.)/gi, `$&${NO_LINK}`);
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
