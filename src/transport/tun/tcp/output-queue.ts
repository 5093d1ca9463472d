/**
 * The output of connections: what their owner has written and the peer has not acknowledged, in blocks of the store.
 * What is written is already where it stays until it is acknowledged, so sending and sending again are the same copy
 * into a packet.
 */

import { copyBytes } from '../../../base/copy-bytes.ts';
import { Activity, type ActivityTable } from './activity-table.ts';
import { type ByteStore, NO_BLOCK } from './byte-store.ts';

export class OutputQueue {
  readonly #activities: ActivityTable;
  readonly #store: ByteStore;
  /** The claim that was not committed yet: its activity, block and bytes. */
  #claimed = NO_BLOCK;
  #claimedBlock = NO_BLOCK;
  #claimedBytes = 0;
  #isNewBlock = false;

  constructor(activities: ActivityTable, store: ByteStore) {
    this.#activities = activities;
    this.#store = store;
  }

  /** Claims contiguous room. @returns an offset in the store's view, or {@link NO_BLOCK}. */
  claim(activity: number, bytes: number, reserveBytes: number): number {
    this.forgetClaim();
    const last = this.#activities.get(activity, Activity.OUT_LAST);
    this.#isNewBlock = last === NO_BLOCK || this.#store.roomBytes(last) < bytes;
    if (this.#store.freeBytes < reserveBytes && !this.#isNewBlock) return NO_BLOCK;
    const block = this.#isNewBlock ? this.#store.take(bytes, reserveBytes) : last;
    if (block === NO_BLOCK) return NO_BLOCK;
    this.#claimed = activity;
    this.#claimedBlock = block;
    this.#claimedBytes = bytes;
    return this.#store.start(block) + this.#store.length(block);
  }

  /** Appends what was claimed. @returns its activity. */
  commit(): number {
    const activity = this.#claimed;
    const block = this.#claimedBlock;
    const activities = this.#activities;
    const store = this.#store;
    if (this.#isNewBlock) {
      const last = activities.get(activity, Activity.OUT_LAST);
      if (last === NO_BLOCK) activities.set(activity, Activity.OUT_FIRST, block);
      else store.setNext(last, block);
      activities.set(activity, Activity.OUT_LAST, block);
    }
    if (activities.get(activity, Activity.OUT_BLOCK) === NO_BLOCK) {
      activities.set(activity, Activity.OUT_BLOCK, block);
      activities.set(activity, Activity.OUT_BLOCK_AT, store.length(block));
    }
    store.setLength(block, store.length(block) + this.#claimedBytes);
    activities.set(activity, Activity.OUT_BYTES, activities.get(activity, Activity.OUT_BYTES) + this.#claimedBytes);
    this.#claimed = NO_BLOCK;
    return activity;
  }

  /** Gives up a claim that was not committed. */
  forgetClaim(): void {
    if (this.#claimed === NO_BLOCK) return;
    if (this.#isNewBlock) this.#store.give(this.#claimedBlock);
    this.#claimed = NO_BLOCK;
  }

  /**
   * Copies bytes that have not been sent, and moves the place of the next ones. The caller knows that there are so
   * many.
   */
  copyUnsent(activity: number, bytes: number, to: DataView, at: number): void {
    const activities = this.#activities;
    const store = this.#store;
    let block = activities.get(activity, Activity.OUT_BLOCK);
    let from = activities.get(activity, Activity.OUT_BLOCK_AT);
    for (let done = 0; done < bytes; ) {
      if (from === store.length(block)) {
        block = store.next(block);
        from = 0;
      }
      const part = Math.min(bytes - done, store.length(block) - from);
      copyBytes(store.view, store.start(block) + from, to, at + done, part);
      done += part;
      from += part;
    }
    activities.set(activity, Activity.OUT_BLOCK, block);
    activities.set(activity, Activity.OUT_BLOCK_AT, from);
  }

  /** Copies the oldest bytes, which have been sent before. */
  copyOldest(activity: number, bytes: number, to: DataView, at: number): void {
    const store = this.#store;
    let block = this.#activities.get(activity, Activity.OUT_FIRST);
    let from = this.#activities.get(activity, Activity.OUT_FIRST_AT);
    for (let done = 0; done < bytes; ) {
      const part = Math.min(bytes - done, store.length(block) - from);
      copyBytes(store.view, store.start(block) + from, to, at + done, part);
      done += part;
      block = store.next(block);
      from = 0;
    }
  }

  /** Removes the oldest bytes, which the peer has acknowledged: at most those that were sent. */
  remove(activity: number, bytes: number): void {
    const activities = this.#activities;
    const store = this.#store;
    activities.set(activity, Activity.OUT_BYTES, activities.get(activity, Activity.OUT_BYTES) - bytes);
    let block = activities.get(activity, Activity.OUT_FIRST);
    let end = activities.get(activity, Activity.OUT_FIRST_AT) + bytes;
    while (block !== NO_BLOCK && end >= store.length(block)) {
      end -= store.length(block);
      const next = store.next(block);
      if (block === activities.get(activity, Activity.OUT_BLOCK)) {
        activities.set(activity, Activity.OUT_BLOCK, next);
        activities.set(activity, Activity.OUT_BLOCK_AT, 0);
      }
      if (block === this.#claimedBlock && !this.#isNewBlock) this.forgetClaim();
      store.give(block);
      block = next;
    }
    activities.set(activity, Activity.OUT_FIRST, block);
    if (block === NO_BLOCK) activities.set(activity, Activity.OUT_LAST, NO_BLOCK);
    activities.set(activity, Activity.OUT_FIRST_AT, block === NO_BLOCK ? 0 : end);
  }

  /** Discards all output of an activity. */
  discard(activity: number): void {
    if (this.#claimed === activity) this.forgetClaim();
    this.#store.giveAll(this.#activities.get(activity, Activity.OUT_FIRST));
    this.#activities.set(activity, Activity.OUT_FIRST, NO_BLOCK);
    this.#activities.set(activity, Activity.OUT_FIRST_AT, 0);
    this.#activities.set(activity, Activity.OUT_LAST, NO_BLOCK);
    this.#activities.set(activity, Activity.OUT_BLOCK, NO_BLOCK);
    this.#activities.set(activity, Activity.OUT_BYTES, 0);
  }
}
