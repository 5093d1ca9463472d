/**
 * A doorbell for threads that sleep in epoll: the word in shared memory of ring/doorbell, and an eventfd that wakes the
 * owner. The process creates the descriptor before its threads take their own descriptor tables, so every table has it.
 *
 * No wake-up is lost, for the same reason as there: the owner stores ASLEEP and then checks for work once more; a
 * producer publishes work and then reads the word. A ring between the owner's check and its sleep makes the eventfd
 * readable, so the sleep ends at once.
 */
import { Linux, type SystemCalls } from './system-calls.ts';
import { systemRefusal } from './system-refusal.ts';

const AWAKE = 0;
const ASLEEP = 1;
const ONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);

/**
 * Creates the descriptor of a bell.
 * @throws SYSTEM_REFUSED
 */
export function openBellDescriptor(calls: SystemCalls): number {
  const descriptor = calls.eventDescriptor(0, Linux.EFD_NONBLOCK | Linux.EFD_CLOEXEC);
  if (descriptor < 0) throw systemRefusal('a bell of a thread (eventfd)', calls.errno());
  return descriptor;
}

export class EventDoorbell {
  readonly #calls: SystemCalls;
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #descriptor: number;

  /** @param words shared memory; the word at `index` is the bell's. */
  constructor(calls: SystemCalls, words: Int32Array, index: number, descriptor: number) {
    this.#calls = calls;
    this.#words = words;
    this.#index = index;
    this.#descriptor = descriptor;
  }

  /** Wakes the owner if it sleeps. To be called after the work has been published. */
  ring(): void {
    if (Atomics.load(this.#words, this.#index) === AWAKE) return;
    if (Atomics.compareExchange(this.#words, this.#index, ASLEEP, AWAKE) === ASLEEP) {
      this.#calls.write(this.#descriptor, ONE, ONE.length);
    }
  }

  /**
   * Sleeps in `wait` until the bell rings or there is an event of a socket, unless there is work already.
   * @param hasWork called once more before the sleep; a producer that publishes later rings the bell.
   */
  sleep(hasWork: () => boolean, wait: (micros: number) => void, micros: number): void {
    Atomics.store(this.#words, this.#index, ASLEEP);
    if (!hasWork()) wait(micros);
    Atomics.store(this.#words, this.#index, AWAKE);
  }
}
