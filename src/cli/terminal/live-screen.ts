/**
 * The area at the bottom of a terminal in which a live view redraws its lines, with permanent lines above it. It writes
 * only what has changed, in one piece, and never more lines than the terminal has: nothing scrolls or flickers.
 */
import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import { cellsOf, printable } from './styled-line.ts';
import type { TerminalSize } from './terminal-size.ts';

/** For a terminal that does not say its size. */
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 };
const ERASE_AND_UP = '\u001b[2K\u001b[1A';

export class LiveScreen {
  readonly #stream: NodeJS.WriteStream;
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #onResize = (): void => this.#resized();
  readonly #restore = (): void => this.close();
  readonly #redraw: () => void;
  #lines: readonly string[] = [];

  /** @param redraw is called after the size of the terminal has changed. */
  constructor(stream: NodeJS.WriteStream, redraw: () => void) {
    this.#stream = stream;
    this.#redraw = redraw;
    this.#update = createLogUpdate(stream, { showCursor: true }); // there is nothing to restore if the process is killed
    stream.on('resize', this.#onResize);
    process.on('exit', this.#restore);
  }

  get size(): TerminalSize {
    const { columns, rows } = this.#stream;
    return { columns: columns || DEFAULT_SIZE.columns, rows: rows || DEFAULT_SIZE.rows };
  }

  /** @param lines as many as fit the size, and no wider. */
  draw(lines: readonly string[]): void {
    if (lines.length > 0 && lines.length === this.#lines.length && lines.every((line, n) => line === this.#lines[n]))
      return;
    this.#show(lines);
  }

  #show(lines: readonly string[]): void {
    this.#lines = lines;
    if (lines.length === 0) this.#update.clear();
    else this.#update(lines.join('\n'));
  }

  /** Writes permanent lines above the area, without control characters. */
  say(text: string, paint: (line: string) => string): void {
    this.#update.clear();
    for (const line of text.split('\n')) this.#stream.write(`${paint(printable(line))}\n`);
    this.#show(this.#lines);
  }

  /** Removes the area. It may be called more than once. */
  close(): void {
    this.#stream.off('resize', this.#onResize);
    process.off('exit', this.#restore);
    this.#update.clear();
    this.#update.done();
  }

  /** A terminal that became narrower has wrapped the lines, so that they take more rows than were written. */
  #resized(): void {
    const { columns } = this.size;
    const rows = this.#lines.map((line) => Math.max(1, Math.ceil(cellsOf(stripVTControlCharacters(line)) / columns)));
    const wrapped = rows.reduce((sum, count) => sum + count - 1, 0);
    this.#stream.write(ERASE_AND_UP.repeat(wrapped));
    this.#update.clear();
    this.#lines = [];
    this.#redraw();
  }
}
