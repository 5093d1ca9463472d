/** Writes Markdown as GitHub reads it. */

/** A space without width: GitHub then neither links nor notifies, and a reader sees no difference. */
const NO_LINK = '&#8203;';

/**
 * Escapes all characters with a meaning in tables, HTML, emphasis or formulas. A name of a user or team is not notified,
 * and no issue, pull request or address is linked.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\|*_`[\]~$]/g, '\\$&')
    .replace(/@(?=[a-z\d])|#(?=\d)|\bGH-(?=\d)|:(?=\/\/)|\bwww(?=\.)/gi, `$&${NO_LINK}`);
}

/** A table. Cells are escaped; the first column is left-aligned, the others right-aligned. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `|${headings.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`;
  return [line(headings), rule, ...rows.map(line)];
}
