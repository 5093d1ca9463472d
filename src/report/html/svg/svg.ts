/**
 * SVG as text. Charts are drawn when the report is written, so that they print and need no script. Colours are classes
 * (`style/drawings.css`), since the page allows no style attributes. Every text and attribute is escaped here and
 * nowhere else.
 */
import { escapeXml, xmlAttributes } from '../../text/escape-xml.ts';

type Attributes = Readonly<Record<string, string | number>>;

/** Pixels of a chart across the page, of one of two side by side, and of one on a phone. */
export const WIDE = 860;
export const HALF = 600;
export const NARROW = 340;
/** Average width of a character of the charts' font, in pixels: 12 px sans-serif. */
const CHARACTER_WIDTH = 6.4;

export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  /** Read aloud in place of the drawing. */
  readonly label: string;
}

/** A drawing. */
export function drawing({ width, height, label }: ChartFrame, ...parts: readonly string[]): string {
  const attributes = { viewBox: `0 0 ${width} ${round(height)}`, width, height: round(height), role: 'img' };
  return `<svg${xmlAttributes({ ...attributes, 'aria-label': label })}>${parts.join('')}</svg>`;
}

/** An element; numbers are rounded to tenths of a pixel. @param inside SVG, escaped already. */
function shape(tag: string, attributes: Attributes, ...inside: readonly string[]): string {
  const rounded = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'number' ? round(value) : value]),
  );
  const start = `<${tag}${xmlAttributes(rounded)}`;
  return inside.length === 0 ? `${start}/>` : `${start}>${inside.join('')}</${tag}>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return shape('line', { class: className, x1, y1, x2, y2 });
}

/** A rectangle between two corners in any order. */
export function box(x1: number, y1: number, x2: number, y2: number, className: string, title?: string): string {
  const place = { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
  return shape('rect', { class: className, ...place }, ...titles(title));
}

export type Place = readonly [x: number, y: number];

/** A line through places; empty for fewer than two. */
export function path(places: readonly Place[], className: string): string {
  if (places.length < 2) return '';
  const points = places.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  return shape('polyline', { class: className, points });
}

export type Anchor = 'start' | 'middle' | 'end';

export function words(x: number, y: number, text: string, className = '', anchor: Anchor = 'start'): string {
  const attributes = { x, y, ...(anchor === 'start' ? {} : { 'text-anchor': anchor }) };
  return shape('text', { ...(className === '' ? {} : { class: className }), ...attributes }, escapeXml(text));
}

/** Text that is cut to a width, with the whole as its title. */
export function fittedWords(
  x: number,
  y: number,
  text: string,
  width: number,
  className = '',
  anchor: Anchor = 'start',
): string {
  const cut = fitted(text, width);
  if (cut === text) return words(x, y, text, className, anchor);
  return shape('g', {}, title(text), words(x, y, cut, className, anchor));
}

/** The text, or its start and an ellipsis if it is probably wider than `width` pixels. */
export function fitted(text: string, width: number): string {
  const most = Math.max(1, Math.floor(width / CHARACTER_WIDTH));
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** The probable width of a text, in pixels. */
export function widthOf(text: string): number {
  return [...text].length * CHARACTER_WIDTH;
}

export type MarkShape = 'circle' | 'ring' | 'cross' | 'diamond' | 'triangle' | 'square';

/** A mark for a figure: shapes tell marks apart where colours do not. */
export function mark(kind: MarkShape, x: number, y: number, radius: number, className: string, said?: string): string {
  const inside = titles(said);
  const r = radius;
  const polygon = (points: readonly Place[]): string =>
    shape(
      'polygon',
      { class: className, points: points.map(([dx, dy]) => `${round(x + dx)},${round(y + dy)}`).join(' ') },
      ...inside,
    );
  switch (kind) {
    case 'circle':
      return shape('circle', { class: className, cx: x, cy: y, r }, ...inside);
    case 'ring':
      return shape('circle', { class: `${className} hollow`, cx: x, cy: y, r }, ...inside);
    case 'cross': {
      const d = `M${round(x - r)} ${round(y - r)}l${round(2 * r)} ${round(2 * r)}m0 ${round(-2 * r)}l${round(-2 * r)} ${round(2 * r)}`;
      return shape('path', { class: `${className} stroke`, d }, ...inside);
    }
    case 'diamond':
      return polygon([
        [0, -r * 1.3],
        [r * 1.3, 0],
        [0, r * 1.3],
        [-r * 1.3, 0],
      ]);
    case 'triangle':
      return polygon([
        [0, -r * 1.2],
        [r * 1.1, r * 0.9],
        [-r * 1.1, r * 0.9],
      ]);
    case 'square':
      return shape('rect', { class: className, x: x - r, y: y - r, width: 2 * r, height: 2 * r }, ...inside);
  }
}

/** An arrow head at the end of an axis, for what lies beyond it. @param direction 1 to the right, −1 to the left. */
export function arrowHead(x: number, y: number, direction: 1 | -1, className: string): string {
  const back = x - direction * 7;
  return shape('polygon', {
    class: className,
    points: `${round(x)},${round(y)} ${round(back)},${round(y - 4)} ${round(back)},${round(y + 4)}`,
  });
}

/** A group with a title that a pointer shows. */
export function titled(text: string, ...parts: readonly string[]): string {
  return shape('g', {}, title(text), ...parts);
}

function title(text: string): string {
  return shape('title', {}, escapeXml(text));
}

function titles(text: string | undefined): string[] {
  return text === undefined ? [] : [title(text)];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
