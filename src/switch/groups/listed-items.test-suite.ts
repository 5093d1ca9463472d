/** The queue of items at the home of groups, and a list of them, with shards that confirm and have room as told. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ByteSpan } from '../../base/byte-span.ts';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { blankEntry, GroupItem } from '../../store/mailbox-entry.ts';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import { type MailboxLog, nextBatch } from '../../store/mailbox-log.ts';
import { MailboxStore } from '../../store/mailbox-store.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { ItemQueue } from './item-queue.ts';

export const SHARDS = 3;
/** The shard of the queue, and the others. */
export const OWN = 1;
export const OTHERS = [0, 2];
const PHONES = 30;
const homes = new Placement(SHARDS, HOME_SALT);
const plan = new GroupPlan({
  ...{ seed: 1, firstAccount: PHONES, groups: 9, lists: 0, phones: PHONES },
  sizes: { median: 3, sigma: 0, max: 4 },
});
/** The groups that are at home on this shard. */
export const GROUPS = Array.from({ length: plan.count }, (_, group) => group).filter(
  (group) => homes.shardOf(plan.accountOf(group)) === OWN,
);
const QUEUE_MAX = 6;
/** Where hops put their payloads. */
const PAYLOAD_AT = 8;

/** A log whose batches are complete when the test says so. Their numbers start anew soon. */
class HeldLog implements MailboxLog {
  openBatch = SERIAL_MASK - 3;
  completedBatch = SERIAL_MASK - 4;

  append(): boolean {
    return true;
  }

  remove(): void {}

  note(): boolean {
    return true;
  }

  submit(): void {
    this.openBatch = nextBatch(this.openBatch);
  }

  replay(): void {}
}

/** An item that the home accepts. */
export const accepted = fc.record({
  kind: fc.constantFrom(GroupItem.MESSAGE, GroupItem.MESSAGE, GroupItem.JOIN, GroupItem.LEAVE),
  group: fc.constantFrom(...GROUPS),
  sender: fc.nat(PHONES - 1),
  payloadBytes: fc.nat(200),
  /** Shard of the session that waits for ✓. */
  shard: fc.nat(SHARDS - 1),
});
export type Accepted = typeof accepted extends fc.Arbitrary<infer A> ? A : never;

interface Item extends Accepted {
  readonly account: number;
  readonly sequence: number;
  /** How many items its group had before. */
  readonly place: number;
  /** Its entry in the mailbox of the group. */
  readonly entry: number;
  /** How many batches there were before that of its record. */
  readonly batch: number;
  /** What the author is told, and what shards are. */
  readonly answer: string;
  readonly text: string;
  isComplete: boolean;
  isSessionLost: boolean;
  /** Shards that were sent it, or that it does not concern. */
  readonly passed: Set<number>;
}

/** What others have heard of the queue. */
class Heard {
  readonly answers: string[] = [];
  readonly sent: string[][] = Array.from({ length: SHARDS }, () => []);
  readonly asked: string[] = [];
  removed = 0;
}

/** A queue, and beside it the list of its items. */
export class ListedItems {
  readonly items: ItemQueue;
  readonly heard = new Heard();
  /** For how many items there is room on the way to each shard. */
  readonly room = new Array<number>(SHARDS).fill(Number.POSITIVE_INFINITY);
  readonly #due = new Heard();
  readonly #log = new HeldLog();
  readonly #index = new MailboxIndex(2048);
  readonly #store: MailboxStore;
  readonly #accounts = new AccountTable(homes.rowsFor(PHONES + plan.count));
  #list: Item[] = [];
  readonly #received: Item[][] = Array.from({ length: SHARDS }, () => []);
  /** By shard and group: how many items the shard has confirmed. */
  readonly #taken = new Map<string, number>();
  readonly #places = new Map<number, number>();
  readonly #queueMax: number;
  #ids = 0;
  #batches = 0;
  #batchesComplete = 0;

  /** @param delays whether ✓ waits for records. @param kept items that were read back. */
  constructor(delays: boolean, kept: readonly Accepted[], queueMax = QUEUE_MAX) {
    this.#store = new MailboxStore(this.#index, this.#log, { acknowledgementsMax: delays ? 8 : 0, idWindowsMax: 0 });
    for (const group of GROUPS) this.#accounts.setSequence(homes.rowOf(plan.accountOf(group)), SERIAL_MASK - 2);
    this.#queueMax = queueMax;
    const { heard } = this;
    const layout = AddressLayout.of({ peers: SHARDS, shard: OWN });
    this.items = new ItemQueue(
      { homes, shard: OWN },
      { plan, queueMax },
      {
        ...{ store: this.#store, mailboxes: this.#index, accounts: this.#accounts, addresses: layout },
        ...this.#ways(),
        answers: { group: (...answer) => heard.answers.push(answer.join(' ')) },
        owed: {
          askAfter: (shard, items) => heard.asked.push(`${shard} after ${items}`),
          itemRemoved: () => {
            heard.removed++;
          },
        },
      },
    );
    for (const one of kept) {
      const item = this.#append(one);
      item.isComplete = true;
      this.items.restore(one.kind, one.group, item.entry, ...countsOf(this.#ids));
    }
    this.items.restored();
    for (let shard = 0; shard < SHARDS; shard++) this.#due.asked.push(`${shard} after ${kept.length}`);
  }

  /** The home accepts an item, as StoredGroupHome does. */
  accept(one: Accepted): void {
    if (this.items.isFull) return;
    const item = this.#append(one);
    this.items.push(one.kind, one.group, item.entry, ...countsOf(this.#ids));
    if (this.#store.delaysAcknowledgements) return;
    this.items.acknowledgeNewest();
    this.#due.answers.push(item.answer);
  }

  submit(): void {
    this.#store.submit();
    this.#batches++;
  }

  complete(batches: number): void {
    for (let n = 0; n < batches && this.#batchesComplete < this.#batches; n++) {
      this.#batchesComplete++;
      this.#log.completedBatch = nextBatch(this.#log.completedBatch);
    }
  }

  /** A shard confirms one of the items that it was ever sent, and those before it. */
  confirm(shard: number, n: number): void {
    const received = this.#received[shard] ?? [];
    const item = received[n % received.length];
    if (item === undefined) return;
    this.items.taken(item.account, shard, item.sequence);
    const key = `${shard} ${item.group}`;
    this.#taken.set(key, Math.max(this.#taken.get(key) ?? 0, item.place + 1));
  }

  forget(shard: number): void {
    this.items.forgetShard(shard);
    for (const item of this.#list) {
      item.passed.delete(shard);
      if (!item.isComplete && item.shard === shard) item.isSessionLost = true;
    }
    this.#due.asked.push(`${shard} after ${this.#list.filter(({ isComplete }) => isComplete).length}`);
  }

  work(): void {
    const room = [...this.room];
    const done = this.#completed() + this.#sent(room) + this.#removed();
    assert.equal(this.items.doWork(), done);
    assert.deepEqual(this.room, room);
  }

  check(): void {
    assert.deepEqual(this.heard, this.#due);
    assert.deepEqual([this.items.length, this.items.isFull], [this.#list.length, this.#list.length === this.#queueMax]);
    assert.equal(this.items.incompleteOf(0, 0), 0, 'there is no such item');
    for (const [n, { sender, entry, isComplete }] of this.#list.entries())
      assert.equal(this.items.incompleteOf(sender, this.#ids - this.#list.length + 1 + n), isComplete ? 0 : entry);
    for (const group of GROUPS) {
      const mailbox = this.#accounts.mailbox(homes.rowOf(plan.accountOf(group)));
      assert.equal(this.#index.count(mailbox), this.#list.filter((item) => item.group === group).length);
    }
  }

  /** All records become complete, there is room, and all shards confirm what they have: nothing is left. */
  finish(): void {
    this.room.fill(Number.POSITIVE_INFINITY);
    this.submit();
    this.complete(this.#batches);
    this.work();
    for (const [shard, received] of this.#received.entries()) for (const n of received.keys()) this.confirm(shard, n);
    this.work();
    this.check();
    assert.equal(this.items.length, 0);
  }

  #append(one: Accepted): Item {
    const { kind, group, sender, shard } = one;
    const id = ++this.#ids;
    const account = plan.accountOf(group);
    const row = homes.rowOf(account);
    const sequence = this.#accounts.nextSequence(row);
    const address = AddressLayout.of({ peers: SHARDS, shard }).addressOf(id);
    const payloadBytes = kind === GroupItem.MESSAGE ? one.payloadBytes : 0;
    const view = new DataView(Uint8Array.from({ length: payloadBytes }, (_, n) => id + n).buffer);
    const [version, members] = countsOf(id);
    const entry = this.#store.append(this.#accounts.mailbox(row), {
      ...blankEntry(view),
      ...{ accountRow: row, sequence, sender, id, group: account, item: kind, version, members, address },
      ...{ generation: id, payloadBytes },
    });
    assert.ok(entry > 0, 'the store has room');
    this.#accounts.setMailbox(row, entry);
    this.#accounts.setSequence(row, sequence);
    const place = this.#places.get(group) ?? 0;
    this.#places.set(group, place + 1);
    const item: Item = {
      ...{ ...one, account, sequence, place, entry, batch: this.#batches, isComplete: false, isSessionLost: false },
      passed: new Set(),
      answer: [address, id, id, version, members].join(' '),
      text:
        kind === GroupItem.MESSAGE
          ? messageText([account, version, sender, id, sequence]) + hexOf({ view, at: 0, bytes: payloadBytes })
          : changeText(account, sender, kind === GroupItem.JOIN, sequence),
    };
    this.#list.push(item);
    return item;
  }

  /** The ways to the shards: hops to others, and calls to this one. */
  #ways(): Pick<ConstructorParameters<typeof ItemQueue>[2], 'hops' | 'fanOuts'> {
    let text = '';
    let bytes = 0;
    const view = new DataView(new ArrayBuffer(2048));
    const tell = (shard: number, what: string): boolean => {
      if (this.room[shard] === 0) return false;
      this.room[shard] = (this.room[shard] ?? 0) - 1;
      this.heard.sent[shard]?.push(what);
      return true;
    };
    const toOther = (shard: number): void => assert.ok(OTHERS.includes(shard), 'a shard sends itself no hops');
    return {
      hops: {
        view,
        end: (shard) => assert.ok(tell(shard, text + hexOf({ view, at: PAYLOAD_AT, bytes })), 'room was claimed'),
        write: {
          fanOut: (shard, payloadBytes, ...words) => {
            toOther(shard);
            if (this.room[shard] === 0) return -1;
            [text, bytes] = [messageText(words), payloadBytes];
            return PAYLOAD_AT;
          },
          membership: (shard, account, sender, isMember, sequence) => {
            toOther(shard);
            return tell(shard, changeText(account, sender, isMember === 1, sequence));
          },
        },
      },
      fanOuts: {
        take: (account, version, sender, id, sequence, payload) =>
          tell(OWN, messageText([account, version, sender, id, sequence]) + hexOf(payload)),
        takeChange: (account, sender, isMember, sequence) => tell(OWN, changeText(account, sender, isMember, sequence)),
      },
    };
  }

  /** Items are answered in their order, each when its record is complete and somebody waits for ✓. */
  #completed(): number {
    const all = this.#list.filter(({ isComplete, batch }) => !isComplete && batch < this.#batchesComplete);
    for (const item of all) {
      item.isComplete = true;
      if (this.#store.delaysAcknowledgements && !item.isSessionLost) this.#due.answers.push(item.answer);
    }
    return all.length;
  }

  /** Each shard is sent what concerns it, in order, as far as there is room. */
  #sent(room: number[]): number {
    let done = 0;
    for (let shard = 0; shard < SHARDS; shard++) {
      for (const item of this.#list.filter(({ isComplete, passed }) => isComplete && !passed.has(shard))) {
        if (concerns(item, shard)) {
          if (room[shard] === 0) break;
          room[shard] = (room[shard] ?? 0) - 1;
          this.#due.sent[shard]?.push(item.text);
          this.#received[shard]?.push(item);
        }
        item.passed.add(shard);
        done++;
      }
    }
    return done;
  }

  /** Items leave the list in their order, when all shards that they concern have confirmed them. */
  #removed(): number {
    const isTaken = (item: Item, shard: number): boolean =>
      !concerns(item, shard) || (this.#taken.get(`${shard} ${item.group}`) ?? 0) > item.place;
    const isDone = (item: Item): boolean => item.isComplete && [OWN, ...OTHERS].every((shard) => isTaken(item, shard));
    const left = this.#list.findIndex((item) => !isDone(item));
    const removed = this.#list.splice(0, left < 0 ? this.#list.length : left).length;
    this.#due.removed += removed;
    return removed;
  }
}

/** Version and members of an item, which nothing else has. */
function countsOf(id: number): [version: number, members: number] {
  return [2 * id, 3 * id];
}

/** A message has members everywhere; a change concerns the home of its account. */
function concerns({ kind, sender }: Item, shard: number): boolean {
  return kind === GroupItem.MESSAGE || homes.shardOf(sender) === shard;
}

/** A message on its way to a shard, without its payload. */
function messageText(words: readonly number[]): string {
  return `message ${words.join(' ')}: `;
}

function changeText(account: number, sender: number, isMember: boolean, sequence: number): string {
  return `${sender} ${isMember ? 'joins' : 'leaves'} ${account}, ${sequence}`;
}

function hexOf({ view, at, bytes }: ByteSpan): string {
  return Buffer.from(view.buffer, view.byteOffset + at, bytes).toString('hex');
}
