/** A chart in its place on a page: caption, picture, how to read it, and the table with its values. */
import { chartTable } from '../chart-table.ts';
import { type Markup, type MarkupValue, markup } from '../markup.ts';
import { responsivePicture } from './picture.ts';
import { WIDE } from './svg.ts';

export interface ChartFigure {
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  /** Draws the chart in a width, as SVG. */
  readonly draw: (width: number) => string;
  /** Its width where it is not on a phone; by default that of the page. */
  readonly width?: number;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly MarkupValue[])[];
}

export function chartFigure({ title, note, draw, width = WIDE, headings, rows }: ChartFigure): Markup {
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3></figcaption>
${responsivePicture(draw, width)}
<p class="note">${note}</p>
${chartTable(title, headings, rows)}
</figure>
`;
}
