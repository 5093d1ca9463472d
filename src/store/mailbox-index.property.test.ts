import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { blankEntry, EntryState, type MailboxEntry } from './mailbox-entry.ts';
import { MailboxIndex } from './mailbox-index.ts';

const BLOCKS = 24;
const MAILBOXES = 4;
const PART_BYTES = 96;

interface Held {
  readonly isSessionLost: boolean;
  readonly address: number;
  readonly generation: number;
  readonly sender: number;
  readonly id: number;
  readonly payload: number[];
  readonly blocks: number;
}

const FIRST_SESSION = { address: 3, generation: 5, isSessionLost: false };
/** The session of a message in the end: every second is lost, and every third changes. */
const sessionOf = (n: number): typeof FIRST_SESSION =>
  n % 3 > 0
    ? { ...FIRST_SESSION, isSessionLost: n % 2 === 0 }
    : { address: ~n, generation: 2047 - n, isSessionLost: false };

const payloadView = new DataView(new ArrayBuffer(2100));

function entryOf(row: number, sequence: number, held: Held): MailboxEntry {
  held.payload.forEach((byte, i) => {
    payloadView.setUint8(7 + i, byte);
  });
  const { sender, id, payload } = held;
  const { address, generation } = FIRST_SESSION;
  const session = { sender, id, address, generation };
  return {
    ...blankEntry(payloadView),
    accountRow: row,
    sequence,
    ...session,
    payloadAt: 7,
    payloadBytes: payload.length,
  };
}

it('keeps mailboxes as lists would, refuses exactly when its blocks are used up, and gets all of them back', () => {
  const step = fc.record({
    mailbox: fc.nat(MAILBOXES - 1),
    removes: fc.boolean(),
    payload: fc.oneof(
      fc.array(fc.nat(255), { minLength: 0, maxLength: 120, size: 'max' }),
      fc.integer({ min: 180, max: 700 }).map((n) => new Array<number>(n).fill(n & 255)),
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const index = new MailboxIndex(BLOCKS);
      const names = new Array<number>(MAILBOXES).fill(0);
      const naive: Held[][] = Array.from({ length: MAILBOXES }, () => []);
      const sequences = new Array<number>(MAILBOXES).fill(0);
      let used = 0;
      steps.forEach(({ mailbox, removes, payload }, n) => {
        const list = naive[mailbox] ?? [];
        const name = names[mailbox] ?? 0;
        if (removes) {
          if (list.length === 0) return;
          names[mailbox] = index.removeFirst(name);
          used -= list.shift()?.blocks ?? 0;
        } else {
          const held = {
            ...sessionOf(n),
            sender: n,
            id: n + 1,
            payload,
            blocks: Math.max(1, Math.ceil(payload.length / PART_BYTES)),
          };
          const sequence = (sequences[mailbox] ?? 0) + 1;
          const hasRoom = index.hasRoom(payload.length);
          assert.equal(hasRoom, used + held.blocks <= BLOCKS, 'full exactly when the blocks are used up');
          if (!hasRoom) return;
          sequences[mailbox] = sequence;
          names[mailbox] = index.append(name, entryOf(mailbox, sequence, held));
          if (n % 2 === 0) index.setSessionLost(names[mailbox] ?? 0);
          if (n % 3 === 0) index.setSession(names[mailbox] ?? 0, held.address, held.generation);
          list.push(held);
          used += held.blocks;
        }
        compare(index, names, naive);
        assert.deepEqual([index.usedBlocks, index.countEntryBlocks()], [used, used]);
      });
      naive.forEach((list, mailbox) => {
        for (const _ of list) names[mailbox] = index.removeFirst(names[mailbox] ?? 0);
      });
      assert.ok(index.hasRoom(BLOCKS * PART_BYTES), 'every block came back');
    }),
  );
});

function compare(index: MailboxIndex, names: readonly number[], naive: readonly Held[][]): void {
  const target = new DataView(new ArrayBuffer(2100));
  const all: string[] = [];
  naive.forEach((list, mailbox) => {
    const name = names[mailbox] ?? 0;
    assert.equal(index.count(name), list.length);
    let entry = list.length === 0 ? 0 : index.first(name);
    for (const held of list) {
      assert.deepEqual(
        [
          index.sender(entry),
          index.id(entry),
          index.address(entry),
          index.generation(entry),
          index.accountRow(entry),
          index.isSessionLost(entry),
        ],
        [held.sender, held.id, held.address, held.generation, mailbox, held.isSessionLost],
      );
      assert.equal(index.state(entry), EntryState.WAITING);
      index.copyPayload(entry, target, 1);
      assert.deepEqual(
        Array.from({ length: index.payloadBytes(entry) }, (_, i) => target.getUint8(1 + i)),
        held.payload,
      );
      all.push(`${held.sender}:${held.id}`);
      entry = index.next(name, entry);
    }
    assert.equal(entry, 0, 'the mailbox ends where the list does');
  });
  const seen: string[] = [];
  index.forEachMessage((sender, id) => seen.push(`${sender}:${id}`));
  assert.deepEqual(seen.sort(), all.sort());
  assert.equal(index.entries, all.length);
}

it('finds what was sent too long ago', () => {
  const index = new MailboxIndex(8);
  const mailbox = index.append(0, entryOf(6, 1, { ...FIRST_SESSION, sender: 1, id: 1, payload: [], blocks: 1 }));
  index.setState(mailbox, EntryState.SENT);
  index.setSentTick(mailbox, 250);
  const found: number[] = [];
  const visitor = { overdue: (row: number) => void found.push(row) };
  index.sweep(253, 10, 8, visitor);
  assert.deepEqual(found, []);
  index.sweep(250 + 9 - 256, 10, index.sweepPlaces, visitor);
  assert.deepEqual(found, [], 'one tick too early');
  index.sweep(250 + 10 - 256, 10, index.sweepPlaces, visitor);
  assert.deepEqual(found, [6], 'ticks go round at 256');
  assert.deepEqual(
    [index.state(mailbox), index.payloadBytes(mailbox)],
    [EntryState.SENT, 0],
    'the tick is beside them',
  );
});

it('finds each overdue entry once per round, however many places it looks at in a turn', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ bytes: fc.constantFrom(0, 96, 97, 200), isOld: fc.boolean() }), {
        minLength: 1,
        maxLength: 7,
      }),
      fc.integer({ min: 1, max: 5 }),
      (entries, places) => {
        const index = new MailboxIndex(24);
        assert.equal(index.entriesMax, 24);
        entries.forEach(({ bytes, isOld }, row) => {
          const held = { ...FIRST_SESSION, sender: 1, id: 1, payload: new Array<number>(bytes).fill(255), blocks: 1 };
          index.setSentTick(index.append(0, entryOf(row, 1, held)), isOld ? 0 : 200);
        });
        const found: number[] = [];
        const visitor = { overdue: (row: number) => void found.push(row) };
        const rounds = 2 * places;
        for (let looked = 0; looked < rounds * index.sweepPlaces; looked += places) {
          index.sweep(205, 100, places, visitor);
        }
        const old = entries.flatMap(({ isOld }, row) => (isOld ? [row] : []));
        const expected = old.flatMap((row) => new Array<number>(rounds).fill(row));
        assert.deepEqual(
          found.sort((a, b) => a - b),
          expected,
          'a part of a payload is no entry',
        );
      },
    ),
  );
});
