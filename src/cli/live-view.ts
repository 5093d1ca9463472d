/** Progress on stderr: a line that is rewritten on a terminal, one line an interval elsewhere. */

import type { Palette } from '../report/palette.ts';
import { progressLine } from '../report/progress.ts';
import type { RunListener } from '../run/execute-run.ts';

const ERASE_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 100;

export class LiveView implements RunListener {
  readonly #stream: NodeJS.WriteStream;
  readonly #palette: Palette;
  readonly #isSimulated: boolean;
  #hasLine = false;

  constructor(stream: NodeJS.WriteStream, palette: Palette, isSimulated: boolean) {
    this.#stream = stream;
    this.#palette = palette;
    this.#isSimulated = isSimulated;
  }

  phase(name: string, detail: string): void {
    this.#clear();
    this.#stream.write(`${this.#palette.strong(name.padEnd(10))}${detail}\n`);
  }

  interval(figures: Parameters<typeof progressLine>[0]): void {
    const line = progressLine(figures, this.#isSimulated);
    if (!this.#stream.isTTY) {
      this.#stream.write(`${line}\n`);
      return;
    }
    const columns = this.#stream.columns || DEFAULT_COLUMNS;
    this.#stream.write(`${ERASE_LINE}${this.#palette.faint(line.slice(0, columns - 1))}`);
    this.#hasLine = true;
  }

  note(text: string): void {
    this.#clear();
    this.#stream.write(`${this.#palette.warning(text)}\n`);
  }

  /** Leaves the cursor at the start of an empty line. */
  close(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#hasLine) this.#stream.write(ERASE_LINE);
    this.#hasLine = false;
  }
}

/** For `--quiet`: says nothing. */
export const SILENT: RunListener = { phase: () => {}, interval: () => {} };
