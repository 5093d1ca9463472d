/**
 * The requests that wait for an answer of the switch, by handle of the gateway. A request ends with the answer, or
 * after a time without one; an answer that comes later finds nobody. There are at most as many as the gateway has
 * handles.
 */
import type { GatewayListener, Located } from '../../switch/gateway.ts';

export type Outcome =
  | { readonly kind: 'answered'; readonly code: number }
  | { readonly kind: 'located'; readonly found: Located }
  /** Nobody will answer. */
  | { readonly kind: 'given up' }
  | { readonly kind: 'late' };

interface Waiting {
  readonly untilMicros: number;
  readonly done: (outcome: Outcome) => void;
}

const LATE: Outcome = { kind: 'late' };
const GIVEN_UP: Outcome = { kind: 'given up' };

export class OpenAnswers implements GatewayListener {
  readonly #waiting = new Map<number, Waiting>();
  readonly #waitMicros: number;

  /** @param waitMicros for how long a request waits. */
  constructor(waitMicros: number) {
    this.#waitMicros = waitMicros;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls `done` once with the outcome of a handle. */
  wait(handle: number, nowMicros: number, done: (outcome: Outcome) => void): void {
    this.#waiting.set(handle, { untilMicros: nowMicros + this.#waitMicros, done });
  }

  /** Ends the requests whose time is over. All wait equally long, so the oldest come first. */
  expire(nowMicros: number): void {
    for (const [handle, { untilMicros }] of this.#waiting) {
      if (untilMicros > nowMicros) return;
      this.#finish(handle, LATE);
    }
  }

  answered(handle: number, code: number): void {
    this.#finish(handle, { kind: 'answered', code });
  }

  located(handle: number, found: Located): void {
    this.#finish(handle, { kind: 'located', found });
  }

  givenUp(handle: number): void {
    this.#finish(handle, GIVEN_UP);
  }

  #finish(handle: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(handle);
    if (waiting === undefined) return;
    this.#waiting.delete(handle);
    waiting.done(outcome);
  }
}
