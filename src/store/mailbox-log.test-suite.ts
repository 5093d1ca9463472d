/**
 * What every log of mailboxes promises, whatever keeps it: what was completed survives the end of its shard; of what
 * was only submitted any number of the oldest records may; nothing else is there, and all of it is in order.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { mixPair } from '../base/pseudo-random.ts';
import { SERIAL_MASK, serialDistance } from '../base/serial-distance.ts';
import { blankEntry, type MailboxEntry, NOT_TO_GROUP } from './mailbox-entry.ts';
import { GroupNote, type MailboxLog } from './mailbox-log.ts';
import { NaiveMailboxes } from './naive-mailboxes.test-suite.ts';

/** An integer from 0 to below the bound. */
export type Draw = (bound: number) => number;

/** A log with what keeps its records, which outlasts its shards. */
export interface KeptLog {
  /** The log of the present shard. */
  readonly log: MailboxLog;
  /** Lets whoever completes batches work a little. */
  work(): void;
  /** The machine stops: of what is not complete the draw decides. Then there is another shard with a log. */
  crash(draw: Draw): void;
  close(): void;
}

/** Accounts of the shard. */
export const ROWS = 3;
const [SENDERS, GROUP, PAYLOAD_BYTES_MAX] = [3, 77, 300];
/** So much work completes whatever was submitted. */
const MUCH_WORK = 200;

const row = fc.nat(ROWS - 1);
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      row,
      sender: fc.nat(SENDERS - 1),
      bytes: fc.oneof(fc.nat(9), fc.nat(PAYLOAD_BYTES_MAX)),
      form: fc.constantFrom('message' as const, 'receipt' as const, 'group' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), row, entries: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('member' as const), row, isMember: fc.boolean() }) },
  { weight: 8, arbitrary: fc.constant({ kind: 'submit' as const }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), turns: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), seed: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Record = (state: NaiveMailboxes) => void;

/** A shard that records, and the list of its records since the beginning. */
class Recorder {
  readonly #kept: KeptLog;
  #records: Record[] = [];
  /** Batches that were submitted, with the number of records up to them. */
  #batches: { readonly batch: number; readonly records: number }[] = [];
  #complete = 0;
  #state = new NaiveMailboxes();
  #id = 0;
  #version = 0;
  /** One entry and payload for all, as a shard has them: a log copies what it needs. */
  readonly #entry: MailboxEntry = blankEntry(new DataView(new ArrayBuffer(PAYLOAD_BYTES_MAX)));

  constructor(kept: KeptLog) {
    this.#kept = kept;
  }

  act(one: Step): void {
    switch (one.kind) {
      case 'append':
        this.#append(one);
        break;
      case 'remove':
        this.#remove(one.row, one.entries);
        break;
      case 'member':
        this.#member(one.row, one.isMember);
        break;
      case 'submit':
        this.submit();
        break;
      case 'work':
        this.work(one.turns);
        break;
      case 'crash':
        this.crash(one.seed);
    }
  }

  submit(): void {
    const { log } = this.#kept;
    const { openBatch } = log;
    log.submit();
    const isClosed = log.openBatch !== openBatch;
    const records = this.#batches.at(-1)?.records ?? this.#complete;
    assert.equal(isClosed, this.#records.length > records, 'a batch is closed if it has records');
    if (isClosed) this.#batches.push({ batch: openBatch, records: this.#records.length });
  }

  work(turns: number): void {
    for (let n = 0; n < turns; n++) {
      const before = this.#kept.log.completedBatch;
      this.#kept.work();
      const { completedBatch } = this.#kept.log;
      assert.ok(serialDistance(completedBatch, before) >= 0, 'what is complete stays so');
      const newest = this.#batches.findLast(({ batch }) => serialDistance(completedBatch, batch) >= 0);
      this.#complete = newest?.records ?? this.#complete;
    }
  }

  /** Everything that was submitted becomes complete. */
  completeAll(): void {
    this.submit();
    this.work(MUCH_WORK);
    assert.equal(this.#complete, this.#records.length, 'all that was submitted is complete');
  }

  crash(seed: number): void {
    let drawn = seed;
    this.#kept.crash((bound) => {
      drawn = mixPair(drawn, bound) >>> 0;
      return drawn % bound;
    });
    const found = new NaiveMailboxes();
    this.#kept.log.replay(found);
    const state = new NaiveMailboxes();
    let survived = 0;
    for (; survived < this.#complete; survived++) this.#records[survived]?.(state);
    while (`${state}` !== `${found}` && survived < this.#records.length) this.#records[survived++]?.(state);
    assert.equal(`${found}`, `${state}`, `${this.#complete} of ${this.#records.length} records were complete`);
    this.#records.length = survived;
    this.#complete = survived;
    this.#batches = [];
    this.#state = found;
  }

  #append({ row: accountRow, sender, bytes, form }: Step & { kind: 'append' }): void {
    const entry = this.#entry;
    entry.accountRow = accountRow;
    entry.sequence = ((this.#state.sequences.get(accountRow) ?? SERIAL_MASK - 5) + 1) & SERIAL_MASK;
    entry.sender = sender;
    entry.id = ++this.#id;
    entry.isReceipt = form === 'receipt';
    entry.group = form === 'group' ? GROUP : NOT_TO_GROUP;
    entry.version = form === 'group' ? this.#id : 0;
    entry.highest = this.#id;
    entry.seen = (this.#id * 7) & 0xffff;
    entry.payloadBytes = form === 'receipt' ? 0 : bytes;
    for (let n = 0; n < bytes; n++) entry.payload.setUint8(n, this.#id + n);
    if (!this.#kept.log.append(entry)) return;
    const copy = { ...entry, payload: new DataView(entry.payload.buffer.slice(0)) };
    this.#record((state) => state.appended(copy));
  }

  #remove(accountRow: number, entries: number): void {
    const mailbox = this.#state.mailboxes.get(accountRow) ?? [];
    const last = mailbox[Math.min(entries, mailbox.length) - 1];
    if (last === undefined) return;
    this.#kept.log.remove(accountRow, last.sequence);
    this.#record((state) => state.removed(accountRow, last.sequence));
  }

  #member(accountRow: number, isMember: boolean): void {
    const note = isMember ? GroupNote.JOINED : GroupNote.LEFT;
    const version = ++this.#version;
    if (!this.#kept.log.note(note, GROUP, version, accountRow)) return;
    this.#record((state) => state.noted(note, GROUP, version, accountRow));
  }

  #record(record: Record): void {
    this.#records.push(record);
    record(this.#state);
  }
}

/** Adds the tests to the present group of tests. @param makeLog an empty log. @param numRuns of each property. */
export function testMailboxLog(makeLog: () => KeptLog, numRuns: number): void {
  const property = (act: (recorder: Recorder, steps: readonly Step[]) => void): void =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }), (steps) => {
        const kept = makeLog();
        try {
          act(new Recorder(kept), steps);
        } finally {
          kept.close();
        }
      }),
      { numRuns },
    );

  it('keeps what was completed, and of the rest the oldest, in order, through any number of ends', () => {
    property((recorder, steps) => {
      for (const one of steps) recorder.act(one);
      recorder.crash(1);
      recorder.crash(2);
    });
  });

  it('records what is noted while it is read back behind all that it had', () => {
    const kept = makeLog();
    try {
      const recorder = new Recorder(kept);
      for (let n = 0; n < 5; n++) recorder.act({ kind: 'append', row: n % ROWS, sender: 0, bytes: 9, form: 'message' });
      recorder.completeAll();
      kept.crash(() => 0);
      const read: string[] = [];
      const noted = (_note: number, _subject: number, sequence: number): void => void read.push(`note ${sequence}`);
      const removed = (): void => assert.fail('nothing was removed');
      const appended = ({ id }: MailboxEntry): void => {
        read.push(`message ${id}`);
        assert.ok(kept.log.note(GroupNote.SETTLED, GROUP, id, 0), 'there is room');
      };
      kept.log.replay({ appended, removed, noted });
      const messages = [1, 2, 3, 4, 5].map((id) => `message ${id}`);
      assert.deepEqual(read, messages, 'what is noted meanwhile is not read back at once');
      kept.log.submit();
      for (let n = 0; n < MUCH_WORK; n++) kept.work();
      kept.crash(() => 0);
      read.length = 0;
      kept.log.replay({ appended: ({ id }) => void read.push(`message ${id}`), removed, noted });
      assert.deepEqual(read, [...messages, ...[1, 2, 3, 4, 5].map((id) => `note ${id}`)]);
    } finally {
      kept.close();
    }
  });

  it('completes all that was submitted, in order, and then nothing of it is lost', () => {
    property((recorder, steps) => {
      for (const one of steps) recorder.act(one);
      recorder.completeAll();
      recorder.crash(1);
    });
  });
}
