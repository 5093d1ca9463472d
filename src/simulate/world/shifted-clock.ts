/** The clock of all shards, or of all lanes: that of the world, and what it is ahead by since its jumps. */
import type { Clock } from '../../base/clock.ts';

export class ShiftedClock implements Clock {
  readonly #clock: Clock;
  #aheadMicros = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMicros(): number {
    return this.#clock.nowMicros() + this.#aheadMicros;
  }

  tell(into: Float64Array): void {
    into[0] = this.nowMicros();
  }

  /** Jumps ahead. A clock of a run is monotonic (measure/monotonic-clock.ts), so none jumps back. */
  jump(micros: number): void {
    this.#aheadMicros += micros;
  }
}
