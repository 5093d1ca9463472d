/**
 * The newest message id of each account, as far as the stores of all shards know. A message is stored at the home of
 * its recipient, so the home of its sender has to be told by other shards: they share one table, four bytes per
 * account, which each fills while it reads its log. 0: none is known.
 *
 * A phone that has lost its state would otherwise be told that the switch knows of no id, use an id again, and its
 * message would be taken for the one that is stored.
 */
import { serialDistance } from '../base/serial-distance.ts';

export class UsedIds {
  readonly #newest: Int32Array;

  /** @param memory zeros, shared by all shards. */
  constructor(memory: SharedArrayBuffer) {
    this.#newest = new Int32Array(memory);
  }

  /** Bytes of memory for so many accounts. */
  static bytes(accounts: number): number {
    return accounts * Int32Array.BYTES_PER_ELEMENT;
  }

  /** A store has this id of an account. */
  note(account: number, id: number): void {
    for (;;) {
      const before = Atomics.load(this.#newest, account);
      if (before !== 0 && serialDistance(id, before) <= 0) return;
      if (Atomics.compareExchange(this.#newest, account, before, id) === before) return;
    }
  }

  /** The newest id of an account; 0 if no store has one. */
  newest(account: number): number {
    return Atomics.load(this.#newest, account);
  }
}
