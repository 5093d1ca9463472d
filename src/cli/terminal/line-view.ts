/** Progress of a run as permanent lines: one per phase and per interval, for pipes, logs and dumb terminals. */
import type { Palette } from '../../report/text/palette.ts';
import { printable, printableLines } from '../../report/text/printable.ts';
import { progressLine } from '../../report/text/progress-line.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import type { RunView } from './run-view.ts';

export class LineView implements RunView {
  readonly #stream: NodeJS.WritableStream;
  readonly #palette: Palette;
  readonly #isSimulated: boolean;

  constructor(stream: NodeJS.WritableStream, palette: Palette, isSimulated: boolean) {
    this.#stream = stream;
    this.#palette = palette;
    this.#isSimulated = isSimulated;
  }

  phase(name: string, detail: string): void {
    this.#say(`${this.#palette.strong(name.padEnd(10))}${printable(detail)}`);
  }

  interval(interval: Interval): void {
    this.#say(progressLine(interval, this.#isSimulated));
  }

  reading(): void {
    // the summary has the memory of all levels
  }

  calibrated(): void {
    // the summary has it, too
  }

  event(): void {
    // phases are printed when they begin, and the report has the rest
  }

  ending(): void {
    // the note says it
  }

  note(text: string): void {
    this.#say(this.#palette.warning(printableLines(text)));
  }

  close(): void {
    // every line is complete
  }

  #say(line: string): void {
    this.#stream.write(`${line}\n`);
  }
}
