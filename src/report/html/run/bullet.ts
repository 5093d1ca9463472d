/** A figure against its limit, as a small picture: a bar that ends at the figure, and a line at the limit. */
import { type Markup, markup } from '../markup.ts';
import { fixed } from '../svg-plot.ts';

const WIDTH = 120;
const HEIGHT = 14;
/** Where the limit stands, so that a figure beyond it has room. */
const LIMIT_AT = 80;
/** Where a limit of 0 stands. */
const ZERO_AT = 1;

/** @param tone class of the bar. */
export function bullet(figure: number | null, limit: number | null, tone: 'good' | 'bad' | 'warning'): Markup {
  const at = figure === null || limit === null ? null : barEnd(figure, limit);
  const bar =
    at === null ? null : markup`<rect class="bar ${tone}" x="0" y="4" width="${fixed(at)}" height="${HEIGHT - 8}"/>`;
  const limitAt = limit === 0 ? ZERO_AT : LIMIT_AT;
  const mark =
    limit === null ? null : markup`<line class="limit-mark" x1="${limitAt}" x2="${limitAt}" y1="0" y2="${HEIGHT}"/>`;
  return markup`<svg class="bullet" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true"><rect class="track" x="0" y="4" width="${WIDTH}" height="${HEIGHT - 8}"/>${bar}${mark}</svg>`;
}

/**
 * Proportional up to the limit and half as far beyond it; beyond a limit of 0 there is no measure, so the bar is full.
 */
export function barEnd(figure: number, limit: number): number {
  if (limit === 0) return figure === 0 ? 0 : WIDTH;
  return Math.min(WIDTH, Math.max(0, (figure / limit) * LIMIT_AT));
}
