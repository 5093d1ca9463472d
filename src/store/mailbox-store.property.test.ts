/**
 * The store of a shard against lists: messages that wait for their records, the order in which they complete, what is
 * refused while the log or the queue is full, and the ids that each mailbox has accepted.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AccountTable } from '../switch/tables/account-table.ts';
import { DelayedLog } from './delayed-log.test-suite.ts';
import { WindowVerdict } from './id-windows.ts';
import { EntryState, type MailboxEntry, PHONE_TO_PHONE } from './mailbox-entry.ts';
import { MailboxIndex } from './mailbox-index.ts';
import { type Durability, MailboxStore, STORE_FULL, VOLATILE } from './mailbox-store.ts';
import { VolatileLog } from './volatile-log.ts';

const [ROWS, BLOCKS, WAITING_MAX] = [3, 10, 4];
const row = fc.nat(ROWS - 1);
const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('message' as const), row, session: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('receipt' as const), row, session: fc.nat(2) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('remove' as const), row }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'complete' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disk' as const), isFull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), session: fc.nat(2) }) },
);

/** An entry as the lists know it. */
interface Held {
  readonly row: number;
  readonly id: number;
  readonly session: number;
  readonly isReceipt: boolean;
  /** The number of the turn that submits its record. */
  readonly turn: number;
  isIncomplete: boolean;
  isLost: boolean;
}

/** A store, and the lists that it is compared with. */
class Both {
  readonly log: DelayedLog;
  readonly store: MailboxStore;
  readonly #delayTurns: number;
  readonly #acknowledgementsMax: number;
  readonly #durability: Durability;
  readonly #names = new Array<number>(ROWS).fill(0);
  readonly #lists: Held[][] = Array.from({ length: ROWS }, () => []);
  readonly #sequences = new Array<number>(ROWS).fill(0);
  /** Messages whose records are incomplete, in order. */
  readonly #waiting: Held[] = [];
  #turn = 0;
  #id = 0;

  constructor(delayTurns: number, acknowledgementsMax: number) {
    this.#delayTurns = delayTurns;
    this.#acknowledgementsMax = acknowledgementsMax;
    this.log = new DelayedLog(delayTurns);
    this.#durability = { acknowledgementsMax, idWindowsMax: 64 };
    this.store = new MailboxStore(new MailboxIndex(BLOCKS), this.log, this.#durability);
  }

  append(toRow: number, session: number, isReceipt: boolean): void {
    const id = ++this.#id;
    const entry = entryOf(toRow, (this.#sequences[toRow] ?? 0) + 1, id, session, isReceipt);
    if (!isReceipt) assert.equal(this.store.judge(entry), WindowVerdict.NEW);
    const waits = this.#acknowledgementsMax > 0 && !isReceipt;
    const isQueueFull = waits && this.#waiting.length === this.#acknowledgementsMax;
    const entries = this.#lists.reduce((sum, list) => sum + list.length, 0);
    const isRefused = isQueueFull || entries === BLOCKS || this.log.isFull;
    const name = this.store.append(this.#names[toRow] ?? 0, entry);
    assert.equal(name === STORE_FULL, isRefused, `${entries} entries, ${this.#waiting.length} wait`);
    if (isRefused) return;
    this.#sequences[toRow] = entry.sequence;
    this.#names[toRow] = name;
    const held: Held = { row: toRow, id, session, isReceipt, turn: this.#turn, isIncomplete: waits, isLost: false };
    this.#lists[toRow]?.push(held);
    if (waits) this.#waiting.push(held);
    if (!isReceipt) assert.equal(this.store.judge(entry), WindowVerdict.DUPLICATE, 'it is recognised from now on');
  }

  /** Removes the oldest entry of a mailbox unless it is incomplete: no phone can have confirmed it then. */
  remove(fromRow: number): void {
    const list = this.#lists[fromRow] ?? [];
    if (list[0]?.isIncomplete !== false) return;
    list.shift();
    this.#names[fromRow] = this.store.removeFirst(this.#names[fromRow] ?? 0);
  }

  turn(): void {
    this.store.submit();
    this.#turn++;
  }

  /** Takes every message whose record is complete, oldest first. */
  complete(): void {
    for (const expected of this.#waiting.filter(({ turn }) => turn + this.#delayTurns < this.#turn)) {
      assert.ok(this.store.hasCompletions, `message ${expected.id} is complete`);
      const entry = this.store.takeCompleted();
      assert.deepEqual([this.store.index.accountRow(entry), this.store.index.id(entry)], [expected.row, expected.id]);
      expected.isIncomplete = false;
      this.#waiting.shift();
    }
    assert.equal(this.store.hasCompletions, false, 'nothing further is complete');
  }

  lose(session: number): void {
    this.store.forgetSessions((address) => address === session);
    for (const held of this.#waiting) if (held.session === session) held.isLost = true;
  }

  /** The shard ends once all records are complete; what the next one finds is what the lists have. */
  restart(): void {
    this.log.isFull = false;
    for (let n = 0; n <= this.#delayTurns; n++) this.turn();
    const accounts = new AccountTable(ROWS);
    const store = new MailboxStore(new MailboxIndex(BLOCKS), this.log, this.#durability);
    store.restore(accounts);
    this.#lists.forEach((list, ofRow) => {
      const name = accounts.mailbox(ofRow);
      const ids: number[] = [];
      for (let entry = name === 0 ? 0 : store.index.first(name); entry !== 0; entry = store.index.next(name, entry)) {
        ids.push(store.index.id(entry));
      }
      assert.deepEqual(
        ids,
        list.map(({ id }) => id),
        'what was removed stays removed',
      );
      for (const { id, session, isReceipt } of list) {
        const entry = entryOf(ofRow, 0, id, session, isReceipt);
        if (!isReceipt) assert.notEqual(store.judge(entry), WindowVerdict.NEW, 'known after the restart');
      }
    });
  }

  compare(): void {
    const { index } = this.store;
    assert.equal(this.store.hasIncomplete, this.#waiting.length > 0);
    const isBusy = this.#acknowledgementsMax > 0 && this.#waiting.length === this.#acknowledgementsMax;
    assert.equal(this.store.isBusy, isBusy);
    this.#lists.forEach((list, ofRow) => {
      const name = this.#names[ofRow] ?? 0;
      assert.equal(index.count(name), list.length);
      let entry = name === 0 ? 0 : index.first(name);
      for (const held of list) {
        assert.deepEqual(
          [index.id(entry), index.isReceipt(entry), index.isSessionLost(entry), index.state(entry)],
          [held.id, held.isReceipt, held.isLost, held.isIncomplete ? EntryState.INCOMPLETE : EntryState.WAITING],
        );
        assert.equal(this.store.incompleteOf(name, held.id % 2, held.id), held.isIncomplete ? entry : 0);
        assert.equal(
          this.store.incompleteOf(name, 1 - (held.id % 2), held.id),
          0,
          'another sender has no such message',
        );
        entry = index.next(name, entry);
      }
    });
  }
}

const payload = new DataView(new ArrayBuffer(16));
/** An entry of one block, from one of two senders. */
function entryOf(accountRow: number, sequence: number, id: number, address: number, isReceipt: boolean): MailboxEntry {
  const fixed = {
    ...PHONE_TO_PHONE,
    generation: 1,
    highest: 0,
    seen: 0,
    payload,
    payloadAt: 0,
    payloadBytes: isReceipt ? 0 : 16,
  };
  return { accountRow, sequence, sender: id % 2, id, isReceipt, address, ...fixed };
}

describe('the store of a shard', () => {
  it('refuses exactly what finds no room, and completes messages in the order in which they came', () => {
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.constantFrom(0, 1, WAITING_MAX),
        fc.array(step, { maxLength: 80, size: 'max' }),
        (delayTurns, acknowledgementsMax, steps) => {
          const both = new Both(delayTurns, acknowledgementsMax);
          assert.equal(both.store.delaysAcknowledgements, acknowledgementsMax > 0);
          for (const one of steps) {
            if (one.kind === 'message' || one.kind === 'receipt')
              both.append(one.row, one.session, one.kind === 'receipt');
            else if (one.kind === 'remove') both.remove(one.row);
            else if (one.kind === 'turn') both.turn();
            else if (one.kind === 'complete') both.complete();
            else if (one.kind === 'disk') both.log.isFull = one.isFull;
            else both.lose(one.session);
            both.compare();
          }
          both.restart();
        },
      ),
    );
  });

  it('that need not last takes every id, waits for nothing, and has no bytes beside its index', () => {
    const store = new MailboxStore(new MailboxIndex(BLOCKS), new VolatileLog(), VOLATILE);
    const entry = entryOf(0, 1, 7, 1, false);
    assert.equal(store.bytes, 0);
    const name = store.append(0, entry);
    assert.notEqual(name, STORE_FULL);
    assert.equal(store.index.state(name), EntryState.WAITING, 'it can be sent at once');
    assert.deepEqual([store.hasIncomplete, store.hasCompletions], [false, false]);
    assert.equal(store.judge(entry), WindowVerdict.NEW, 'only sessions know ids');
    store.submit();
    assert.equal(store.removeFirst(name), 0);
  });

  it('counts the bytes of its queue and its windows', () => {
    const bytesOf = (acknowledgementsMax: number, idWindowsMax: number): number =>
      new MailboxStore(new MailboxIndex(1), new DelayedLog(), { acknowledgementsMax, idWindowsMax }).bytes;
    assert.deepEqual([bytesOf(100, 0), bytesOf(0, 64), bytesOf(100, 64)], [800, 1024, 1824]);
  });
});
