/** The shard's end of a log against a list of records, with a reader that takes them out of the ring one by one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupNote, nextBatch } from '../mailbox-log.ts';
import { DurableLog, owedBytes } from './durable-log.ts';
import {
  COMPLETED_WORD,
  DISK_FULL_WORD,
  LOG_HEAD_WORD,
  LOG_TAIL_WORD,
  logBuffer,
  logBufferBytes,
  logFill,
  NO_BATCH,
  SUBMITTED_WORD,
} from './log-buffer.ts';
import { logEntry } from './log-entries.test-suite.ts';
import { appendedBytes, NOTE_BYTES, REMOVED_BYTES, RecordKind, RecordReader } from './log-records.ts';

const RING_BYTES = 2 ** 13;

/** A log, the reader's end of its buffer, and how often the store thread was woken. */
class Ring {
  readonly buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
  wakes = 0;
  readonly log = new DurableLog({ buffer: this.buffer, wake: () => this.wakes++, replay: () => {} });
  readonly #reader = new RecordReader();

  /**
   * Takes the oldest record that was submitted, and the padding before it.
   * @returns what it is; undefined if there is none.
   */
  take(): string | undefined {
    const { words, view } = this.buffer;
    for (;;) {
      const head = Atomics.load(words, LOG_HEAD_WORD);
      if (head === Atomics.load(words, LOG_TAIL_WORD)) return undefined;
      const at = head & (RING_BYTES - 1);
      const next = this.#reader.read(view, at, RING_BYTES);
      assert.ok(next > at, 'a whole record');
      const isPadding = this.#reader.kind === RecordKind.PADDING;
      Atomics.store(words, LOG_HEAD_WORD, (head + (isPadding ? RING_BYTES : next) - at) | 0);
      const { accountRow, sequence, payloadBytes } = this.#reader.entry;
      if (this.#reader.kind === RecordKind.NOTE) return `note ${accountRow} ${sequence}`;
      if (this.#reader.kind === RecordKind.APPENDED) return `append ${accountRow} ${sequence} ${payloadBytes}`;
      if (!isPadding) return `remove ${accountRow} ${sequence}`;
    }
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), payloadBytes: fc.nat(2044) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('remove' as const), row: fc.integer({ min: 5, max: 6 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'note' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'submit' as const }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), records: fc.nat(8) }) },
);

describe("the shard's end of a log", () => {
  it('hands over what it was told, in order, nothing before it is submitted, and nothing before a removal', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const ring = new Ring();
        const submitted: { readonly name: string; readonly until: number }[] = [];
        const open: { readonly name: string; readonly until: number }[] = [];
        /** Bytes that were ever used, and those that were taken. */
        let tail = 0;
        let head = 0;
        let sequence = 0;
        /**
         * Adds a record to the model, behind padding where it does not fit before the end.
         * @returns whether it has room.
         */
        const claim = (name: string, bytes: number): boolean => {
          const toEnd = RING_BYTES - (tail % RING_BYTES);
          const from = bytes > toEnd ? tail + toEnd : tail;
          if (from + bytes - head > RING_BYTES) return false;
          tail = from + bytes;
          open.push({ name, until: tail });
          return true;
        };
        /** Removals that found no room: one in a row for each mailbox. */
        const owed: { readonly row: number; readonly sequence: number }[] = [];
        const recordOwed = (): boolean => {
          for (let one = owed[0]; one !== undefined; one = owed[0]) {
            if (!claim(`remove ${one.row} ${one.sequence}`, REMOVED_BYTES)) return false;
            owed.shift();
          }
          return true;
        };
        for (const one of steps) {
          if (one.kind === 'append') {
            const entry = logEntry({ accountRow: 3, sequence: ++sequence, payloadBytes: one.payloadBytes });
            const hasRoom = recordOwed() && claim(`append 3 ${sequence} ${one.payloadBytes}`, appendedBytes(entry));
            assert.equal(ring.log.append(entry), hasRoom);
          } else if (one.kind === 'remove') {
            const { row } = one;
            sequence++;
            if (!recordOwed() || !claim(`remove ${row} ${sequence}`, REMOVED_BYTES)) {
              if (owed.at(-1)?.row === row) owed.pop();
              owed.push({ row, sequence });
            }
            ring.log.remove(row, sequence);
          } else if (one.kind === 'note') {
            const hasRoom = recordOwed() && claim(`note 7 ${++sequence}`, NOTE_BYTES);
            assert.equal(ring.log.note(GroupNote.TAKEN, 7, sequence, 0), hasRoom);
          } else if (one.kind === 'submit') {
            const wakes = ring.wakes;
            const batch = ring.log.openBatch;
            ring.log.submit();
            recordOwed();
            const isEmpty = open.length === 0;
            assert.equal(ring.wakes, isEmpty ? wakes : wakes + 1, 'the store thread is woken if there is something');
            assert.equal(ring.log.openBatch, isEmpty ? batch : nextBatch(batch));
            if (!isEmpty) assert.equal(Atomics.load(ring.buffer.words, SUBMITTED_WORD), batch);
            submitted.push(...open.splice(0));
            assert.equal(logFill(ring.buffer), (submitted.at(-1)?.until ?? head) - head);
          } else {
            for (let n = 0; n < one.records; n++) {
              const expected = submitted.shift();
              assert.equal(ring.take(), expected?.name);
              head = expected?.until ?? head;
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('refuses messages while the disk is full, and takes removals, which make room', () => {
    const ring = new Ring();
    Atomics.store(ring.buffer.words, DISK_FULL_WORD, 1);
    assert.equal(ring.log.append(logEntry()), false);
    ring.log.remove(5, 7);
    ring.log.submit();
    assert.deepEqual([ring.take(), ring.take()], ['remove 5 7', undefined]);
    Atomics.store(ring.buffer.words, DISK_FULL_WORD, 0);
    assert.equal(ring.log.append(logEntry()), true);
  });

  for (const [what, record] of [
    ['message', (log: DurableLog) => log.append(logEntry({ payloadBytes: 0 }))],
    ['note', (log: DurableLog) => log.note(GroupNote.TAKEN, 7, 1, 0)],
  ] as const)
    it(`records a removal that it owes before the next ${what}`, () => {
      const ring = new Ring();
      while (ring.log.append(logEntry({ payloadBytes: 0 })));
      while (ring.log.note(GroupNote.TAKEN, 7, 1, 0));
      for (const row of [5, 6, 7]) ring.log.remove(row, 9); // at least the last one finds no room
      ring.log.submit();
      const earlier = ['', '', '', ''].map(() => ring.take());
      assert.ok(earlier.every((name) => name?.startsWith('append')));
      assert.equal(record(ring.log), true);
      ring.log.submit();
      const rest: string[] = [];
      for (let one = ring.take(); one !== undefined; one = ring.take()) rest.push(one);
      assert.equal(rest.at(-2), 'remove 7 9');
    });

  it('owes no more removals than it has places for, and records them in order, however often they go round', () => {
    const ring = new Ring();
    const placesMax = owedBytes(RING_BYTES) / 8;
    const rowsOf = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
    const takeAll = (): string[] => {
      const taken: string[] = [];
      for (let one = ring.take(); one !== undefined; one = ring.take()) taken.push(one);
      return taken;
    };
    for (const [owed, sequence] of [
      [300, 1],
      [placesMax + 40, 2],
      [placesMax, 3],
    ] as const) {
      while (ring.log.append(logEntry({ payloadBytes: 0 })));
      while (ring.log.note(GroupNote.TAKEN, 7, 1, 0));
      for (const row of rowsOf(owed)) ring.log.remove(row, sequence);
      ring.log.submit();
      const taken = takeAll();
      for (;;) {
        ring.log.submit();
        const more = takeAll();
        if (more.length === 0) break;
        taken.push(...more);
      }
      assert.deepEqual(
        taken.filter((name) => name.startsWith('remove')),
        rowsOf(Math.min(owed, placesMax)).map((row) => `remove ${row} ${sequence}`),
      );
    }
  });

  it('knows the batch that is complete, at first the one before all others', () => {
    const ring = new Ring();
    assert.equal(nextBatch(NO_BATCH), ring.log.openBatch);
    assert.equal(ring.log.completedBatch, NO_BATCH);
    Atomics.store(ring.buffer.words, COMPLETED_WORD, 5);
    assert.equal(ring.log.completedBatch, 5);
  });
});
