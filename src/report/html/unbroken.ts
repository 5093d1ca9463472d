/** Text of a table cell that stays on one line: a figure with its unit, an interval. */
import { type Markup, markup } from './markup.ts';

export function unbroken(text: string): Markup {
  return markup`<span class="unbroken">${text}</span>`;
}
