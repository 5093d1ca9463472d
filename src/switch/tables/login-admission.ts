/**
 * How many logins a shard admits per second: a token bucket, of which only the time is kept at which all tokens that
 * were taken will have been refilled (the generic cell rate algorithm, ITU-T I.371). It also tells each login that it
 * refuses when to come back: every refusal takes the next token that nobody was promised, so the phones that wait
 * return one by one, as fast as the bucket fills, and not at once. A promise is no reservation, because the bucket
 * cannot know who returns: a login that comes in between takes a token, and a phone that finds none waits again.
 */
import type { Clock } from '../../base/clock.ts';

const MICROS_PER_SECOND = 1e6;
const MICROS_PER_MILLI = 1000;
/** Sums of times are inexact: a token that is short of so much is whole. */
const ROUNDING_MICROS = 1e-3;
/** Longest pause: what the field of LOGIN_RESULT holds. */
const PAUSE_MILLIS_MAX = 2 ** 32 - 1;

export interface LoginAdmissionSettings {
  readonly perSecond: number;
  /** Logins that are admitted at once after a pause, at least 1. */
  readonly burst: number;
}

export class LoginAdmission {
  readonly #clock: Clock;
  readonly #tokenMicros: number;
  readonly #burstMicros: number;
  readonly #nowMicros = new Float64Array(1);
  /**
   * In an array: doubles in fields may be allocated on the heap. The time by which all taken tokens have been refilled
   * …
   */
  readonly #refilledMicros = Float64Array.of(Number.NEGATIVE_INFINITY);
  /** … and the time of the last token that was promised. */
  readonly #promisedMicros = Float64Array.of(Number.NEGATIVE_INFINITY);
  #isTold = false;

  constructor(clock: Clock, { perSecond, burst }: LoginAdmissionSettings) {
    this.#clock = clock;
    this.#tokenMicros = MICROS_PER_SECOND / perSecond;
    this.#burstMicros = (burst - 1) * this.#tokenMicros;
  }

  /** The clock is read again before the next login: once per turn is enough. */
  beginTurn(): void {
    this.#isTold = false;
  }

  /** Whether a login may be admitted now. */
  admits(): boolean {
    if (!this.#isTold) this.#clock.tell(this.#nowMicros);
    this.#isTold = true;
    return (this.#refilledMicros[0] as number) - this.#burstMicros <= (this.#nowMicros[0] as number) + ROUNDING_MICROS; // single places, here and below
  }

  /** Takes a token, after {@link admits} has said that there is one. */
  take(): void {
    this.#refilledMicros[0] =
      Math.max(this.#refilledMicros[0] as number, this.#nowMicros[0] as number) + this.#tokenMicros;
  }

  /** Promises the next token to a login that was refused. @returns milliseconds until then, at least 1. */
  pauseMillis(): number {
    const nowMicros = this.#nowMicros[0] as number;
    const nextMicros = Math.max(nowMicros, (this.#refilledMicros[0] as number) - this.#burstMicros);
    this.#promisedMicros[0] = Math.max(nextMicros, (this.#promisedMicros[0] as number) + this.#tokenMicros);
    const pauseMillis = Math.ceil((this.#promisedMicros[0] - nowMicros) / MICROS_PER_MILLI);
    return Math.min(PAUSE_MILLIS_MAX, Math.max(1, pauseMillis));
  }
}
