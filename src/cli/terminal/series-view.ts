/**
 * How the progress of a series is shown: on a terminal a frame below permanent lines, with `q` to interrupt it; elsewhere
 * lines alone.
 */
import { PLAIN } from '../../report/text/palette.ts';
import { printableLines } from '../../report/text/printable.ts';
import type { Interruption } from './interruption.ts';
import { LiveScreen } from './live-screen.ts';
import { RunPace } from './run-pace.ts';
import { type SeriesProgress, seriesFrame } from './series-frame.ts';
import { hasLiveArea, processTerminal, type Terminal } from './terminal.ts';
import { TerminalKeys } from './terminal-keys.ts';
import { terminalPalette } from './terminal-palette.ts';
import { formatSeconds } from './time-left.ts';

export interface SeriesView {
  /** Shows a permanent line. */
  note(text: string): void;
  /** A run starts, or a trial, or a phase before the first. */
  starts(progress: SeriesProgress): void;
  /** Shows nothing until the next run starts, so that something else can be printed. */
  rest(): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** The time that passes is all that changes between two runs. */
const REDRAW_MILLIS = 500;

/**
 * Shows a series. Call `close` at the end.
 * @param name of the command.
 */
export function openSeriesView(
  name: string,
  isQuiet: boolean,
  interruption: Interruption,
  terminal: Terminal = processTerminal(),
): SeriesView {
  if (isQuiet) return SILENT;
  return hasLiveArea(terminal) ? new LiveSeriesView(name, interruption, terminal) : new SeriesLines(terminal.output);
}

const nothing = (): void => {};
const SILENT: SeriesView = { note: nothing, starts: nothing, rest: nothing, close: nothing };

/** Seconds on a clock that starts with the view. */
class ViewClock {
  readonly #startMillis = performance.now();

  now(): number {
    return (performance.now() - this.#startMillis) / 1000;
  }
}

class SeriesLines implements SeriesView {
  readonly #stream: NodeJS.WritableStream;
  readonly #clock = new ViewClock();
  readonly #pace = new RunPace();
  /** The estimate that was shown last: not every run changes it. */
  #said = '';

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  note(text: string): void {
    this.#stream.write(`${printableLines(text)}\n`);
  }

  starts(progress: SeriesProgress): void {
    const { now, estimate } = progress;
    const nowSeconds = this.#clock.now();
    this.#pace.follow(progress, nowSeconds);
    const seconds = this.#pace.seriesSecondsLeft(progress, nowSeconds, nowSeconds);
    const said = estimate.map((line) => `so far: ${line}`).join('\n');
    if (said !== '' && said !== this.#said) this.note(said);
    this.#said = said;
    this.note(seconds === null ? now : `${now}, about ${formatSeconds(seconds)} left`);
  }

  rest(): void {
    this.#pace.end(this.#clock.now());
  }

  close(): void {
    // every line is complete
  }
}

class LiveSeriesView implements SeriesView {
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
    const secondsLeft = this.#pace.seriesSecondsLeft(progress, this.#startSeconds, now);
    const times = { runSeconds: now - this.#startSeconds, secondsLeft };
    const keys = this.#keys === null ? '' : 'q ends the series; what has run is kept';
    this.#screen.draw(seriesFrame(this.#name, progress, times, this.#screen.size, this.#palette, keys));
  }
}
