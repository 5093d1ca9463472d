/**
 * Pauses of the load: the driver offers nothing and keeps its connections, and phases wait. No limit of a phase counts
 * the time in which the load was paused, so that a phase has as much time with load as without pauses.
 */
import type { RunSides } from '../../sides/run-sides.ts';

/** Load that does not come from the lanes. */
export interface OtherLoad {
  pause(): void;
  /** What was not yet due before the pause is due later by its length. */
  resume(pausedMicros: number): void;
}

export class LoadPause {
  readonly #sides: RunSides;
  readonly #onChange: (isPaused: boolean) => void;
  readonly #other: OtherLoad | null;
  /** When the current pause began; null without one. */
  #startMicros: number | null = null;
  /** Length of the pauses that have ended. */
  #beforeMicros = 0;
  /** Commands reach the lanes in the order of the requests. */
  #commands: Promise<unknown> = Promise.resolve();

  /** @param onChange is called when a pause begins or ends. @param other is paused with the lanes. */
  constructor(sides: RunSides, onChange: (isPaused: boolean) => void, other: OtherLoad | null = null) {
    this.#sides = sides;
    this.#other = other;
    this.#onChange = onChange;
  }

  get isPaused(): boolean {
    return this.#startMicros !== null;
  }

  /** Length of all pauses so far, in microseconds. */
  get pausedMicros(): number {
    return this.#beforeMicros + this.#currentMicros();
  }

  /** Pauses the load, or resumes it. */
  toggle(): void {
    if (this.#startMicros === null) {
      this.#startMicros = this.#sides.clock.nowMicros();
      this.#command({ kind: 'pauseLoad' });
      this.#other?.pause();
      this.#onChange(true);
      return;
    }
    const pausedMicros = this.#currentMicros();
    this.#command({ kind: 'resumeLoad', pausedMicros });
    this.#other?.resume(pausedMicros);
    this.end();
  }

  /** Ends a pause without offering load again: the run has no more of it. */
  end(): void {
    if (this.#startMicros === null) return;
    this.#beforeMicros += this.#currentMicros();
    this.#startMicros = null;
    this.#onChange(false);
  }

  #currentMicros(): number {
    return this.#startMicros === null ? 0 : this.#sides.clock.nowMicros() - this.#startMicros;
  }

  #command(command: Parameters<RunSides['lanes']>[0]): void {
    // A lane that does not answer has failed, which the sides report themselves.
    this.#commands = this.#commands.then(() => this.#sides.lanes(command)).catch(() => {});
  }
}
