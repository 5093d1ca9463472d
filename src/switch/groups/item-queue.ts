/**
 * The items of groups at home here: messages and changes of members that were accepted, in their order, on their way to
 * the shards. See StoredGroupHome for what an item is and why none is lost.
 *
 * An item is answered with ✓, and may be sent, when its record is complete. It is sent to all shards (a change to the
 * home of its account), and removed from the front, and from the group's mailbox, when all of them have stored it. The
 * queue is bounded; whoever accepts looks first whether it is full.
 *
 *     word 0   GroupItem        word 1   group      word 2   entry of the mailbox     word 3   version
 *     word 4   members          word 5   batch of its record
 */
import type { ByteSpan } from '../../base/byte-span.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { GroupItem } from '../../store/mailbox-entry.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import type { MailboxStore } from '../../store/mailbox-store.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import type { Hops } from '../homes/hops.ts';
import type { SessionAnswers } from '../homes/session-answers.ts';
import type { AccountTable } from '../tables/account-table.ts';
import type { AddressLayout } from '../tables/address-layout.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import type { FanOuts } from './fan-outs.ts';
import type { OwedReceipts } from './owed-receipts.ts';
import { WordQueue } from './word-queue.ts';

const ITEM_WORDS = 6;
/** Most items that are sent to one shard in one turn. */
const SENT_MAX = 512;
const NONE = -1;

export interface ItemQueueParts {
  readonly store: MailboxStore;
  readonly mailboxes: MailboxIndex;
  readonly accounts: AccountTable;
  readonly addresses: AddressLayout;
  readonly hops: Pick<Hops, 'view' | 'end'> & { readonly write: Pick<Hops['write'], 'fanOut' | 'membership'> };
  readonly answers: Pick<SessionAnswers, 'group'>;
  readonly fanOuts: Pick<FanOuts, 'take' | 'takeChange'>;
  readonly owed: Pick<OwedReceipts, 'askAfter' | 'itemRemoved'>;
}

type ItemQueueSettings = Pick<ShardSettings, 'homes' | 'shard'>;
type ItemQueueGroups = Pick<GroupSettings, 'plan' | 'queueMax'>;

export class ItemQueue {
  readonly #settings: ItemQueueSettings;
  readonly #groups: ItemQueueGroups;
  readonly #parts: ItemQueueParts;
  readonly #index: MailboxIndex;
  readonly #queue: WordQueue;
  readonly #payload: ByteSpan = { view: new DataView(new ArrayBuffer(PAYLOAD_BYTES_MAX)), at: 0, bytes: 0 };
  readonly #firstRow: number;
  /** By row of a group and shard: the newest item that the shard has stored. */
  readonly #taken: Int32Array;
  /** Items at the front of the queue whose records are complete, and how many of them were sent to each shard. */
  #complete = 0;
  readonly #sent: Int32Array;

  constructor(settings: ItemQueueSettings, groups: ItemQueueGroups, parts: ItemQueueParts) {
    const { homes } = settings;
    const { plan } = groups;
    this.#settings = settings;
    this.#groups = groups;
    this.#parts = parts;
    this.#index = parts.mailboxes;
    this.#queue = new WordQueue(groups.queueMax, ITEM_WORDS);
    this.#firstRow = homes.rowOf(plan.accountOf(0));
    const rows = homes.rowsFor(plan.accountOf(plan.count)) - this.#firstRow;
    this.#taken = new Int32Array(rows * homes.shards).fill(NONE);
    this.#sent = new Int32Array(homes.shards);
  }

  get bytes(): number {
    return this.#queue.bytes + this.#taken.byteLength;
  }

  get length(): number {
    return this.#queue.length;
  }

  get isFull(): boolean {
    return this.#queue.isFull;
  }

  /** Adds an item that was just appended to its mailbox as `entry`; the queue must not be full. */
  push(kind: number, group: number, entry: number, version: number, members: number): void {
    const item = this.#queue.push();
    const { words } = this.#queue;
    words[item] = kind;
    words[item + 1] = group;
    words[item + 2] = entry;
    words[item + 3] = version;
    words[item + 4] = members;
    words[item + 5] = this.#parts.store.openBatch;
  }

  /** Answers the newest item before its record is complete, where nobody waits for that. */
  acknowledgeNewest(): void {
    this.#acknowledge(this.#queue.length - 1);
  }

  /** Adds an item that was read back, after those before it: its record is complete, and all shards are sent it. */
  restore(kind: number, group: number, entry: number, version: number, members: number): void {
    this.push(kind, group, entry, version, members);
    this.#complete++;
  }

  /** All that was kept is read back: shards are asked about messages when they have all items, also if none is left. */
  restored(): void {
    for (let shard = 0; shard < this.#sent.length; shard++) this.#parts.owed.askAfter(shard, this.#complete);
  }

  /** The entry of an item whose record is not complete, or 0. */
  incompleteOf(sender: number, id: number): number {
    const index = this.#index;
    for (let n = this.#complete; n < this.#queue.length; n++) {
      const entry = this.#entryAt(n);
      if (index.sender(entry) === sender && index.id(entry) === id) return entry;
    }
    return 0;
  }

  /** A shard has stored an item of a group, given by its account, and those before it. */
  taken(account: number, shard: number, sequence: number): void {
    const place = this.#takenPlace(this.#settings.homes.rowOf(account), shard);
    const before = this.#taken[place] as number; // a group of this home
    if (before === NONE || serialDistance(sequence, before) > 0) this.#taken[place] = sequence;
  }

  /** The sessions of a shard that has ended are lost, and it has stored what it has confirmed, at least. */
  forgetShard(shard: number): void {
    const { addresses, owed } = this.#parts;
    for (let n = this.#complete; n < this.#queue.length; n++) {
      const entry = this.#entryAt(n);
      if (addresses.shardOf(this.#index.address(entry)) === shard) this.#index.setSessionLost(entry);
    }
    this.#sent[shard] = 0;
    owed.askAfter(shard, this.#complete);
  }

  /** Answers, sends and removes what can be. @returns how many items. */
  doWork(): number {
    let done = this.#completeItems();
    for (let shard = 0; shard < this.#sent.length; shard++) done += this.#sendTo(shard);
    return done + this.#removeTaken();
  }

  /** Answers items whose records are complete, which may be sent from now on. @returns how many. */
  #completeItems(): number {
    const { store } = this.#parts;
    const { words } = this.#queue;
    let done = 0;
    for (; this.#complete < this.#queue.length; done++) {
      if (!store.isComplete(words[this.#queue.at(this.#complete) + 5] as number)) break; // an item has six words
      if (store.delaysAcknowledgements) this.#acknowledge(this.#complete);
      this.#complete++;
    }
    return done;
  }

  #acknowledge(n: number): void {
    const index = this.#index;
    const { words } = this.#queue;
    const item = this.#queue.at(n);
    const entry = words[item + 2] as number; // as above, here and below
    if (index.isSessionLost(entry)) return;
    const [version, members] = [words[item + 3] as number, words[item + 4] as number];
    this.#parts.answers.group(index.address(entry), index.generation(entry), index.id(entry), version, members);
  }

  /** Sends a shard what it has not been sent. @returns how many items. */
  #sendTo(shard: number): number {
    let at = this.#sent[shard] as number; // a shard of the switch
    const end = Math.min(this.#complete, at + SENT_MAX);
    const begin = at;
    while (at < end && (!this.#isFor(at, shard) || this.#send(at, shard))) at++;
    this.#sent[shard] = at;
    return at - begin;
  }

  /** Whether an item concerns a shard: a message may have members anywhere. */
  #isFor(n: number, shard: number): boolean {
    if (this.#queue.words[this.#queue.at(n)] === GroupItem.MESSAGE) return true;
    return this.#settings.homes.shardOf(this.#index.sender(this.#entryAt(n))) === shard;
  }

  /** @returns false if there is no room now. */
  #send(n: number, shard: number): boolean {
    const { fanOuts, hops } = this.#parts;
    const index = this.#index;
    const { words } = this.#queue;
    const item = this.#queue.at(n);
    const entry = this.#entryAt(n);
    const account = this.#groups.plan.accountOf(words[item + 1] as number);
    const version = words[item + 3] as number;
    const [sender, id, sequence] = [index.sender(entry), index.id(entry), index.sequence(entry)];
    const isLocal = shard === this.#settings.shard;
    if (words[item] !== GroupItem.MESSAGE) {
      const isMember = words[item] === GroupItem.JOIN;
      if (isLocal) return fanOuts.takeChange(account, sender, isMember, sequence);
      return hops.write.membership(shard, account, sender, isMember ? 1 : 0, sequence);
    }
    const bytes = index.payloadBytes(entry);
    if (isLocal) {
      index.copyPayload(entry, this.#payload.view, 0);
      this.#payload.bytes = bytes;
      return fanOuts.take(account, version, sender, id, sequence, this.#payload);
    }
    const at = hops.write.fanOut(shard, bytes, account, version, sender, id, sequence);
    if (at < 0) return false;
    index.copyPayload(entry, hops.view, at);
    hops.end(shard);
    return true;
  }

  /** Removes items from the front that all shards have stored. @returns how many. */
  #removeTaken(): number {
    const { accounts, store, owed } = this.#parts;
    let done = 0;
    for (; this.#complete > 0 && this.#isTaken(); done++) {
      const row = this.#index.accountRow(this.#entryAt(0));
      accounts.setMailbox(row, store.removeFirst(accounts.mailbox(row)));
      this.#queue.shift();
      this.#complete--;
      for (let shard = 0; shard < this.#sent.length; shard++)
        this.#sent[shard] = Math.max(0, (this.#sent[shard] as number) - 1);
      owed.itemRemoved();
    }
    return done;
  }

  /** Whether all shards have stored the oldest item. */
  #isTaken(): boolean {
    const entry = this.#entryAt(0);
    const row = this.#index.accountRow(entry);
    const sequence = this.#index.sequence(entry);
    for (let shard = 0; shard < this.#sent.length; shard++) {
      const taken = this.#taken[this.#takenPlace(row, shard)] as number; // as above
      if (this.#isFor(0, shard) && (taken === NONE || serialDistance(taken, sequence) < 0)) return false;
    }
    return true;
  }

  #entryAt(n: number): number {
    return this.#queue.words[this.#queue.at(n) + 2] as number; // an item has six words
  }

  #takenPlace(row: number, shard: number): number {
    return (row - this.#firstRow) * this.#settings.homes.shards + shard;
  }
}
