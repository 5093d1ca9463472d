/** Writes Markdown as GitHub reads it. */

/** Escapes all characters with a meaning in tables, HTML or emphasis. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\|*_`[\]]/g, '\\$&');
}

/** A table. Cells are escaped; the first column is left-aligned, the others right-aligned. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `|${headings.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`;
  return [line(headings), rule, ...rows.map(line)];
}
