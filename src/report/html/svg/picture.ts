/** Drawings in a page, in the element whose style they need. */
import { Markup } from '../markup.ts';
import { NARROW } from './svg.ts';

/** A drawing that is small enough for a phone. @param drawn SVG. */
export function picture(drawn: string): Markup {
  return new Markup(`<div class="picture">${drawn}</div>`);
}

/**
 * A chart in two widths: for a wide screen and print, and for a phone, where a drawing that was only shrunk could not
 * be read. The style of the page shows one of them, and screen readers find only that one.
 *
 * @param draw the chart in a width, as SVG.
 * @param width where it is not a phone.
 */
export function responsivePicture(draw: (width: number) => string, width: number): Markup {
  return picture(`<div class="wide">${draw(width)}</div><div class="narrow">${draw(NARROW)}</div>`);
}
