/**
 * The worker's side of the pool. The loop of a worker never returns to Node's event loop, so message events do not
 * reach it. Commands are announced by a counter in shared memory, which the loop checks with one load, and are fetched
 * with receiveMessageOnPort.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { type ErrorCode, TrunklineError } from '../base/errors.ts';

/** Messages from the pool to a worker. */
export interface Envelope<Command> {
  readonly number: number;
  readonly command: Command;
}

/** Messages from a worker to the pool. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly info: unknown }
  | { readonly kind: 'reply'; readonly number: number; readonly value: unknown }
  /** The command failed for a reason that the user can solve. */
  | { readonly kind: 'refusal'; readonly number: number; readonly code: ErrorCode; readonly message: string };

/** Words shared by the pool and a worker: the number of announced commands, and the progress of shutting down. */
export const ANNOUNCED_WORD = 0;
export const PROGRESS_WORD = 1;
export const PORT_WORDS = 2;

export class WorkerPort<Command> {
  readonly #announced: Int32Array;
  #fetched = 0;

  /** @param announced the words shared with this worker. */
  constructor(announced: SharedArrayBuffer) {
    assert(parentPort !== null, 'a worker port is made inside a worker');
    this.#announced = new Int32Array(announced);
  }

  /** Notifies the pool that the worker has started. */
  ready(info: unknown): void {
    this.#post({ kind: 'ready', info });
  }

  /** Notifies the pool that shutting down is making progress. */
  progress(): void {
    Atomics.add(this.#announced, PROGRESS_WORD, 1);
  }

  /**
   * Handles pending commands. The value that `handle` returns, or its promise resolves to, is the answer. A
   * TrunklineError is also an answer; any other error ends the worker.
   */
  poll(handle: (command: Command) => unknown): void {
    const announced = Atomics.load(this.#announced, ANNOUNCED_WORD);
    // Separate from the rest, whose closures would allocate an object for `handle` in each turn of the thread.
    if (this.#fetched !== announced) this.#fetch(announced, handle);
  }

  #fetch(announced: number, handle: (command: Command) => unknown): void {
    while (this.#fetched !== announced) {
      const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
      if (received === undefined) return; // announced, but cannot be fetched yet
      this.#fetched = (this.#fetched + 1) | 0;
      const { number, command } = received.message as Envelope<Command>; // only the pool posts here
      this.#answer(number, () => handle(command));
    }
  }

  #answer(number: number, handle: () => unknown): void {
    const reply = (value: unknown): void => this.#post({ kind: 'reply', number, value });
    const refuse = (error: unknown): void => {
      if (!(error instanceof TrunklineError)) throw transferable(error);
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

/**
 * Node transfers a DOMException, for instance about an answer that cannot be cloned, to the pool as an empty object.
 */
function transferable(error: unknown): unknown {
  return error instanceof DOMException ? new Error(`${error.name}: ${error.message}`) : error;
}
