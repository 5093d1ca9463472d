/**
 * The area at the bottom of a terminal in which a live view redraws its lines, with permanent lines above it. It writes
 * only what has changed, in one piece, and never more lines than the terminal has: nothing scrolls or flickers.
 *
 * Between two frames the cursor stands at the start of the area. A terminal that changes its size wraps lines anew and
 * moves the cursor with the line that it is on, and the program is told later. How many rows the area takes by then is
 * not known, but everything from the cursor on is the area.
 */
import { createLogUpdate } from 'log-update';
import { printable } from '../../report/text/printable.ts';
import type { TerminalSize } from './terminal-size.ts';

/** For a terminal that does not say its size. */
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 };
/**
 * Erases from the cursor on, which stands in the first column. It starts one cell further right: tmux copies a screen
 * that is erased from its first cell on to the lines that can be scrolled back to.
 */
const ERASE_BELOW = '\u001b[C\u001b[J\r\u001b[K';
/**
 * Without wrapping, each line takes one row, also in a terminal that has become narrower than this program knows, so
 * that the way back to the start of the area is always its number of lines.
 */
const WRAPPING_OFF = '\u001b[?7l';
const WRAPPING_ON = '\u001b[?7h';

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

  /**
   * What lines may take. The last column stays empty: the cursor does not leave it, and log-update erases from the
   * cursor to the end of a line that it has written.
   */
  get size(): TerminalSize {
    const { columns, rows } = this.#stream;
    return { columns: Math.max(1, (columns || DEFAULT_SIZE.columns) - 1), rows: rows || DEFAULT_SIZE.rows };
  }

  /** @param lines as many as fit the size with a row to spare, and no wider. */
  draw(lines: readonly string[]): void {
    if (lines.length === this.#lines.length && lines.every((line, n) => line === this.#lines[n])) return;
    if (lines.length === 0) this.#erase();
    else this.#show(lines);
  }

  /** Writes permanent lines above the area, without control characters. */
  say(text: string, paint: (line: string) => string): void {
    const lines = this.#lines;
    this.#erase();
    for (const line of text.split('\n')) this.#stream.write(`${paint(printable(line))}\n`);
    if (lines.length > 0) this.#show(lines);
  }

  /** Removes the area. It may be called more than once. */
  close(): void {
    this.#stream.off('resize', this.#onResize);
    process.off('exit', this.#restore);
    this.#erase();
  }

  /**
   * log-update leaves the cursor on the row below the lines that it wrote, and expects it there. Version 7.2 compares
   * frames from both ends: where a line is added or removed, it does not move the equal lines below.
   */
  #show(lines: readonly string[]): void {
    this.#stream.cork();
    if (lines.length !== this.#lines.length) this.#erase();
    this.#stream.write(WRAPPING_OFF + '\n'.repeat(this.#lines.length));
    this.#update(lines.join('\n'));
    this.#stream.write(`\u001b[${lines.length}A${WRAPPING_ON}`);
    this.#stream.uncork();
    this.#lines = lines;
  }

  #erase(): void {
    if (this.#lines.length > 0) this.#stream.write(ERASE_BELOW);
    this.#update.done();
    this.#lines = [];
  }

  #resized(): void {
    this.#erase();
    this.#redraw();
  }
}
