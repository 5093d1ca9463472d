/** How the progress of a series is shown: on a terminal by a live view, elsewhere by lines. */
import { printableLines } from '../../report/text/printable.ts';
import type { Interruption } from './interruption.ts';
import { RunPace } from './run-pace.ts';
import type { SeriesProgress } from './series-frame.ts';
import { type SeriesView, SILENT_SERIES } from './series-view.ts';
import { hasLiveArea, processTerminal, type Terminal } from './terminal.ts';
import { formatSeconds } from './time-left.ts';
import { ViewClock } from './view-clock.ts';

/**
 * Shows a series. Call `close` at the end. What redraws a terminal is loaded only where there is one.
 * @param name of the command.
 */
export async function openSeriesView(
  name: string,
  isQuiet: boolean,
  interruption: Interruption,
  terminal: Terminal = processTerminal(),
): Promise<SeriesView> {
  if (isQuiet) return SILENT_SERIES;
  if (!hasLiveArea(terminal)) return new SeriesLines(terminal.output);
  const { LiveSeriesView } = await import('./live-series-view.ts');
  return new LiveSeriesView(name, interruption, terminal);
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
    const seconds = this.#pace.seriesLeftSeconds(progress, nowSeconds, nowSeconds);
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
