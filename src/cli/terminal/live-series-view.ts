/** The progress of a series on a terminal: a frame below permanent lines, with `q` to interrupt it. */
import { PLAIN } from '../../report/text/palette.ts';
import type { Interruption } from './interruption.ts';
import { LiveScreen } from './live-screen.ts';
import { RunPace } from './run-pace.ts';
import { type SeriesProgress, seriesFrame } from './series-frame.ts';
import type { SeriesView } from './series-view.ts';
import type { Terminal } from './terminal.ts';
import { TerminalKeys } from './terminal-keys.ts';
import { terminalPalette } from './terminal-palette.ts';
import { ViewClock } from './view-clock.ts';

/** The time that passes is all that changes between two runs. */
const REDRAW_MILLIS = 500;

export class LiveSeriesView implements SeriesView {
  readonly #name: string;
  readonly #clock = new ViewClock();
  readonly #pace = new RunPace();
  readonly #palette: ReturnType<typeof terminalPalette>;
  readonly #screen: LiveScreen;
  readonly #keys: TerminalKeys | null;
  readonly #timer: NodeJS.Timeout;
  #progress: SeriesProgress | null = null;
  #startSeconds = 0;

  constructor(name: string, interruption: Interruption, { input, output, environment }: Terminal) {
    this.#name = name;
    this.#palette = terminalPalette(output, environment);
    this.#screen = new LiveScreen(output, () => this.#draw());
    this.#keys = TerminalKeys.open(input, (key) => {
      if (key === 'q') interruption.request();
    });
    this.#timer = setInterval(() => this.#draw(), REDRAW_MILLIS);
    this.#timer.unref();
  }

  note(text: string): void {
    this.#screen.say(text, PLAIN.strong);
  }

  starts(progress: SeriesProgress): void {
    this.#progress = progress;
    this.#startSeconds = this.#clock.now();
    this.#pace.follow(progress, this.#startSeconds);
    this.#draw();
  }

  rest(): void {
    this.#pace.end(this.#clock.now());
    this.#progress = null;
    this.#screen.draw([]);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#keys?.close();
    this.#screen.close();
  }

  #draw(): void {
    const progress = this.#progress;
    if (progress === null) return;
    const now = this.#clock.now();
    const leftSeconds = this.#pace.seriesLeftSeconds(progress, this.#startSeconds, now);
    const times = { runSeconds: now - this.#startSeconds, leftSeconds };
    const keys = this.#keys === null ? '' : 'q ends the series; what has run is kept';
    this.#screen.draw(seriesFrame(this.#name, progress, times, this.#screen.size, this.#palette, keys));
  }
}
