/**
 * Whether a ramp makes progress. A new maximum of online phones is progress, and so is a phone that gives up
 * permanently. Phones that only reconnect are not, since a server that accepts and drops connections would keep a ramp
 * going forever. Both counts are bounded by the number of phones, so a ramp ends whatever the server does.
 */
import { formatCount } from '../../../base/units.ts';

/** A ramp without progress for this time has ended. */
export const STUCK_MICROS = 30e6;

export class RampProgress {
  #heldMax = -1;
  #givenUpMax = -1;
  #progressMicros = 0;

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
    if (micros <= STUCK_MICROS) return null;
    const seconds = `${(micros / 1e6).toFixed(1)} s, at most ${(STUCK_MICROS / 1e6).toFixed(0)} s`;
    const online =
      held < this.#heldMax ? `, and now ${formatCount(held)} are: connections end as fast as they begin` : '';
    return `no more than ${formatCount(this.#heldMax)} phones were online at once, and none gave up, for ${seconds}${online}`;
  }
}
