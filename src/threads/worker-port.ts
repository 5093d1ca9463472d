/**
 * A worker's side of the pool. A worker may run a loop that never returns to Node's own, so that
 * no message event reaches it: commands are announced by a counter in shared memory, which the loop
 * looks at with one load, and fetched with receiveMessageOnPort.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';

/** What goes from the pool to a worker. */
export interface Envelope<Command> {
  readonly number: number;
  readonly command: Command;
}

/** What goes from a worker to the pool. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly info: unknown }
  | { readonly kind: 'reply'; readonly number: number; readonly value: unknown };

export class WorkerPort<Command> {
  readonly #announced: Int32Array;
  #fetched = 0;

  /** @param announced the word that the pool counts this worker's commands in. */
  constructor(announced: SharedArrayBuffer) {
    assert(parentPort !== null, 'a worker port is made inside a worker');
    this.#announced = new Int32Array(announced);
  }

  /** Tells the pool that the worker has started. */
  ready(info: unknown): void {
    this.#post({ kind: 'ready', info });
  }

  /**
   * Handles the commands that have come; what `handle` returns is the answer, and if that is a
   * promise, what it resolves to (only a worker that goes back to Node's loop can promise).
   */
  poll(handle: (command: Command) => unknown): void {
    const announced = Atomics.load(this.#announced, 0);
    while (this.#fetched !== announced) {
      const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
      if (received === undefined) return; // announced a moment before it can be fetched
      this.#fetched = (this.#fetched + 1) | 0;
      const { number, command } = received.message as Envelope<Command>; // only the pool posts here
      this.#reply(number, handle(command));
    }
  }

  #reply(number: number, value: unknown): void {
    if (!(value instanceof Promise)) {
      this.#post({ kind: 'reply', number, value });
      return;
    }
    // A rejection is left to be the worker's failure, as an exception of a handler is.
    void value.then((later) => this.#post({ kind: 'reply', number, value: later }));
  }

  #post(message: WorkerMessage): void {
    parentPort?.postMessage(message);
  }
}
