/**
 * The sleep of a thread whose input comes from Node's event loop. It waits in that loop until a socket, the doorbell or
 * a timer wakes it. During a sleep the timer keeps the event loop alive.
 */
import type { Doorbell } from '../../../ring/doorbell.ts';

export class EventSleeper {
  readonly #bell: Doorbell;
  #then: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(bell: Doorbell) {
    this.#bell = bell;
  }

  /** Ends the sleep, if there is one. To be called on this thread when input has arrived. */
  readonly wake = (): void => {
    const then = this.#then;
    if (then === null) return;
    this.#then = null;
    clearTimeout(this.#timer);
    this.#bell.rise();
    setImmediate(then); // after the callbacks for all input that has arrived
  };

  /** Sleeps unless there is work, for at most the given time; then `then` is called from the event loop. */
  sleep(hasWork: () => boolean, timeoutMillis: number, then: () => void): void {
    if (!this.#bell.doze(hasWork, this.wake)) {
      this.#bell.rise();
      setImmediate(then);
      return;
    }
    this.#then = then;
    this.#timer = setTimeout(this.wake, timeoutMillis);
  }

  /** Ends the sleep and the wait for the doorbell, so that nothing keeps the event loop alive. */
  end(): void {
    clearTimeout(this.#timer);
    this.#then = null;
    this.#bell.dismiss();
  }
}
