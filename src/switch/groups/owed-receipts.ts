/**
 * The ✓✓ of stored messages to groups: which shards have reported that all their members have a message, however often
 * they report, and asking them after a restart.
 *
 * A shard reports once, and not again after a restart of the home; and one that has started again reports only what
 * still has entries there. So the home asks about each message of which it expects a report, once all items that were
 * in its queue at the restart are stored there: then the shard knows the answer.
 *
 * A message for which nobody is to report any more is noted in the log as settled. Where that note is lost, or finds no
 * room, the author may get a second ✓✓ after the next restart.
 */
import { count } from '../../base/counters.ts';
import { GroupItem, type MailboxEntry } from '../../store/mailbox-entry.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import type { MailboxStore } from '../../store/mailbox-store.ts';
import type { Hops } from '../homes/hops.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { GroupReceipts } from './group-receipts.ts';
import { ItemState } from './item-state.ts';
import { type RecentMessages, UNKNOWN } from './recent-messages.ts';
import type { TakenItems } from './taken-items.ts';

/** In place of a place of {@link RecentMessages}: nothing is asked. */
const IDLE = -1;
/** Most places that are looked at in one turn. */
const LOOKS_MAX = 4096;

export interface OwedReceiptsParts {
  readonly store: Pick<MailboxStore, 'note'>;
  readonly hops: { readonly write: Pick<Hops['write'], 'askItem'> };
  readonly counters: Float64Array;
  readonly recent: RecentMessages;
  readonly receipts: Pick<GroupReceipts, 'done'>;
  readonly items: Pick<TakenItems, 'ask'>;
}

type OwedReceiptsSettings = Pick<ShardSettings, 'homes' | 'shard'>;

export class OwedReceipts {
  readonly #settings: OwedReceiptsSettings;
  readonly #parts: OwedReceiptsParts;
  /**
   * By shard: items that are to leave the queue before it is asked; the place that is asked about next; whether it is
   * to answer.
   */
  readonly #itemsBefore: Int32Array;
  readonly #places: Int32Array;
  readonly #isAsked: Uint8Array;

  constructor(settings: OwedReceiptsSettings, parts: OwedReceiptsParts) {
    const { shards } = settings.homes;
    this.#settings = settings;
    this.#parts = parts;
    this.#itemsBefore = new Int32Array(shards);
    this.#places = new Int32Array(shards).fill(IDLE);
    this.#isAsked = new Uint8Array(shards);
  }

  get bytes(): number {
    return this.#itemsBefore.byteLength + this.#places.byteLength + this.#isAsked.byteLength;
  }

  /** Whether something is asked, of which no event tells. */
  get waits(): boolean {
    return this.#places.some((place) => place !== IDLE);
  }

  /** An item was accepted, or read back. */
  remember({ sender, id, item, version, members, address, generation, accountRow, sequence }: MailboxEntry): void {
    const { recent, counters } = this.#parts;
    const replaced = recent.replacedBy(sender, id);
    const [row, before] = [recent.row(replaced), recent.sequence(replaced)];
    if (recent.add(sender, id, version, members, address, generation, 0)) {
      count(counters, SwitchCounter.groupReceiptsDropped);
      this.#settle(row, before);
    }
    recent.setItem(recent.find(sender, id), accountRow, sequence, item === GroupItem.MESSAGE);
  }

  /** All recipients on a shard have a message, or some could not be given it. */
  done(author: number, id: number, hasRejected: boolean, shard: number): void {
    const { recent, receipts } = this.#parts;
    const place = recent.find(author, id);
    if (place === UNKNOWN || !recent.isExpected(place, shard)) return;
    recent.setReported(place, shard);
    receipts.done(author, id, hasRejected);
    if (recent.shardsLeft(place) === 0) this.#settle(recent.row(place), recent.sequence(place));
  }

  /** A shard, or this home, has started again: it is asked when so many items have left the queue. */
  askAfter(shard: number, items: number): void {
    this.#itemsBefore[shard] = items;
    this.#places[shard] = items === 0 ? 0 : IDLE;
    this.#isAsked[shard] = 0;
  }

  /** The oldest item has left the queue. */
  itemRemoved(): void {
    for (let shard = 0; shard < this.#places.length; shard++) {
      const items = this.#itemsBefore[shard] as number; // a shard of the switch, here and below
      if (items === 0) continue;
      this.#itemsBefore[shard] = items - 1;
      if (items === 1) this.#places[shard] = 0;
    }
  }

  answered(shard: number, author: number, id: number, state: number): void {
    this.#isAsked[shard] = 0;
    if (state !== ItemState.WAITING) this.done(author, id, state === ItemState.REJECTED, shard);
  }

  /** Asks what is to be asked. @returns how much it did. */
  doWork(): number {
    let done = 0;
    for (let shard = 0; shard < this.#places.length; shard++) {
      if (this.#places[shard] !== IDLE && this.#isAsked[shard] === 0) done += this.#askNext(shard);
    }
    return done;
  }

  #askNext(shard: number): number {
    const { recent } = this.#parts;
    let place = this.#places[shard] as number;
    const step = recent.placeWords;
    for (let looks = 0; looks < LOOKS_MAX && place < recent.placesEnd; looks++, place += step) {
      if (!recent.isExpected(place, shard)) continue;
      if (this.#ask(shard, place)) place += step;
      break;
    }
    const isMoved = place !== this.#places[shard];
    this.#places[shard] = place < recent.placesEnd ? place : IDLE;
    return isMoved ? 1 : 0;
  }

  /** @returns false if there is no room now. */
  #ask(shard: number, place: number): boolean {
    const { recent, hops, items } = this.#parts;
    const { homes, shard: own } = this.#settings;
    const account = homes.accountAt(own, recent.row(place));
    const [author, id, sequence] = [recent.author(place), recent.id(place), recent.sequence(place)];
    if (shard !== own && !hops.write.askItem(shard, account, author, id, sequence)) return false;
    this.#isAsked[shard] = 1;
    if (shard === own) items.ask(account, author, id, sequence);
    return true;
  }

  #settle(row: number, sequence: number): void {
    this.#parts.store.note(GroupNote.SETTLED, row, sequence, 0);
  }
}
