/// <reference lib="es2024.sharedmemory" />
/**
 * A doorbell lets an idle thread sleep until another thread has work for it. It is one word of shared memory: 0 while
 * its owner is awake, 1 while it sleeps or is about to.
 *
 * No wake-up is lost. The owner stores 1 and then checks for work once more; a producer publishes work and then reads
 * the word. Both are sequentially consistent, so either the owner's last check sees the work, or the producer sees the
 * 1 and rings. If it rings between that check and the sleep, the word is 0 again, and the wait, which expects 1,
 * returns at once.
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

  /** Sleeps until the bell rings, for at most `timeoutMillis`; returns at once if there is work. */
  park(hasWork: () => boolean, timeoutMillis: number): void {
    Atomics.store(this.#words, this.#index, ASLEEP);
    if (!hasWork()) Atomics.wait(this.#words, this.#index, ASLEEP, timeoutMillis);
    Atomics.store(this.#words, this.#index, AWAKE);
  }

  /**
   * Marks the owner as asleep before it returns to its event loop: a thread whose input comes from there cannot block.
   * It must call {@link rise} when it is awake again.
   *
   * The wait is asynchronous. If another event wakes the thread, that wait remains and the next doze uses it again. If
   * the bell rang in between, its callback still runs: a superfluous wake-up is possible, a lost one is not.
   * @param wake called from the event loop after the bell has rung; may be called without new work.
   * @returns false if there is work or the bell has rung in the meantime: the owner must stay awake.
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

  /** Marks the owner as awake, whatever woke it. */
  rise(): void {
    Atomics.store(this.#words, this.#index, AWAKE);
  }

  /** Ends an asynchronous wait that a doze has left open. */
  dismiss(): void {
    this.rise();
    if (this.#hasWaiter) Atomics.notify(this.#words, this.#index);
  }
}
