/**
 * What a live view knows about a run: the plan, the phase it is in, the latest interval and the last events. It is
 * plain bookkeeping with times passed in, so that a frame can be drawn from it without a terminal or a clock.
 */
import type { Interval } from '../../verdict/record/interval.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';
import type { PlannedPhases } from './time-left.ts';

/** What is known before the run starts. */
export interface LivePlan extends PlannedPhases {
  readonly scenario: string;
  /** Such as `2 of 4: tcp`; null if the run is not a step of a series. */
  readonly step: string | null;
  readonly transport: string;
  readonly isSimulated: boolean;
  /** Whether networks of the run throw packets away, so that segments are sent again as intended. */
  readonly losesPackets: boolean;
  /** Shards and lanes of the run. An interval lists only the first of many. */
  readonly threads: number;
  /** That all phones together intend to send. */
  readonly messagesPerSecond: number;
  /** The limit of the guard on late sends. */
  readonly sendDelayMicrosMax: number;
}

export interface LiveEvent {
  /** Seconds since the view began. */
  readonly atSeconds: number;
  readonly text: string;
}

/** Events that are kept; older ones are dropped. */
const EVENTS_MAX = 20;

export class LiveRun {
  readonly plan: LivePlan;
  readonly events: LiveEvent[] = [];
  phase: PhaseName | null = null;
  interval: Interval | null = null;
  /** First and latest reading of memory at rest. */
  firstReading: MemoryReading | null = null;
  lastReading: MemoryReading | null = null;
  /** Messages per second of the driver against a switch that only answers; null if it was not calibrated. */
  driverMessagesPerSecond: number | null = null;
  /** Whether the run was asked to end early. */
  isEnding = false;
  /** Messages acknowledged in the intervals of the measurement. */
  measuredMessages = 0;
  #phaseStartSeconds = 0;
  /** Seconds of this phase, and of the run, in which the load was paused before now. */
  #pausedInPhase = 0;
  #pausedBefore = 0;
  #pausedAtSeconds: number | null = null;

  constructor(plan: LivePlan) {
    this.plan = plan;
  }

  get isPaused(): boolean {
    return this.#pausedAtSeconds !== null;
  }

  enter(phase: PhaseName, detail: string, nowSeconds: number): void {
    if (phase !== this.phase) {
      this.phase = phase;
      this.#phaseStartSeconds = nowSeconds;
      this.#pausedInPhase = 0;
    }
    this.note(detail === '' ? phase : `${phase}: ${detail}`, nowSeconds);
  }

  add(interval: Interval): void {
    this.interval = interval;
    if (interval.phase === 'measure') this.measuredMessages += interval.messagesPerSecond * interval.seconds;
  }

  read(reading: MemoryReading): void {
    this.firstReading ??= reading;
    this.lastReading = reading;
  }

  note(text: string, nowSeconds: number): void {
    this.events.push({ atSeconds: nowSeconds, text });
    if (this.events.length > EVENTS_MAX) this.events.shift();
  }

  setPaused(isPaused: boolean, nowSeconds: number): void {
    if (isPaused === this.isPaused) return;
    if (this.#pausedAtSeconds !== null) {
      const seconds = nowSeconds - this.#pausedAtSeconds;
      this.#pausedInPhase += seconds;
      this.#pausedBefore += seconds;
    }
    this.#pausedAtSeconds = isPaused ? nowSeconds : null;
  }

  /** Seconds in which the load was paused, in the whole run. */
  pausedSeconds(nowSeconds: number): number {
    return this.#pausedBefore + this.#currentPause(nowSeconds);
  }

  /** Seconds of the current phase without pauses. */
  phaseSeconds(nowSeconds: number): number {
    return nowSeconds - this.#phaseStartSeconds - this.#pausedInPhase - this.#currentPause(nowSeconds);
  }

  #currentPause(nowSeconds: number): number {
    return this.#pausedAtSeconds === null ? 0 : nowSeconds - this.#pausedAtSeconds;
  }
}
