/**
 * A status line: on a terminal that can erase the last line is rewritten and permanent lines appear above it; otherwise
 * all lines are permanent.
 */
import { printable, printableLines } from '../../report/text/printable.ts';

const ERASE_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 100;

const asItIs = (text: string): string => text;

export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #isRewritten: boolean;
  #hasLine = false;

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.#stream = stream;
    this.#isRewritten = stream.isTTY && environment['TERM'] !== 'dumb';
  }

  /** Writes permanent lines, without control characters. @param paint applies colours to them. */
  say(text: string, paint: (text: string) => string = asItIs): void {
    this.clear();
    this.#stream.write(`${paint(printableLines(text))}\n`);
  }

  /** Replaces the status line. @param paint applies colours to the part that fits. */
  show(text: string, paint: (text: string) => string): void {
    const line = printable(text);
    if (!this.#isRewritten) {
      this.#stream.write(`${line}\n`);
      return;
    }
    const columns = this.#stream.columns || DEFAULT_COLUMNS;
    this.#stream.write(`${ERASE_LINE}${paint(line.slice(0, columns - 1))}`);
    this.#hasLine = true;
  }

  /** Removes the status line; leaves the cursor at the start of an empty line. */
  clear(): void {
    if (this.#hasLine) this.#stream.write(ERASE_LINE);
    this.#hasLine = false;
  }
}
