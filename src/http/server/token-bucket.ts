/**
 * A token bucket: admits `rate` requests per second on average, and `burst` at once after a pause. Time is passed in. A
 * clock that goes back adds nothing.
 */
export class TokenBucket {
  readonly #ratePerMicro: number;
  readonly #burst: number;
  #tokens: number;
  #atMicros: number;

  /** @param ratePerSecond above 0. @param burst at least 1. */
  constructor(ratePerSecond: number, burst: number, nowMicros: number) {
    this.#ratePerMicro = ratePerSecond / 1e6;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMicros = nowMicros;
  }

  /** Takes a token. @returns false if there is none. */
  take(nowMicros: number): boolean {
    this.#fill(nowMicros);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Whole seconds until there is a token again, at least 1: what Retry-After says. */
  retryAfterSeconds(): number {
    const micros = Math.max(0, 1 - this.#tokens) / this.#ratePerMicro;
    return Math.max(1, Math.ceil(micros / 1e6));
  }

  #fill(nowMicros: number): void {
    const passed = Math.max(0, nowMicros - this.#atMicros);
    this.#atMicros = Math.max(nowMicros, this.#atMicros);
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#ratePerMicro);
  }
}
