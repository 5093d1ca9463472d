/** One line of a terminal that is rewritten, lines above it that stay; elsewhere all are lines that stay. */
const ERASE_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 100;

export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  #hasLine = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Writes a line that stays. */
  say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Shows a line in the place of the last one. @param paint colours what fits. */
  show(line: string, paint: (text: string) => string): void {
    if (!this.#stream.isTTY) {
      this.#stream.write(`${line}\n`);
      return;
    }
    const columns = this.#stream.columns || DEFAULT_COLUMNS;
    this.#stream.write(`${ERASE_LINE}${paint(line.slice(0, columns - 1))}`);
    this.#hasLine = true;
  }

  /** Leaves the cursor at the start of an empty line. */
  clear(): void {
    if (this.#hasLine) this.#stream.write(ERASE_LINE);
    this.#hasLine = false;
  }
}
