/** Tables of a page. Every chart has one, folded, for readers who cannot see the chart or want its values. */
import { type Markup, type MarkupValue, markup } from './markup.ts';
import { unbroken } from './unbroken.ts';

/** A single figure with its unit, such as `12.0 ms` or `>268 s`. */
const FIGURE_WITH_UNIT = /^[<>~−+-]?\d[\d.,]*[kMG]? \S{1,5}$/;

/**
 * A table whose first column is the heading of its row; the other columns are right-aligned.
 *
 * @param proseHeadings headings of the columns that hold sentences, which are left-aligned.
 */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly MarkupValue[])[],
  proseHeadings: readonly string[] = [],
): Markup {
  const isProse = headings.map((heading) => proseHeadings.includes(heading));
  const head = headings.map((heading, i) =>
    isProse[i] ? markup`<th scope="col" class="text">${heading}</th>` : markup`<th scope="col">${heading}</th>`,
  );
  const body = rows.map(([first = '', ...cells]) => {
    const rest = cells.map((cell, i) =>
      isProse[i + 1] ? markup`<td class="text">${cell}</td>` : markup`<td>${figureCell(cell)}</td>`,
    );
    return markup`<tr><th scope="row">${first}</th>${rest}</tr>
`;
  });
  return markup`<div class="table" role="region" aria-label="Table: ${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

/** A figure and its unit stay on one line, however narrow the page is. */
function figureCell(cell: MarkupValue): MarkupValue {
  return typeof cell === 'string' && FIGURE_WITH_UNIT.test(cell) ? unbroken(cell) : cell;
}

/** A longer table of a chart is not printed: the page says where its values are. */
const PRINTED_ROWS_MAX = 12;

/** The table of a chart, folded. @param title the title of the chart. */
export function chartTable(
  title: string,
  headings: readonly string[],
  rows: readonly (readonly MarkupValue[])[],
): Markup {
  const length = rows.length > PRINTED_ROWS_MAX ? ' long' : '';
  return markup`<details class="values${length}"><summary>Table: ${title}</summary>
${table(title, headings, rows)}</details>`;
}
