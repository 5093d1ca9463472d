/**
 * Shared payloads and the entries that refer to them, against lists: who holds what, in which order messages become
 * finished, and that every block comes back.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EntryState, type MailboxEntry, PHONE_TO_PHONE } from './mailbox-entry.ts';
import { MailboxIndex } from './mailbox-index.ts';

const BLOCKS = 20;
const MAILBOXES = 3;
const PART_BYTES = 96;
const PAYLOAD_AT = 5;

/** A message to a group as the lists know it. */
interface Held {
  readonly shared: number;
  readonly author: number;
  readonly id: number;
  readonly group: number;
  readonly version: number;
  readonly isList: boolean;
  readonly payload: readonly number[];
  /** References: the one of who kept it, and those of entries. */
  references: number;
  isOwnersGone: boolean;
  isTracked: boolean;
  hasRejected: boolean;
}

const blocksOf = (payloadBytes: number): number => Math.max(1, Math.ceil(payloadBytes / PART_BYTES));
const payload = fc.oneof(
  fc.array(fc.nat(255), { maxLength: 8 }),
  fc.constantFrom(95, 96, 97, 192, 193).map((length) => new Array<number>(length).fill(length)),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('keep' as const), payload, isList: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), n: fc.nat(9), mailbox: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), mailbox: fc.nat(MAILBOXES - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('track' as const), n: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const), n: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), n: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'report' as const }) },
);

function entryOf(accountRow: number, sequence: number, held: Held): MailboxEntry {
  const { author: sender, id, group, version, isList } = held;
  return {
    ...PHONE_TO_PHONE,
    ...{ accountRow, sequence, sender, id, isReceipt: false, group, version, isList },
    ...{ address: 0, generation: 0, highest: 0, seen: 0 },
    ...{ payload: new DataView(new ArrayBuffer(0)), payloadAt: 0, payloadBytes: held.payload.length },
  };
}

/** An index with its shared payloads, and the lists that it is compared with. */
class Both {
  readonly index = new MailboxIndex(BLOCKS);
  readonly #names = new Array<number>(MAILBOXES).fill(0);
  readonly #mailboxes: Held[][] = Array.from({ length: MAILBOXES }, () => []);
  readonly #held: Held[] = [];
  readonly #finished: Held[] = [];
  #used = 0;
  #number = 0;

  keep(bytes: readonly number[], isList: boolean): void {
    const blocks = blocksOf(bytes.length);
    const { shared } = this.index;
    assert.equal(shared.hasRoom(bytes.length), this.#used + blocks <= BLOCKS);
    assert.equal(this.index.hasSharedRoom(bytes.length), this.#used + blocks + 1 <= BLOCKS, 'an entry besides');
    if (this.#used + blocks > BLOCKS) return;
    const n = ++this.#number;
    const view = new DataView(new ArrayBuffer(PAYLOAD_AT + bytes.length));
    bytes.forEach((byte, at) => void view.setUint8(PAYLOAD_AT + at, byte));
    const [author, id, group, version] = [n, n + 100, n + 200, n % 2 === 0 ? n : -n];
    const payload = { view, at: PAYLOAD_AT, bytes: bytes.length };
    const name = shared.keep(author, id, group, version, isList, payload);
    this.#used += blocks;
    const flags = { references: 1, isOwnersGone: false, isTracked: false, hasRejected: false };
    this.#held.push({ shared: name, author, id, group, version, isList, payload: bytes, ...flags });
  }

  append(n: number, mailbox: number): void {
    const held = this.#held[n];
    if (held === undefined || this.#finished.includes(held)) return;
    assert.equal(this.index.hasRoom(held.payload.length, held.shared), this.#used < BLOCKS, 'one block, however long');
    if (this.#used === BLOCKS) return;
    const list = this.#mailboxes[mailbox] ?? [];
    const entry = entryOf(mailbox, list.length + 1, held);
    this.#names[mailbox] = this.index.append(this.#names[mailbox] ?? 0, entry, held.shared);
    this.#used++;
    held.references++;
    list.push(held);
  }

  remove(mailbox: number): void {
    const held = this.#mailboxes[mailbox]?.shift();
    if (held === undefined) return;
    this.#names[mailbox] = this.index.removeFirst(this.#names[mailbox] ?? 0);
    this.#used--;
    this.#dropReference(held);
  }

  track(n: number): void {
    const held = this.#held[n];
    if (held === undefined) return;
    held.isTracked = true;
    this.index.shared.track(held.shared);
  }

  reject(n: number): void {
    const held = this.#held[n];
    if (held === undefined) return;
    held.hasRejected = true;
    this.index.shared.setRejected(held.shared);
  }

  /** Whoever kept a message gives up its reference, once. */
  release(n: number): void {
    const held = this.#held[n];
    if (held === undefined || held.isOwnersGone) return;
    held.isOwnersGone = true;
    this.index.shared.release(held.shared);
    this.#dropReference(held);
  }

  /** The group of the oldest finished message is told. */
  report(): void {
    const [held] = this.#finished;
    if (held === undefined) return;
    this.index.shared.removeFinished();
    this.#finished.shift();
    this.#forget(held);
  }

  compare(): void {
    const { shared } = this.index;
    assert.equal(shared.firstFinished, this.#finished[0]?.shared ?? 0);
    for (const held of this.#held) {
      const name = held.shared;
      assert.deepEqual(
        [shared.author(name), shared.id(name), shared.group(name), shared.version(name), shared.isList(name)],
        [held.author, held.id, held.group, held.version, held.isList],
      );
      assert.equal(shared.hasRejected(name), held.hasRejected);
      const target = new DataView(new ArrayBuffer(held.payload.length + 2));
      shared.copyPayload(name, target, 1);
      const bytes = Array.from(new Uint8Array(target.buffer));
      assert.deepEqual(bytes, [0, ...held.payload, 0], 'exactly the payload is copied');
    }
    assert.equal(this.index.entries, this.#mailboxes.flat().length);
    this.#compareEntries();
  }

  /** Empties everything. */
  end(): void {
    for (let n = this.#held.length; n >= 0; n--) this.release(n);
    for (let mailbox = 0; mailbox < MAILBOXES; mailbox++) {
      while ((this.#mailboxes[mailbox] ?? []).length > 0) this.remove(mailbox);
    }
    while (this.#finished.length > 0) this.report();
    assert.equal(this.index.shared.firstFinished, 0);
    assert.ok(this.index.hasRoom(BLOCKS * PART_BYTES), 'every block came back');
  }

  #compareEntries(): void {
    const { index } = this;
    this.#mailboxes.forEach((list, mailbox) => {
      const name = this.#names[mailbox] ?? 0;
      let entry = name === 0 ? 0 : index.first(name);
      for (const held of list) {
        assert.deepEqual(
          [index.isShared(entry), index.sharedPayload(entry), index.accountRow(entry), index.sender(entry)],
          [true, held.shared, mailbox, held.author],
        );
        assert.deepEqual([index.id(entry), index.isSessionLost(entry)], [held.id, true], 'nobody gets its receipt');
        const target = new DataView(new ArrayBuffer(held.payload.length));
        index.copyPayload(entry, target, 0);
        assert.deepEqual(Array.from(new Uint8Array(target.buffer)), held.payload);
        entry = index.next(name, entry);
      }
      assert.equal(entry, 0);
    });
  }

  #dropReference(held: Held): void {
    held.references--;
    if (held.references > 0) return;
    if (held.isTracked) this.#finished.push(held);
    else this.#forget(held);
  }

  #forget(held: Held): void {
    this.#held.splice(this.#held.indexOf(held), 1);
    this.#used -= blocksOf(held.payload.length);
  }
}

describe('payloads of messages to groups', () => {
  it('live as long as they are referred to, and are reported in the order in which they finish', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const both = new Both();
        for (const one of steps) {
          if (one.kind === 'keep') both.keep(one.payload, one.isList);
          else if (one.kind === 'append') both.append(one.n, one.mailbox);
          else if (one.kind === 'remove') both.remove(one.mailbox);
          else if (one.kind === 'track') both.track(one.n);
          else if (one.kind === 'reject') both.reject(one.n);
          else if (one.kind === 'release') both.release(one.n);
          else both.report();
          both.compare();
        }
        both.end();
      }),
    );
  });

  it('are counted for integrity once per mailbox until the phone has confirmed, and apart from other messages', () => {
    const index = new MailboxIndex(10);
    const view = new DataView(new ArrayBuffer(100));
    const shared = index.shared.keep(7, 70, 9, 1, false, { view, at: 0, bytes: 100 });
    const flags = { references: 1, isOwnersGone: false, isTracked: false, hasRejected: false };
    const held = { shared, author: 7, id: 70, group: 9, version: 1, isList: false, payload: [], ...flags };
    const first = index.append(0, entryOf(0, 1, held), shared);
    index.append(0, entryOf(1, 1, held), shared);
    const direct = index.append(0, { ...entryOf(2, 1, held), sender: 3, id: 30, payload: view, payloadBytes: 100 });
    index.append(direct, { ...entryOf(2, 2, held), sender: 4, id: 40, isReceipt: true, payloadBytes: 0 });
    const messages = (): string[][] => {
      const [direct, group]: [string[], string[]] = [[], []];
      index.forEachMessage((sender, id) => direct.push(`${sender}:${id}`));
      index.forEachGroupMessage((author, id) => group.push(`${author}:${id}`));
      return [direct, group];
    };
    assert.deepEqual(messages(), [['3:30'], ['7:70', '7:70']]);
    // Four entries with a block each, and two payloads that need a second one.
    assert.deepEqual([index.usedBlocks, index.countEntryBlocks()], [7, 7]);
    index.shared.keep(8, 80, 9, 1, false, { view, at: 0, bytes: 100 });
    assert.deepEqual([index.usedBlocks, index.countEntryBlocks()], [9, 7], 'a payload to which no entry refers');
    index.setState(first, EntryState.CONFIRMED);
    assert.deepEqual(messages(), [['3:30'], ['7:70']]);
  });
});
