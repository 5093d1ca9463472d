/**
 * What a restart learns of groups from the records that are kept, against what it would learn from all that were ever
 * written.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { GroupItem, type MailboxEntry, NOT_TO_GROUP } from '../mailbox-entry.ts';
import { GroupNote } from '../mailbox-log.ts';
import { GroupState, PAIRS_MAX } from './group-state.ts';
import { logEntry } from './log-entries.test-suite.ts';

/** Groups at home here, in these rows, and groups of others that have members here, in rows as well. */
const OWN_ROWS = [0, 1] as const;
const GUESTS = [70, 71] as const;
const FIRST_MEMBER_ROW = 10;
const ACCOUNTS = 3;

interface Kept {
  readonly entry?: MailboxEntry;
  readonly note?: readonly [note: number, subject: number, sequence: number, detail: number];
  isRemoved: boolean;
}

const account = fc.nat(ACCOUNTS - 1);
const step = fc.oneof(
  fc.record({ kind: fc.constant('message' as const), own: fc.constantFrom(...OWN_ROWS), account }),
  fc.record({ kind: fc.constant('change' as const), own: fc.constantFrom(...OWN_ROWS), account, joins: fc.boolean() }),
  fc.record({ kind: fc.constant('settle' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('passed on' as const), own: fc.constantFrom(...OWN_ROWS) }),
  fc.record({ kind: fc.constant('give' as const), guest: fc.constantFrom(...GUESTS), member: account }),
  fc.record({ kind: fc.constant('taken' as const), guest: fc.constantFrom(...GUESTS), hasRejected: fc.boolean() }),
  fc.record({
    kind: fc.constant('member' as const),
    guest: fc.constantFrom(...GUESTS),
    member: account,
    joins: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('confirm' as const), which: fc.nat(20) }),
  fc.constant({ kind: 'clean' as const }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A shard's records of groups, of which a cleaner drops what the state says. */
class Records {
  all: Kept[] = [];
  kept: Kept[] = [];
  readonly state: GroupState;
  readonly #sequences = new Map<number, number>();
  /** By guest: the item that its members here are being given. */
  readonly #items = new Map<number, number>();

  constructor(pairsMax?: number) {
    this.state = new GroupState(pairsMax);
  }

  do(one: Step): void {
    if (one.kind === 'message') this.#accept(one.own, one.account, GroupItem.MESSAGE);
    else if (one.kind === 'change') this.#accept(one.own, one.account, one.joins ? GroupItem.JOIN : GroupItem.LEAVE);
    else if (one.kind === 'settle') this.#settle(one.which);
    else if (one.kind === 'passed on')
      for (const { entry, record } of this.#itemsOf(one.own)) record.isRemoved ||= entry.item > 0;
    else if (one.kind === 'give') this.#give(one.guest, one.member);
    else if (one.kind === 'taken') this.#take(one.guest, one.hasRejected);
    else if (one.kind === 'member') this.#change(one.guest, one.member, one.joins);
    else if (one.kind === 'confirm') this.#confirm(one.which);
    else this.clean();
  }

  clean(): void {
    this.kept = this.kept.filter(({ entry, note, isRemoved }) => {
      if (note !== undefined) return this.state.isNoteNeeded(...note);
      return entry === undefined || !isRemoved || !this.state.drops(entry);
    });
  }

  #itemsOf(own: number): { entry: MailboxEntry; record: Kept }[] {
    return this.kept.flatMap((record) => (record.entry?.accountRow === own ? [{ entry: record.entry, record }] : []));
  }

  #next(group: number): number {
    const sequence = (this.#sequences.get(group) ?? 0) + 1;
    this.#sequences.set(group, sequence);
    return sequence;
  }

  #append(entry: MailboxEntry): void {
    const record: Kept = { entry, isRemoved: false };
    this.all.push(record);
    this.kept.push(record);
    this.state.appended(entry);
  }

  #note(...note: [number, number, number, number]): void {
    const record: Kept = { note, isRemoved: false };
    this.all.push(record);
    this.kept.push(record);
    this.state.noted(...note);
  }

  #accept(own: number, sender: number, item: number): void {
    const sequence = this.#next(own);
    this.#append(logEntry({ accountRow: own, sequence, sender, id: sequence, group: 50 + own, version: 1, item }));
  }

  #settle(which: number): void {
    const open = [...unsettled(this.kept)];
    const [own, sequence] = (open[which % Math.max(1, open.length)] ?? '').split(':').map(Number);
    if (own !== undefined && sequence !== undefined) this.#note(GroupNote.SETTLED, own, sequence, 0);
  }

  #give(guest: number, member: number): void {
    const item = this.#items.get(guest) ?? this.#next(guest);
    this.#items.set(guest, item);
    const accountRow = FIRST_MEMBER_ROW + member;
    const entry = logEntry({ accountRow, sequence: this.#next(accountRow), group: guest, version: 1, highest: item });
    if (!given(this.all, guest).has(`${item}:${accountRow}`)) this.#append(entry);
  }

  #take(guest: number, hasRejected: boolean): void {
    const item = this.#items.get(guest) ?? this.#next(guest);
    this.#items.delete(guest);
    this.#note(GroupNote.TAKEN, guest, item, hasRejected ? 1 : 0);
  }

  #change(guest: number, member: number, joins: boolean): void {
    if (this.#items.has(guest)) return; // members are being given an item: the change is the next one
    this.#note(joins ? GroupNote.JOINED : GroupNote.LEFT, guest, this.#next(guest), FIRST_MEMBER_ROW + member);
  }

  #confirm(which: number): void {
    const entries = this.kept.filter(({ entry }) => entry?.item === GroupItem.NONE);
    const record = entries[which % Math.max(1, entries.length)];
    if (record !== undefined) record.isRemoved = true;
  }
}

/** Messages of groups at home here whose author is owed his ✓✓. */
function unsettled(records: readonly Kept[]): Set<string> {
  const open = new Set<string>();
  for (const { entry, note } of records) {
    if (entry?.item === GroupItem.MESSAGE) open.add(`${entry.accountRow}:${entry.sequence}`);
    if (note?.[0] === GroupNote.SETTLED) open.delete(`${note[1]}:${note[2]}`);
  }
  return open;
}

/** Members here that have the item of a group that the others are still being given. */
function given(records: readonly Kept[], guest: number): Set<string> {
  let members = new Set<string>();
  for (const { entry, note } of records) {
    if (entry?.group === guest && entry.item === GroupItem.NONE) members.add(`${entry.highest}:${entry.accountRow}`);
    if (note?.[0] === GroupNote.TAKEN && note[1] === guest) members = new Set();
  }
  return members;
}

/** Everything that a restart takes from records about groups. */
function learned(records: readonly Kept[]): unknown {
  const changes = new Map<string, number>();
  const members = new Map<string, number>();
  const taken = new Map<number, number>();
  const rejected = new Map<number, number>();
  for (const { entry, note } of records) {
    if (entry !== undefined && entry.group !== NOT_TO_GROUP && entry.item > GroupItem.MESSAGE)
      changes.set(`${entry.accountRow}:${entry.sender}`, entry.item);
    if (note === undefined) continue;
    const [kind, subject, sequence, detail] = note;
    if (kind === GroupNote.JOINED || kind === GroupNote.LEFT) members.set(`${subject}:${detail}`, kind);
    if (kind === GroupNote.TAKEN) taken.set(subject, sequence);
    if (kind === GroupNote.TAKEN && detail !== 0) rejected.set(subject, sequence);
  }
  const sorted = (entries: Iterable<readonly [string | number, number]>): unknown =>
    [...entries].sort(([one], [other]) => String(one).localeCompare(String(other)));
  return {
    changes: sorted(changes),
    members: sorted(members),
    taken: sorted(taken),
    rejected: sorted(rejected),
    unsettled: [...unsettled(records)].sort(),
    given: GUESTS.map((guest) => [...given(records, guest)].sort()),
  };
}

for (const pairsMax of [PAIRS_MAX, 2, 0]) {
  it(`keeps of the records of groups what a restart needs, though it knows ${pairsMax} pairs at most`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const records = new Records(pairsMax);
        for (const one of steps) {
          records.do(one);
          assert.deepEqual(learned(records.kept), learned(records.all), one.kind);
        }
      }),
    );
  });
}

it('counts the records whose pair does not fit, each time, and no others', () => {
  const state = new GroupState(2);
  const counted = (record: () => void): number => {
    const before = state.untracked;
    record();
    return state.untracked - before;
  };
  for (const [row, untracked] of [0, 0, 1, 1].entries()) {
    const entry = { accountRow: 0, sender: row, sequence: row, group: 50, version: 1 };
    const found = [
      counted(() => state.noted(row % 2 === 0 ? GroupNote.JOINED : GroupNote.LEFT, 70, row, row)),
      counted(() => state.appended(logEntry({ ...entry, item: GroupItem.JOIN }))),
      counted(() => state.appended(logEntry({ ...entry, item: GroupItem.MESSAGE }))),
    ];
    assert.deepEqual(found, [untracked, untracked, untracked], `pair ${row}`);
  }
  assert.equal(state.changedMembers, 2);
  assert.equal(
    counted(() => state.noted(GroupNote.LEFT, 70, 9, 1)),
    0,
    'a pair that has its place keeps it',
  );
  assert.equal(
    counted(() => {
      state.noted(GroupNote.TAKEN, 70, 10, 0);
      state.appended(logEntry({ accountRow: 3, sequence: 1 }));
    }),
    0,
    'these need none',
  );
});

it('counts the memory that it takes for changes of members, for messages and for groups', () => {
  const state = new GroupState();
  const { bytes } = state;
  for (let n = 0; n < 100; n++) state.noted(GroupNote.JOINED, 70, n, n);
  const withMembers = state.bytes;
  assert.ok(withMembers >= bytes + 100 * 12, `${withMembers - bytes} bytes for 100 members`);
  for (let n = 0; n < 100; n++) {
    state.appended(logEntry({ accountRow: 0, sequence: n, group: 50, version: 1, item: GroupItem.MESSAGE }));
  }
  const withMessages = state.bytes;
  assert.ok(withMessages >= withMembers + 100 * 12, `${withMessages - withMembers} bytes for 100 messages`);
  for (let n = 0; n < 100; n++) state.noted(GroupNote.TAKEN, n, 1, 0);
  assert.ok(state.bytes >= withMessages + 100 * 24, `${state.bytes - withMessages} bytes for 100 groups`);
});

it('keeps no more than the newest of each, once all is settled, passed on, taken and confirmed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const records = new Records();
      for (const one of steps) records.do(one);
      for (const guest of GUESTS) records.do({ kind: 'taken', guest, hasRejected: false });
      while (unsettled(records.kept).size > 0) records.do({ kind: 'settle', which: 0 });
      for (const record of records.kept) record.isRemoved = true;
      records.clean();
      records.clean(); // a note may come before the record whose message it settles
      const pairs = (OWN_ROWS.length + GUESTS.length) * ACCOUNTS;
      assert.ok(records.kept.length <= pairs + 2 * GUESTS.length, `${records.kept.length} records are left`);
      assert.deepEqual(learned(records.kept), learned(records.all));
    }),
  );
});
