/**
 * The sleep of a thread whose input comes from Node's event loop: in the loop, until a socket,
 * the doorbell or a timer wakes it. While it sleeps its timer keeps the loop alive.
 */
import type { Doorbell } from '../../ring/doorbell.ts';

export class EventSleeper {
  readonly #bell: Doorbell;
  #then: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(bell: Doorbell) {
    this.#bell = bell;
  }

  /** Ends the sleep, if there is one. To be called by whoever brings input on this thread. */
  readonly wake = (): void => {
    const then = this.#then;
    if (then === null) return;
    this.#then = null;
    clearTimeout(this.#timer);
    this.#bell.rise();
    setImmediate(then); // after the callbacks of all that has arrived
  };

  /** Goes to sleep unless there is work, at most so long; then calls `then` from the loop. */
  sleep(hasWork: () => boolean, timeoutMillis: number, then: () => void): void {
    if (!this.#bell.doze(hasWork, this.wake)) {
      this.#bell.rise();
      setImmediate(then);
      return;
    }
    this.#then = then;
    this.#timer = setTimeout(this.wake, timeoutMillis);
  }

  /** Leaves nothing behind. */
  end(): void {
    clearTimeout(this.#timer);
    this.#then = null;
    this.#bell.dismiss();
  }
}
