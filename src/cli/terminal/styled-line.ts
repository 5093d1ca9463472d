/**
 * Lines for a terminal: pieces of text, each with a colour, that are cut to a width. The width is counted so that it is
 * never too small: a line that is one cell too long would wrap, and the terminal would scroll.
 */
import { printable } from '../../report/text/printable.ts';

/** One piece of a line. */
export interface Piece {
  readonly text: string;
  /** Adds the colour; without it the piece is plain. */
  readonly paint?: (text: string) => string;
}

export type StyledLine = readonly Piece[];

const ELLIPSIS = '…';
/** Most texts: looking at each of their characters would be most of the cost of a frame. */
const PLAIN_ASCII = /^[ -~]*$/;
/** Scripts from here on may need two cells per character; Latin, Greek and Cyrillic need one. */
const WIDE_FROM = 0x1100;
/** Characters above that bound that this program writes itself, all of one cell. */
const NARROW = new Set('…–—−≤≥✓✗↑↓→█▉▊▋▌▍▎▏▁▂▃▄▅▆▇─│•');

/** At most this many cells are needed for the text. A character whose width is not certain counts as two. */
export function cellsOf(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

/** The line as text with colours, at most `columns` cells wide; what does not fit is replaced by an ellipsis. */
export function fitLine(line: StyledLine, columns: number): string {
  const whole = line.map(({ text }) => printable(text));
  const isFitting = whole.reduce((sum, text) => sum + cellsOf(text), 0) <= columns;
  let left = isFitting ? columns : columns - 1;
  let fitted = '';
  for (const [n, piece] of line.entries()) {
    const { paint = same } = piece;
    const kept = isFitting ? (whole[n] ?? '') : firstCells(whole[n] ?? '', left);
    if (kept !== '') fitted += paint(kept);
    left -= cellsOf(kept);
    if (kept !== whole[n]) break;
  }
  return isFitting || columns < 1 ? fitted : fitted + ELLIPSIS;
}

function firstCells(text: string, cells: number): string {
  let kept = '';
  let left = cells;
  for (const character of text) {
    left -= cellsOfCharacter(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}

function cellsOfCharacter(character: string): number {
  return (character.codePointAt(0) ?? 0) < WIDE_FROM || NARROW.has(character) ? 1 : 2;
}

const same = (text: string): string => text;
