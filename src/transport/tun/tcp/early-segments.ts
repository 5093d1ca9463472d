/**
 * Bytes that arrived before others that are missing: one sorted list of blocks per connection, without gaps inside a
 * block and without overlaps. They share the store with output, but take no block from its last quarter: a peer that
 * sends out of order cannot stop ours from sending. What finds no room is dropped, and the peer sends it again.
 */

import { copyBytes } from '../../../base/copy-bytes.ts';
import { Activity, type ActivityTable } from './activity-table.ts';
import { BLOCK_CONTENT_BYTES_MAX, type ByteStore, NO_BLOCK } from './byte-store.ts';
import { sequenceDistance } from './sequence-distance.ts';

/** The part of the store that only output may use. */
const RESERVED_PART = 0.25;

export class EarlySegments {
  readonly #activities: ActivityTable;
  readonly #store: ByteStore;
  readonly #reserveBytes: number;

  constructor(activities: ActivityTable, store: ByteStore) {
    this.#activities = activities;
    this.#store = store;
    this.#reserveBytes = Math.floor(store.bytes * RESERVED_PART);
  }

  /** Keeps what of `view[start, end)` is not kept yet. @returns whether there was room for all of it. */
  keep(activity: number, sequence: number, view: DataView, start: number, end: number): boolean {
    const store = this.#store;
    let at = start;
    let before = NO_BLOCK;
    let block = this.#activities.get(activity, Activity.EARLY_FIRST);
    while (at < end) {
      const next = (sequence + (at - start)) | 0;
      if (block !== NO_BLOCK && sequenceDistance(store.sequence(block), next) <= 0) {
        const covered = sequenceDistance((store.sequence(block) + store.length(block)) | 0, next);
        if (covered > 0) at += covered;
        before = block;
        block = store.next(block);
        continue;
      }
      const gap = block === NO_BLOCK ? end - at : Math.min(end - at, sequenceDistance(store.sequence(block), next));
      const bytes = Math.min(gap, BLOCK_CONTENT_BYTES_MAX);
      const made = store.take(bytes, this.#reserveBytes);
      if (made === NO_BLOCK) return false;
      copyBytes(view, at, store.view, store.start(made), bytes);
      store.setLength(made, bytes);
      store.setSequence(made, next);
      store.setNext(made, block);
      if (before === NO_BLOCK) this.#activities.set(activity, Activity.EARLY_FIRST, made);
      else store.setNext(before, made);
      before = made;
      at += bytes;
    }
    return true;
  }

  /**
   * The block that has the byte with this sequence number, if its turn has come; blocks before it are dropped.
   * @returns {@link NO_BLOCK} if it has not arrived.
   */
  blockAt(activity: number, sequence: number): number {
    const store = this.#store;
    for (;;) {
      const block = this.#activities.get(activity, Activity.EARLY_FIRST);
      if (block === NO_BLOCK) return NO_BLOCK;
      const offset = sequenceDistance(sequence, store.sequence(block));
      if (offset < 0) return NO_BLOCK;
      if (offset < store.length(block)) return block;
      this.#activities.set(activity, Activity.EARLY_FIRST, store.next(block));
      store.give(block);
    }
  }

  /** Discards all that is kept for a connection. */
  discard(activity: number): void {
    this.#store.giveAll(this.#activities.get(activity, Activity.EARLY_FIRST));
    this.#activities.set(activity, Activity.EARLY_FIRST, NO_BLOCK);
  }
}
