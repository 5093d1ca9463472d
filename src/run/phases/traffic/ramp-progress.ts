/**
 * Whether a ramp makes progress. A new maximum of online phones is progress, and so is a phone that gives up
 * permanently. Phones that only reconnect are not, since a server that accepts and drops connections would keep a ramp
 * going forever. Both counts are bounded by the number of phones, so a ramp ends whatever the server does.
 */
import { formatCount } from '../../../base/units.ts';
import type { ScenarioSettings } from '../../../scenario/scenario-schema.ts';

/** A ramp may be without progress for this time, however short the time-outs of logins are. */
const STUCK_MICROS_MIN = 30e6;
/** Time for another attempt, when the phone has waited for it. */
const ATTEMPT_MICROS = 15e6;

/**
 * A ramp without progress for this time has ended. The answer to the only login that is missing may be lost, and the
 * phone tries again when its time-out and its wait are over.
 */
export function stuckMicros({ timeout, backoff, retry, retryMax }: ScenarioSettings['login']): number {
  const waitMicros = backoff === 'none' ? retry : Math.max(retry, retryMax);
  return Math.max(STUCK_MICROS_MIN, timeout + waitMicros + ATTEMPT_MICROS);
}

export class RampProgress {
  readonly #stuckMicros: number;
  #heldMax = -1;
  #givenUpMax = -1;
  #progressMicros = 0;

  /** @param micros how long the ramp may be without progress; see {@link stuckMicros}. */
  constructor(micros: number) {
    this.#stuckMicros = micros;
  }

  /**
   * Records the current state of the ramp.
   * @returns a sentence with the figure, the limit and what to check if the ramp is stuck; otherwise null.
   */
  note(held: number, givenUp: number, nowMicros: number): string | null {
    if (held > this.#heldMax || givenUp > this.#givenUpMax) {
      this.#heldMax = Math.max(held, this.#heldMax);
      this.#givenUpMax = Math.max(givenUp, this.#givenUpMax);
      this.#progressMicros = nowMicros;
    }
    const micros = nowMicros - this.#progressMicros;
    if (micros <= this.#stuckMicros) return null;
    const seconds = `${(micros / 1e6).toFixed(1)} s, at most ${(this.#stuckMicros / 1e6).toFixed(0)} s`;
    const online =
      held < this.#heldMax ? `, and now ${formatCount(held)} are: connections end as fast as they begin` : '';
    return `no more than ${formatCount(this.#heldMax)} phones were online at once, and none gave up, for ${seconds}${online}`;
  }
}
