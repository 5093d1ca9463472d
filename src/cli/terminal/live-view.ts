/** The live view of a run: a frame on a terminal that is redrawn, with keys to pause the load and to end the run. */
import type { Palette } from '../../report/text/palette.ts';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';
import { liveFrame } from './live-frame.ts';
import { type LivePlan, LiveRun } from './live-run.ts';
import { LiveScreen } from './live-screen.ts';
import type { KeyRequests, RunView } from './run-view.ts';
import type { Terminal } from './terminal.ts';
import { TerminalKeys } from './terminal-keys.ts';

/** Between two redraws: time is shown in seconds, and figures change once per interval. */
const REDRAW_MILLIS = 500;
const KEYS = 'p pauses, q quits';
const PAUSABLE: readonly (PhaseName | null)[] = ['ramp', 'settle', 'measure'];

export class LiveView implements RunView {
  readonly #run: LiveRun;
  readonly #palette: Palette;
  readonly #screen: LiveScreen;
  readonly #keys: TerminalKeys | null;
  readonly #timer: NodeJS.Timeout;
  readonly #startMillis = performance.now();

  constructor(plan: LivePlan, requests: KeyRequests, { input, output }: Terminal, palette: Palette) {
    this.#run = new LiveRun(plan);
    this.#palette = palette;
    this.#screen = new LiveScreen(output, () => this.#draw());
    this.#keys = TerminalKeys.open(input, (key) => this.#pressed(key, requests));
    this.#timer = setInterval(() => this.#draw(), REDRAW_MILLIS);
    this.#timer.unref();
    this.#draw();
  }

  phase(name: PhaseName, detail: string): void {
    this.#run.enter(name, detail, this.#seconds());
    this.#draw();
  }

  /** Drawn with the next redraw: intervals may be shorter than that. */
  interval(interval: Interval): void {
    this.#run.add(interval);
  }

  calibrated(messagesPerSecond: number): void {
    this.#run.driverMessagesPerSecond = messagesPerSecond;
  }

  reading(reading: MemoryReading): void {
    this.#run.read(reading);
  }

  /** Events are times of a run; a pause also stops its clock. */
  event({ name, detail }: RunEvent): void {
    if (name === 'paused' || name === 'resumed') this.#run.setPaused(name === 'paused', this.#seconds());
    if (name !== 'phase') this.#run.note(`${name}: ${detail}`, this.#seconds());
    this.#draw();
  }

  note(text: string): void {
    this.#screen.say(text, this.#palette.warning);
  }

  ending(): void {
    this.#run.isEnding = true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#keys?.close();
    this.#screen.close();
  }

  #pressed(key: string, { pauses, interruption }: KeyRequests): void {
    if (key === 'q') interruption.request();
    if (key !== 'p') return;
    if (PAUSABLE.includes(this.#run.phase)) pauses.request();
    else this.#run.note('there is no load to pause now', this.#seconds());
  }

  #draw(): void {
    const keys = this.#keys === null ? '' : KEYS;
    this.#screen.draw(liveFrame(this.#run, this.#seconds(), this.#screen.size, this.#palette, keys));
  }

  #seconds(): number {
    return (performance.now() - this.#startMillis) / 1000;
  }
}
