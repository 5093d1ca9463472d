/// <reference lib="es2024.sharedmemory" />
/**
 * A doorbell: how an idle thread sleeps and whoever has work for it wakes it. One word of shared
 * memory, 0 while its owner is awake and 1 while it sleeps or is about to.
 *
 * No wake-up is lost. The owner stores 1 and then looks for work once more; a producer publishes
 * work and then looks at the word. Both are sequentially consistent, so either the owner's last
 * look sees the work, or the producer sees the 1 and rings. If it rings between the owner's look
 * and its sleep, the word is 0 again and the sleep, which asks for 1, does not begin.
 *
 * A thread whose input comes from an event loop cannot block: it dozes. That is the same, but
 * for a waiter that is left behind when something else ends the doze. It is used again by the
 * next doze. If the bell rang in between, its call still comes: a wake-up too many, never one
 * too few.
 */

const AWAKE = 0;
const ASLEEP = 1;

export class Doorbell {
  readonly #words: Int32Array;
  readonly #index: number;
  #hasWaiter = false;

  /** @param words shared memory; the word at `index` is the bell. */
  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** Wakes the owner if it sleeps. Call it after the work has been published. */
  ring(): void {
    if (Atomics.load(this.#words, this.#index) === AWAKE) return;
    if (Atomics.compareExchange(this.#words, this.#index, ASLEEP, AWAKE) === ASLEEP) {
      Atomics.notify(this.#words, this.#index);
    }
  }

  /** Sleeps until the bell rings, unless there is work already; at most so long. */
  park(hasWork: () => boolean, timeoutMillis: number): void {
    Atomics.store(this.#words, this.#index, ASLEEP);
    if (!hasWork()) Atomics.wait(this.#words, this.#index, ASLEEP, timeoutMillis);
    Atomics.store(this.#words, this.#index, AWAKE);
  }

  /**
   * Says that the owner goes back to its event loop until something happens. It must call
   * {@link rise} when it is awake again.
   * @param wake called from the event loop once the bell has rung; at times without reason.
   * @returns false if there is work already or the bell has rung meanwhile: stay awake.
   */
  doze(hasWork: () => boolean, wake: () => void): boolean {
    Atomics.store(this.#words, this.#index, ASLEEP);
    if (hasWork()) return false;
    if (this.#hasWaiter) return true;
    const waiter = Atomics.waitAsync(this.#words, this.#index, ASLEEP);
    if (!waiter.async) return false;
    this.#hasWaiter = true;
    void waiter.value.then(() => {
      this.#hasWaiter = false;
      wake();
    });
    return true;
  }

  /** The owner is awake, whatever woke it. */
  rise(): void {
    Atomics.store(this.#words, this.#index, AWAKE);
  }

  /** Ends a waiter that a doze has left behind, so that nothing is left of it. */
  dismiss(): void {
    this.rise();
    if (this.#hasWaiter) Atomics.notify(this.#words, this.#index);
  }
}
