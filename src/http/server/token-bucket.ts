/**
 * A token bucket: admits `rate` requests per second on average, and `burst` at once after a pause. Time is passed in. A
 * clock that goes back adds nothing.
 */
const TOKEN_MILLIONTHS = 1e6;

export class TokenBucket {
  readonly #ratePerSecond: number;
  readonly #burstMillionths: number;
  /** Millionths of a token: at a whole rate, a microsecond brings a whole number of them, so that none is lost. */
  #millionths: number;
  #atMicros: number;

  /** @param ratePerSecond above 0. @param burst at least 1. */
  constructor(ratePerSecond: number, burst: number, nowMicros: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burstMillionths = burst * TOKEN_MILLIONTHS;
    this.#millionths = this.#burstMillionths;
    this.#atMicros = nowMicros;
  }

  /** Takes a token. @returns false if there is none. */
  take(nowMicros: number): boolean {
    this.#fill(nowMicros);
    if (this.#millionths < TOKEN_MILLIONTHS) return false;
    this.#millionths -= TOKEN_MILLIONTHS;
    return true;
  }

  /** Whole seconds until there is a token again, at least 1: what Retry-After says. */
  retryAfterSeconds(): number {
    const micros = Math.max(0, TOKEN_MILLIONTHS - this.#millionths) / this.#ratePerSecond;
    return Math.max(1, Math.ceil(micros / 1e6));
  }

  #fill(nowMicros: number): void {
    const passed = Math.max(0, nowMicros - this.#atMicros);
    this.#atMicros = Math.max(nowMicros, this.#atMicros);
    this.#millionths = Math.min(this.#burstMillionths, this.#millionths + passed * this.#ratePerSecond);
  }
}
