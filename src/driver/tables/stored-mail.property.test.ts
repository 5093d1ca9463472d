import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { WAITING_UNKNOWN } from '../../wire/phone-protocol.ts';
import { StoredMail, storedMailPlaces } from './stored-mail.ts';

/** A mailbox as a list: what waits in it, in order, each with its sequence number. */
interface Entry {
  readonly sequence: number;
  readonly isReceipt: boolean;
}

const ROW = 17;
const LAST_ID = 1000;

/** Which messages are found to have waited. */
function found(mail: StoredMail, entries: readonly Entry[]): number[] {
  const stored: number[] = [];
  for (const { sequence, isReceipt } of entries) {
    if (isReceipt) mail.receipt(ROW, LAST_ID - 5);
    else if (mail.waited(ROW, sequence, 100, 0)) stored.push(sequence);
  }
  return stored;
}

const kinds = fc.array(fc.boolean(), { maxLength: 40, size: 'max' });
const firstSequence = fc.constantFrom(1, 500, 2 ** 30 - 7);

function mailbox(areReceipts: readonly boolean[], first: number): Entry[] {
  return areReceipts.map((isReceipt, n) => ({ sequence: (first + n) % 2 ** 30, isReceipt }));
}

it('tells what waited from what came later, receipts among both, as a list of the mailbox does', () => {
  fc.assert(
    fc.property(kinds, kinds, firstSequence, (waiting, later, first) => {
      const entries = mailbox([...waiting, ...later], first);
      const expected = entries.slice(0, waiting.length).filter((entry) => !entry.isReceipt);
      const mail = new StoredMail(16);
      mail.loggedIn(ROW, waiting.length, LAST_ID, 200, 0);
      assert.deepEqual(
        found(mail, entries),
        expected.map((entry) => entry.sequence),
      );
    }),
  );
});

it('is not misled by numbers that are missing: of receipts that were written before', () => {
  const kind = fc.constantFrom('message', 'receipt', 'receipt written before');
  fc.assert(
    fc.property(fc.array(kind, { maxLength: 40, size: 'max' }), firstSequence, (kindsOfEntries, first) => {
      const isToCome = kindsOfEntries.map((one) => one !== 'receipt written before');
      const all = mailbox(
        kindsOfEntries.map((one) => one !== 'message'),
        first,
      );
      const entries = all.filter((_, n) => isToCome[n] === true);
      const later = mailbox([false, false], (first + all.length) % 2 ** 30);
      const mail = new StoredMail(16);
      mail.loggedIn(ROW, entries.length, LAST_ID, 200, 0);
      assert.deepEqual(
        found(mail, [...entries, ...later]),
        entries.filter((entry) => !entry.isReceipt).map((entry) => entry.sequence),
      );
    }),
  );
});

it('is not misled by messages that arrive again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), (again, fresh) => {
      const mail = new StoredMail(16);
      mail.loggedIn(ROW, again + fresh, LAST_ID, 200, 0);
      for (let round = 0; round < 2; round++) for (let n = 0; n < again; n++) mail.again(ROW, 1 + n);
      const arriving = Array.from({ length: fresh + 3 }, (_, n) => mail.waited(ROW, 1 + again + n, 100, 0));
      assert.deepEqual(
        arriving,
        arriving.map((_, n) => n < fresh),
      );
    }),
  );
});

it('does not take a message for one that waited if it was due after the login', () => {
  const mail = new StoredMail(16);
  mail.loggedIn(ROW, 3, LAST_ID, 200, 0); // one of them a receipt that is not recognised
  const arriving = [
    [1, 100],
    [2, 150],
    [3, 201],
  ] as const;
  assert.deepEqual(
    arriving.map(([sequence, due]) => mail.waited(ROW, sequence, due, 0)),
    [true, true, false],
  );
  mail.loggedIn(ROW, WAITING_UNKNOWN, LAST_ID, 200, 0);
  assert.equal(mail.waited(ROW, 90_000, 199, 0), true, 'that many or more');
  assert.equal(mail.waited(ROW, 90_001, 201, 0), false);
});

it('forgets at a login without mail, and lets the oldest of a bucket go first', () => {
  const mail = new StoredMail(8);
  for (let row = 0; row < 8; row++) assert.equal(mail.loggedIn(row, 2, 1, 100 + row, 0), true);
  assert.equal(mail.loggedIn(8, 2, 1, 200, 0), false, 'one gave way');
  const waited = Array.from({ length: 9 }, (_, row) => mail.waited(row, 1, 50, 0));
  assert.deepEqual(waited, [false, ...Array.from({ length: 8 }, () => true)]);
  mail.loggedIn(3, 0, 1, 300, 0);
  assert.equal(mail.waited(3, 2, 50, 0), false);
});

it('has places for a quarter of the phones, within bounds', () => {
  assert.deepEqual([1, 10_000, 1e6, 50e6].map(storedMailPlaces), [256, 4096, 65_536, 65_536]);
});
