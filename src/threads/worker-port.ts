/**
 * A worker's side of the pool. The worker runs a loop that never returns to Node's own, so no
 * message event reaches it: commands are announced by a counter in shared memory, which the loop
 * looks at with one load, and fetched with receiveMessageOnPort.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { type ErrorCode, TrunklineError } from '../base/errors.ts';

/** What goes from the pool to a worker. */
export interface Envelope<Command> {
  readonly number: number;
  readonly command: Command;
}

/** What goes from a worker to the pool. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly info: unknown }
  | { readonly kind: 'reply'; readonly number: number; readonly value: unknown }
  /** The command failed for a reason that an operator can mend. */
  | { readonly kind: 'refusal'; readonly number: number; readonly code: ErrorCode; readonly message: string };

/** Words that the pool and a worker share: commands announced, and how far the worker has got with leaving. */
const ANNOUNCED_WORD = 0;
export const PROGRESS_WORD = 1;
export const PORT_WORDS = 2;

export class WorkerPort<Command> {
  readonly #announced: Int32Array;
  #fetched = 0;

  /** @param announced the words that the pool shares with this worker. */
  constructor(announced: SharedArrayBuffer) {
    assert(parentPort !== null, 'a worker port is made inside a worker');
    this.#announced = new Int32Array(announced);
  }

  /** Tells the pool that the worker has started. */
  ready(info: unknown): void {
    this.#post({ kind: 'ready', info });
  }

  /** Tells the pool that leaving takes its time, and gets on. */
  progress(): void {
    Atomics.add(this.#announced, PROGRESS_WORD, 1);
  }

  /**
   * Handles the commands that have come; what `handle` returns, or its promise resolves with, is the
   * answer. A TrunklineError is an answer as well; any other error is the worker's end.
   */
  poll(handle: (command: Command) => unknown): void {
    const announced = Atomics.load(this.#announced, ANNOUNCED_WORD);
    // Apart from the rest, whose closures would have an object made for `handle` at each of a thread's turns.
    if (this.#fetched !== announced) this.#fetch(announced, handle);
  }

  #fetch(announced: number, handle: (command: Command) => unknown): void {
    while (this.#fetched !== announced) {
      const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
      if (received === undefined) return; // announced a moment before it can be fetched
      this.#fetched = (this.#fetched + 1) | 0;
      const { number, command } = received.message as Envelope<Command>; // only the pool posts here
      this.#answer(number, () => handle(command));
    }
  }

  #answer(number: number, handle: () => unknown): void {
    const reply = (value: unknown): void => this.#post({ kind: 'reply', number, value });
    const refuse = (error: unknown): void => {
      if (!(error instanceof TrunklineError)) throw error;
      this.#post({ kind: 'refusal', number, code: error.code, message: error.message });
    };
    try {
      const value = handle();
      if (value instanceof Promise) value.then(reply, refuse);
      else reply(value);
    } catch (error) {
      refuse(error);
    }
  }

  #post(message: WorkerMessage): void {
    parentPort?.postMessage(message);
  }
}
