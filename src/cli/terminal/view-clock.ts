/** Seconds on a clock that starts with the view. */
export class ViewClock {
  readonly #startMillis = performance.now();

  now(): number {
    return (performance.now() - this.#startMillis) / 1000;
  }
}
