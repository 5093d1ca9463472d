/** Records of any lengths that pass from a store thread to its shard at a start, each with turns of its own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupNote, type LogVisitor } from '../mailbox-log.ts';
import { DurableLog } from './durable-log.ts';
import { BUFFER_BYTES_MIN, logBuffer, logBufferBytes } from './log-buffer.ts';
import { logEntry } from './log-entries.test-suite.ts';
import {
  appendedBytes,
  NOTE_BYTES,
  REMOVED_BYTES,
  RecordKind,
  RecordReader,
  writeAppended,
  writeNote,
  writeRemoved,
} from './log-records.ts';
import { RecordReceiver, RecordSender } from './restored-records.ts';

const LENGTHS = fc.oneof(fc.nat(8), fc.nat(200), fc.constantFrom(96, 97, 2044, 2047));
const frame = fc.array(fc.oneof(LENGTHS, fc.constantFrom('removed' as const, 'note' as const)), { maxLength: 30 });
/** How many halves the shard reads whenever the store thread has passed on a frame. */
const paces = fc.array(fc.nat(3), { minLength: 1 });

type Kind = number | 'removed' | 'note';

/** The records of a frame, numbered from `first`, somewhere in a view. */
function written(kinds: readonly Kind[], first: number): { view: DataView; from: number; end: number } {
  const from = first % 64;
  const view = new DataView(new ArrayBuffer(from + kinds.length * 2200));
  let end = from;
  for (const [n, kind] of kinds.entries()) {
    const sequence = first + n;
    if (kind === 'removed') {
      writeRemoved(view, end, 1, sequence);
      end += REMOVED_BYTES;
    } else if (kind === 'note') {
      writeNote(view, end, GroupNote.LEFT, 5, sequence, 6);
      end += NOTE_BYTES;
    } else {
      const payload = new DataView(new ArrayBuffer(kind));
      for (let at = 0; at < kind; at++) payload.setUint8(at, sequence + at);
      const group = sequence % 3 === 0 ? { group: 9, version: 2 } : {};
      const entry = logEntry({ sequence, payload, payloadBytes: kind, ...group });
      writeAppended(view, end, entry);
      end += appendedBytes(entry);
    }
  }
  return { view, from, end };
}

class Taken implements LogVisitor {
  readonly found: string[] = [];

  appended({ sequence, payload, payloadAt, payloadBytes }: Parameters<LogVisitor['appended']>[0]): void {
    const bytes = Array.from({ length: payloadBytes }, (_, n) => payload.getUint8(payloadAt + n));
    const isWhole = bytes.every((byte, n) => byte === ((sequence + n) & 0xff));
    this.found.push(`${sequence} ${payloadBytes} ${isWhole}`);
  }

  removed(_row: number, sequence: number): void {
    this.found.push(`${sequence} removed`);
  }

  noted(_note: number, _subject: number, sequence: number): void {
    this.found.push(`${sequence} note`);
  }
}

describe('records that a store thread passes on to its shard', () => {
  it('arrive once each, in order and whole, however far the shard is behind', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), paces, (frames, pace) => {
        const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(BUFFER_BYTES_MIN)), BUFFER_BYTES_MIN);
        const taken = new Taken();
        const receiver = new RecordReceiver(buffer, taken);
        const sender = new RecordSender(buffer, () => assert.ok(receiver.take(), 'it waits only for the shard'));
        const expected: string[] = [];
        for (const [n, kinds] of frames.entries()) {
          const first = expected.length;
          for (const [k, kind] of kinds.entries())
            expected.push(typeof kind === 'number' ? `${first + k} ${kind} true` : `${first + k} ${kind}`);
          const { view, from, end } = written(kinds, first);
          sender.send(view, from, end);
          for (let half = 0; half < (pace[n % pace.length] ?? 0); half++) receiver.take();
        }
        sender.end();
        receiver.takeAll(() => assert.fail('nothing more comes'));
        assert.deepEqual(taken.found, expected);
      }),
    );
  });

  it('are not overwritten by notes that the shard makes meanwhile, which the log records afterwards', () => {
    const kinds = Array.from({ length: 2000 }, (_, n) => (n % 5) * 40);
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(BUFFER_BYTES_MIN)), BUFFER_BYTES_MIN);
    const log = new DurableLog({
      buffer,
      wake: () => {},
      replay: (visitor) => {
        const receiver = new RecordReceiver(buffer, visitor);
        const sender = new RecordSender(buffer, () => assert.ok(receiver.take(), 'it waits only for the shard'));
        for (let first = 0; first < kinds.length; first += 20) {
          const { view, from, end } = written(kinds.slice(first, first + 20), first);
          sender.send(view, from, end);
        }
        sender.end();
        receiver.takeAll(() => assert.fail('nothing more comes'));
      },
    });
    const taken = new Taken();
    const noted: number[] = [];
    log.replay({
      appended: (entry) => {
        taken.appended(entry);
        if (log.note(GroupNote.SETTLED, 7, entry.sequence, 0)) noted.push(entry.sequence);
      },
      removed: () => assert.fail('nothing is removed'),
      noted: () => assert.fail('notes that are made are not read back'),
    });
    assert.deepEqual(
      taken.found,
      kinds.map((bytes, sequence) => `${sequence} ${bytes} true`),
    );
    assert.equal(
      noted.length,
      Math.min(kinds.length, BUFFER_BYTES_MIN / 2 / NOTE_BYTES),
      'as many as half of the ring takes',
    );
    log.submit();
    const reader = new RecordReader();
    const found: number[] = [];
    for (let at = 0; at < noted.length * NOTE_BYTES; ) {
      at = reader.read(buffer.view, at, noted.length * NOTE_BYTES);
      assert.deepEqual([reader.kind, reader.note, reader.entry.accountRow], [RecordKind.NOTE, GroupNote.SETTLED, 7]);
      found.push(reader.entry.sequence);
    }
    assert.deepEqual(found, noted);
  });
});
