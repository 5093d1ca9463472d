/**
 * Random appends, removals, turns, crashes and compactions, against a list of what was recorded. After each crash the
 * mailboxes, sequence numbers and windows of ids are rebuilt from the log, and have to be what the list says.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import { AccountTable } from '../switch/tables/account-table.ts';
import { DelayedLog } from './delayed-log.test-suite.ts';
import { IdWindows, WindowVerdict } from './id-windows.ts';
import { EntryState, type MailboxEntry, NOT_TO_GROUP, PHONE_TO_PHONE } from './mailbox-entry.ts';
import { MailboxIndex } from './mailbox-index.ts';
import { GroupNote } from './mailbox-log.ts';
import { type OpenItem, restoreMailboxes } from './restore-mailboxes.ts';

const [ROWS, SENDERS, IDS] = [3, 3, 16];
/** Ids wrap around within a test. */
const serialId = (n: number): number => (SERIAL_MASK - 12 + n) & SERIAL_MASK;

const row = fc.nat(ROWS - 1);
const skip = fc.oneof({ weight: 6, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.constantFrom(14, 15, 31, 32) });
const back = fc.oneof(fc.nat(4), fc.constantFrom(14, 15, 16, 17));
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('send' as const), row, sender: fc.nat(SENDERS - 1), skip }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('again' as const), row, sender: fc.nat(SENDERS - 1), back }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('receipt' as const), row }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('group' as const), row, author: fc.nat(SENDERS - 1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), row }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), survivors: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'compact' as const }) },
);

/** One record, as plain data. Messages have the number of their id; receipts have none. */
interface Made {
  readonly row: number;
  readonly sequence: number;
  readonly sender: number;
  readonly id: number;
  readonly isRemoval: boolean;
  readonly isReceipt: boolean;
  readonly isToGroup: boolean;
}

/** What a home does with its store, in small, and the list of all that it has recorded. */
class Home {
  readonly log: DelayedLog;
  made: Made[] = [];
  index = new MailboxIndex(256);
  accounts = new AccountTable(ROWS);
  windows = new IdWindows(256);
  readonly #lastIds = new Array<number>(SENDERS).fill(0);
  readonly #payload = new DataView(new ArrayBuffer(256));
  #groupIds = 0;

  constructor(delayTurns: number) {
    this.log = new DelayedLog(delayTurns);
  }

  send(toRow: number, sender: number, skip: number): void {
    const id = (this.#lastIds[sender] ?? 0) + 1 + skip;
    this.#lastIds[sender] = id;
    this.#offer(toRow, sender, id);
  }

  /** Sends one of the last ids of a sender, whether or not it went to this recipient before. */
  again(toRow: number, sender: number, back: number): void {
    const id = (this.#lastIds[sender] ?? 0) - back;
    if (id > 0) this.#offer(toRow, sender, id);
  }

  /** A message to a group. Its id counts by group, so the window of its author must not know it. */
  group(toRow: number, author: number): void {
    const id = ++this.#groupIds;
    const entry = { ...this.#entry(toRow, author, id), group: id + 100, version: -id, isList: id % 2 === 0 };
    this.#append(entry, id);
  }

  receipt(toRow: number): void {
    this.#append({ ...this.#entry(toRow, 0, 0), isReceipt: true, payloadBytes: 0 }, 0);
  }

  /** Removes the oldest entry, unless its record is incomplete: nobody has been sent it then. */
  remove(fromRow: number): void {
    const mailbox = this.accounts.mailbox(fromRow);
    if (mailbox === 0) return;
    const sequence = this.index.sequence(this.index.first(mailbox));
    const complete = this.made.slice(0, this.made.length - this.log.incomplete);
    if (!complete.some((one) => one.row === fromRow && !one.isRemoval && one.sequence === sequence)) return;
    this.log.remove(fromRow, sequence);
    this.made.push({
      row: fromRow,
      sequence,
      sender: 0,
      id: 0,
      isRemoval: true,
      isReceipt: false,
      isToGroup: false,
    });
    this.accounts.setMailbox(fromRow, this.index.removeFirst(mailbox));
  }

  crash(survivors: number): void {
    const lost = Math.max(0, this.log.incomplete - survivors);
    this.made.length -= lost;
    this.log.crash(survivors);
    this.index = new MailboxIndex(256);
    this.accounts = new AccountTable(ROWS);
    this.windows = new IdWindows(256);
    restoreMailboxes(this.log, this.index, this.accounts, this.windows);
  }

  /** The entries of a mailbox that the list has. */
  listed(ofRow: number): Made[] {
    const mine = this.made.filter((one) => one.row === ofRow);
    const removedTo = Math.max(0, ...mine.filter((one) => one.isRemoval).map((one) => one.sequence));
    return mine.filter((one) => !one.isRemoval && one.sequence > removedTo);
  }

  /** The result that the list gives for an id. */
  verdictOf(ofRow: number, sender: number, id: number): WindowVerdict {
    const ids = this.made
      .filter((one) => one.row === ofRow && one.sender === sender && !one.isRemoval && !one.isReceipt && !one.isToGroup)
      .map((one) => one.id);
    if (ids.length > 0 && Math.max(...ids) - id >= IDS) return WindowVerdict.TOO_OLD;
    return ids.includes(id) ? WindowVerdict.DUPLICATE : WindowVerdict.NEW;
  }

  #offer(toRow: number, sender: number, id: number): void {
    const entry = this.#entry(toRow, sender, id);
    const verdict = this.windows.judge(entry);
    assert.equal(verdict, this.verdictOf(toRow, sender, id), `id ${id} of sender ${sender} to ${toRow}`);
    if (verdict === WindowVerdict.NEW) this.#append(entry, id);
  }

  #append(entry: MailboxEntry, id: number): void {
    assert.ok(this.log.append(entry));
    const { accountRow, sequence, sender, isReceipt } = entry;
    const isToGroup = entry.group !== NOT_TO_GROUP;
    this.made.push({ row: accountRow, sequence, sender, id, isRemoval: false, isReceipt, isToGroup });
    const shared = isToGroup ? this.#keep(entry) : undefined;
    this.accounts.setMailbox(accountRow, this.index.append(this.accounts.mailbox(accountRow), entry, shared));
    if (shared !== undefined) this.index.shared.release(shared);
    this.accounts.setSequence(accountRow, sequence);
    if (!isReceipt && !isToGroup) this.windows.put(entry);
  }

  #keep({ sender, id, group, version, isList, payload, payloadAt, payloadBytes }: MailboxEntry): number {
    const span = { view: payload, at: payloadAt, bytes: payloadBytes };
    return this.index.shared.keep(sender, id, group, version, isList, span);
  }

  #entry(toRow: number, sender: number, id: number): MailboxEntry {
    const payloadBytes = (id * 37) % 250;
    for (let n = 0; n < payloadBytes; n++) this.#payload.setUint8(n, id + n);
    const [address, generation] = [sender + 7, sender + 9];
    return {
      ...{ accountRow: toRow, sequence: this.accounts.nextSequence(toRow), sender, id: serialId(id), isReceipt: false },
      ...PHONE_TO_PHONE,
      ...{ address, generation, highest: 0, seen: 0, payload: this.#payload, payloadAt: 0, payloadBytes },
    };
  }
}

function compare(home: Home): void {
  const target = new DataView(new ArrayBuffer(256));
  for (let ofRow = 0; ofRow < ROWS; ofRow++) {
    const listed = home.listed(ofRow);
    const mailbox = home.accounts.mailbox(ofRow);
    assert.equal(home.index.count(mailbox), listed.length);
    if (listed.length > 0) assert.ok(home.accounts.hasBacklog(ofRow), 'there is something to send');
    let entry = listed.length === 0 ? 0 : home.index.first(mailbox);
    for (const one of listed) {
      const { index } = home;
      assert.deepEqual(
        [index.sequence(entry), index.isReceipt(entry), index.state(entry)],
        [one.sequence, one.isReceipt, EntryState.WAITING],
      );
      if (!one.isReceipt) {
        assert.deepEqual([index.sender(entry), index.id(entry)], [one.sender, serialId(one.id)]);
        assert.equal(index.isShared(entry), one.isToGroup);
        if (one.isToGroup) compareGroup(index, entry, one);
        else assert.deepEqual([index.address(entry), index.generation(entry)], [one.sender + 7, one.sender + 9]);
        index.copyPayload(entry, target, 0);
        const bytes = index.payloadBytes(entry);
        assert.equal(bytes, (one.id * 37) % 250);
        if (bytes > 0) assert.equal(target.getUint8(bytes - 1), (one.id + bytes - 1) & 0xff);
      }
      entry = index.next(mailbox, entry);
    }
    assert.equal(entry, 0, 'the mailbox ends where the list does');
    const newest = Math.max(0, ...home.made.filter((one) => one.row === ofRow).map((one) => one.sequence));
    assert.equal(home.accounts.nextSequence(ofRow), newest + 1);
  }
}

function compareGroup(index: MailboxIndex, entry: number, { sender, id }: Made): void {
  const { shared } = index;
  const name = index.sharedPayload(entry);
  assert.deepEqual([shared.author(name), shared.id(name)], [sender, serialId(id)]);
  assert.deepEqual([shared.group(name), shared.version(name), shared.isList(name)], [id + 100, -id, id % 2 === 0]);
  assert.ok(index.isSessionLost(entry), 'no session waits for it');
}

describe('mailboxes rebuilt from a log', () => {
  it('have every complete entry once and in order, the next sequence number, and the ids accepted so far', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.array(step, { maxLength: 100, size: 'max' }), (delayTurns, steps) => {
        const home = new Home(delayTurns);
        for (const one of [...steps, { kind: 'crash' as const, survivors: 1 }]) {
          if (one.kind === 'send') home.send(one.row, one.sender, one.skip);
          else if (one.kind === 'again') home.again(one.row, one.sender, one.back);
          else if (one.kind === 'receipt') home.receipt(one.row);
          else if (one.kind === 'group') home.group(one.row, one.author);
          else if (one.kind === 'remove') home.remove(one.row);
          else if (one.kind === 'turn') home.log.submit();
          else if (one.kind === 'compact') home.log.compact();
          else {
            home.crash(one.survivors);
            compare(home);
          }
        }
      }),
    );
  });

  it('are refused where the entries do not fit into the index, and taken where they just do', () => {
    const restore = (home: Home, blocks: number): void => {
      const index = new MailboxIndex(blocks);
      restoreMailboxes(home.log, index, new AccountTable(ROWS), undefined);
      assert.equal(index.hasRoom(0), false, 'nothing is left');
    };
    const receipts = new Home(0);
    for (let n = 0; n < 3; n++) receipts.receipt(0);
    assert.throws(() => restore(receipts, 2), { code: 'STORE_EXCEEDS_INDEX' });
    restore(receipts, 3);
    const groups = new Home(0);
    for (let n = 0; n < 3; n++) groups.group(0, 1);
    assert.throws(() => restore(groups, 6), { code: 'STORE_EXCEEDS_INDEX' }, 'the third payload has two blocks');
    restore(groups, 7);
  });

  it('need no block for an item that no member has any more, though the note that it is taken is missing', () => {
    const home = new Home(0);
    home.group(0, 1); // its payload and its entry have a block each
    home.log.submit();
    home.remove(0);
    home.receipt(0);
    home.receipt(0);
    home.log.note(GroupNote.TAKEN, 101, 9, 0); // a later one, which covers the missing one
    const index = new MailboxIndex(2);
    restoreMailboxes(home.log, index, new AccountTable(ROWS), undefined);
    assert.equal(index.entries, 2);
  });

  it('have an item that is still open, though it had to give its payload back meanwhile', () => {
    const home = new Home(0);
    home.group(0, 1);
    home.log.submit();
    home.remove(0);
    home.receipt(0);
    home.receipt(0);
    home.log.submit();
    home.remove(0);
    const index = new MailboxIndex(2);
    let open: ReadonlyMap<number, OpenItem> = new Map();
    const records = { item: () => {}, itemsRemoved: () => {}, noted: () => {} };
    const restored = (found: ReadonlyMap<number, OpenItem>): void => {
      open = found;
    };
    restoreMailboxes(home.log, index, new AccountTable(ROWS), undefined, { ...records, restored });
    const { shared, rows } = open.get(101) ?? assert.fail('it is open');
    assert.deepEqual([index.entries, index.shared.group(shared), index.shared.payloadBytes(shared)], [1, 101, 0]);
    assert.deepEqual([...rows], [0], 'who has had it');
  });

  it('of a group give back their blocks when they are removed', () => {
    const home = new Home(0);
    for (let n = 0; n < 4; n++) home.group(n % ROWS, 1);
    home.log.submit();
    home.crash(0);
    for (let n = 0; n < 4; n++) home.remove(n % ROWS);
    assert.equal(home.index.entries, 0);
    assert.ok(home.index.hasRoom(256 * 96), 'every block is free');
  });
});
