/** Progress of a run on stderr: on a terminal a line that is rewritten, otherwise one line per interval. */
import type { Palette } from '../../report/text/palette.ts';
import { progressLine } from '../../report/text/progress.ts';
import type { RunListener } from '../../run/phases/execute-run.ts';
import { StatusLine } from './status-line.ts';

export class LiveView implements RunListener {
  readonly #line: StatusLine;
  readonly #palette: Palette;
  readonly #isSimulated: boolean;

  constructor(stream: NodeJS.WriteStream, palette: Palette, isSimulated: boolean) {
    this.#line = new StatusLine(stream);
    this.#palette = palette;
    this.#isSimulated = isSimulated;
  }

  phase(name: string, detail: string): void {
    this.#line.say(`${this.#palette.strong(name.padEnd(10))}${detail}`);
  }

  interval(figures: Parameters<typeof progressLine>[0]): void {
    this.#line.show(progressLine(figures, this.#isSimulated), this.#palette.faint);
  }

  /** Phases are printed when they begin, and an early end is part of the report. */
  event(): void {}

  note(text: string): void {
    this.#line.say(this.#palette.warning(text));
  }

  /** Leaves the cursor at the start of an empty line. */
  close(): void {
    this.#line.clear();
  }
}

/** For `--quiet`: prints nothing. */
export const SILENT: RunListener = { phase: () => {}, interval: () => {}, event: () => {} };
