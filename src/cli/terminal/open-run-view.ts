/**
 * The live view of a run: on a terminal a frame that is redrawn a few times per second, with keys to pause the load and
 * to end the run; elsewhere lines.
 */
import type { Palette } from '../../report/text/palette.ts';
import type { RunEvent } from '../../result/series-schema.ts';
import type { PauseRequests } from '../../run/phases/control/pause-requests.ts';
import type { RunOrder } from '../../run/phases/order/run-order.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { sendDelayMicrosMax } from '../../verdict/guards/driver-guards.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';
import type { Interruption } from './interruption.ts';
import { LineView } from './line-view.ts';
import { liveFrame } from './live-frame.ts';
import { type LivePlan, LiveRun } from './live-run.ts';
import { LiveScreen } from './live-screen.ts';
import type { RunView } from './run-view.ts';
import { hasLiveArea, processTerminal, type Terminal } from './terminal.ts';
import { TerminalKeys } from './terminal-keys.ts';
import { terminalPalette } from './terminal-palette.ts';
import { plannedPhases } from './time-left.ts';

/** What the keys ask for. */
export interface KeyRequests {
  /** `p`: pauses the load, or resumes it. */
  readonly pauses: PauseRequests;
  /** `q`: ends the run early, with a partial result. */
  readonly interruption: Interruption;
}

/** Between two redraws: time is shown in seconds, and figures change once per interval. */
const REDRAW_MILLIS = 500;
const KEYS = 'p pauses, q quits';
const PAUSABLE: readonly (PhaseName | null)[] = ['ramp', 'settle', 'measure'];

/** Shows a run on the terminal of this process as well as that can show it. Call `close` at the end. */
export function openRunView(order: RunOrder, requests: KeyRequests, terminal: Terminal = processTerminal()): RunView {
  const { output, environment } = terminal;
  const palette = terminalPalette(output, environment);
  const plan = livePlan(order);
  if (hasLiveArea(terminal)) return new LiveView(plan, requests, terminal, palette);
  const view = new LineView(output, palette, plan.isSimulated);
  if (plan.step !== null) view.phase('step', plan.step);
  return view;
}

class LiveView implements RunView {
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

function livePlan({ scenario, plan, step, targets }: RunOrder): LivePlan {
  const { transport, traffic } = plan.settings;
  return {
    scenario: scenario.name,
    step: step === null ? null : `${step.number} of ${step.of}: ${step.name}`,
    transport,
    isSimulated: TRANSPORTS[transport].isSimulated,
    losesPackets: plan.settings.network !== null,
    messagesPerSecond: traffic.rate,
    sendDelayMicrosMax: sendDelayMicrosMax(scenario.thresholds),
    threads: plan.shape.lanes + (targets === null ? plan.shape.shards : 0),
    ...plannedPhases(plan.settings, plan.online),
  };
}
