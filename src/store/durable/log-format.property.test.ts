/** The bytes of a log: what was written is read back, and nothing else is taken for it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 as checksum } from 'node:zlib';
import fc from 'fast-check';
import { type MailboxEntry, NOT_TO_GROUP, PHONE_TO_PHONE } from '../mailbox-entry.ts';
import { FORMAT_VERSION, HeaderBlock, LOG_HEADER_BYTES, Magic } from './log-frames.ts';
import {
  appendedBytes,
  NOTE_BYTES,
  RECORD_BYTES_MAX,
  REMOVED_BYTES,
  RecordKind,
  RecordReader,
  writeAppended,
  writeMark,
  writeNote,
  writePadding,
  writeRemoved,
} from './log-records.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const frameNumber = fc.oneof(
  fc.nat(1000),
  fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52),
  fc.maxSafeNat(),
);

const anyEntry = fc
  .record({
    accountRow: fc.nat(),
    sequence: fc.nat(),
    sender: int32,
    id: int32,
    isReceipt: fc.boolean(),
    group: fc.oneof(fc.constant(NOT_TO_GROUP), fc.nat()),
    version: fc.nat(),
    isList: fc.boolean(),
    item: fc.nat(3),
    members: fc.nat(),
    address: int32,
    generation: fc.nat(2 ** 11 - 1),
    highest: int32,
    seen: fc.nat(2 ** 16 - 1),
    payload: fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.constantFrom(new Uint8Array(2047).fill(7))),
    payloadAt: fc.nat(9),
  })
  .map(({ payload, ...fields }): MailboxEntry => {
    const source = new Uint8Array(fields.payloadAt + payload.length);
    source.set(payload, fields.payloadAt);
    const isToGroup = fields.group !== NOT_TO_GROUP;
    return {
      ...fields,
      version: isToGroup ? fields.version : 0,
      isList: isToGroup && fields.isList,
      members: isToGroup ? fields.members : 0,
      payload: new DataView(source.buffer),
      payloadBytes: payload.length,
    };
  });

/** An entry as values that can be compared, without where its payload lies. */
function valuesOf({ payload, payloadAt, payloadBytes, ...fields }: MailboxEntry): object {
  const bytes = new Uint8Array(payload.buffer, payload.byteOffset + payloadAt, payloadBytes);
  return { ...fields, payload: Buffer.from(bytes).toString('hex') };
}

describe('the records of a log', () => {
  it('are read back as they were written, one behind the other, whatever the memory held before', () => {
    const record = fc.oneof(
      anyEntry.map((entry) => ({ kind: 'append' as const, entry })),
      anyEntry.map((entry) => ({ kind: 'mark' as const, entry })),
      fc.record({ kind: fc.constant('remove' as const), row: fc.nat(), sequence: fc.nat() }),
      fc.record({
        kind: fc.constant('note' as const),
        note: fc.nat(3),
        subject: fc.nat(),
        sequence: fc.nat(),
        detail: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const view = new DataView(new Uint8Array(64_000).fill(0xff).buffer);
        const ends: number[] = [];
        let end = 0;
        for (const one of records) {
          if (one.kind === 'append') writeAppended(view, end, one.entry);
          if (one.kind === 'remove') writeRemoved(view, end, one.row, one.sequence);
          if (one.kind === 'note') writeNote(view, end, one.note, one.subject, one.sequence, one.detail);
          if (one.kind === 'append') end += appendedBytes(one.entry);
          else if (one.kind === 'note') end += NOTE_BYTES;
          else end += one.kind === 'mark' ? writeMark(view, end, one.entry) : REMOVED_BYTES;
          ends.push(end);
        }
        const reader = new RecordReader();
        let at = 0;
        records.forEach((one, n) => {
          const next = reader.read(view, at, end);
          assert.equal(next, ends[n]);
          assert.ok(next % 4 === 0 && next - at <= RECORD_BYTES_MAX);
          assert.equal(reader.read(view, at, next - 1), -1, 'not before all of it is there');
          reader.read(view, at, end);
          if (one.kind === 'remove') {
            assert.equal(reader.kind, RecordKind.REMOVED);
            assert.deepEqual([reader.entry.accountRow, reader.entry.sequence], [one.row, one.sequence]);
          } else if (one.kind === 'note') {
            assert.equal(reader.kind, RecordKind.NOTE);
            const { note, detail, entry } = reader;
            assert.deepEqual(
              [note, entry.accountRow, entry.sequence, detail],
              [one.note, one.subject, one.sequence, one.detail],
            );
          } else if (one.kind === 'append') {
            assert.equal(reader.kind, RecordKind.APPENDED);
            assert.deepEqual(valuesOf(reader.entry), valuesOf(one.entry));
          } else {
            assert.equal(reader.kind, RecordKind.MARK);
            const { payloadBytes, accountRow, sequence, sender, highest, seen, group, version, isReceipt } =
              reader.entry;
            const { item, members, isList } = reader.entry;
            const ofGroup = { group, version, item, members, isList };
            const kept = { payloadBytes, accountRow, sequence, sender, highest, seen, isReceipt, ...ofGroup };
            const expected = { ...one.entry, payloadBytes: 0 };
            for (const [key, value] of Object.entries(kept)) assert.equal(value, Object(expected)[key], key);
          }
          at = next;
        });
      }),
      { numRuns: 150 },
    );
  });

  it('are filled up with zeros, so that the same records have the same checksum', () => {
    for (let payloadBytes = 0; payloadBytes <= 8; payloadBytes++) {
      const entry = { ...made(payloadBytes), payload: new DataView(new Uint8Array(payloadBytes).fill(0xff).buffer) };
      const [clean, dirty] = [new Uint8Array(64), new Uint8Array(64).fill(0xaa)];
      for (const bytes of [clean, dirty]) writeAppended(new DataView(bytes.buffer), 0, entry);
      const end = appendedBytes(entry);
      assert.deepEqual(dirty.subarray(0, end), clean.subarray(0, end), `${payloadBytes} bytes`);
      assert.ok(
        dirty.subarray(end).every((byte) => byte === 0xaa),
        'nothing behind the record is written',
      );
    }
  });

  it('send a reader back with a single word of padding, and are none of an unknown kind', () => {
    const view = new DataView(new ArrayBuffer(64));
    const reader = new RecordReader();
    writePadding(view, 60);
    assert.equal(reader.read(view, 60, 64), 64);
    assert.equal(reader.kind, RecordKind.PADDING);
    for (const kind of [0, 6, 7]) {
      view.setInt32(0, kind, true);
      assert.equal(reader.read(view, 0, 64), -1, `kind ${kind}`);
    }
    for (const room of [0, 1, 3]) assert.equal(reader.read(view, 60, 60 + room), -1, 'not even a word');
  });
});

function made(payloadBytes: number): MailboxEntry {
  const fields = { accountRow: 1, sequence: 2, sender: 3, id: 4, isReceipt: false, ...PHONE_TO_PHONE };
  const session = { address: 5, generation: 6, highest: 7, seen: 8 };
  return { ...fields, ...session, payload: new DataView(new ArrayBuffer(payloadBytes)), payloadAt: 0, payloadBytes };
}

describe('the headers of a log', () => {
  const fileHeader = fc.record({
    version: fc.integer({ min: 1, max: 2 ** 16 - 1 }),
    isRewritten: fc.boolean(),
    shard: fc.nat(511),
    identity: uint32,
    file: fc.nat(),
    firstFrame: frameNumber,
  });
  const frameHeader = fc
    .record({ recordBytes: fc.nat(2 ** 24), frame: frameNumber, recordsChecksum: uint32, back: fc.nat(1) })
    .map(({ back, ...header }) => ({ ...header, syncedFrame: header.frame - back }));
  const footer = fc.record({ nextFrame: frameNumber, fileBytes: uint32 });

  it('are read back as they were written, also for frames beyond 2^32', () => {
    fc.assert(
      fc.property(fileHeader, frameHeader, footer, (file, frame, end) => {
        const block = new HeaderBlock(checksum);
        block.writeFile(file);
        assert.deepEqual([block.kind, block.readFile()], [Magic.FILE, { ...file }]);
        block.writeFrame(frame);
        assert.deepEqual([block.kind, block.readFrame()], [Magic.FRAME, frame]);
        block.writeFooter(end);
        assert.deepEqual([block.kind, block.readFooter()], [Magic.FOOTER, { ...end }]);
      }),
    );
  });

  it('are none with any bit changed, though they still begin like one', () => {
    fc.assert(
      fc.property(frameHeader, fc.nat(LOG_HEADER_BYTES * 8 - 1), (frame, bit) => {
        const block = new HeaderBlock(checksum);
        block.writeFrame(frame);
        const at = bit >> 3;
        block.bytes[at] = (block.bytes[at] as number) ^ (1 << (bit & 7)); // inside the header
        assert.equal(block.kind, 0);
        assert.equal(block.beginsLike(Magic.FRAME), at >= 4);
      }),
    );
    const empty = new HeaderBlock(checksum);
    assert.equal(empty.kind, 0, 'zeros, as in a file that was extended and never written');
  });

  it('begin with letters that a hex dump shows, and a version', () => {
    const block = new HeaderBlock(checksum);
    const letters = (): string => Buffer.from(block.bytes.subarray(0, 4)).toString('latin1');
    block.writeFile({ version: FORMAT_VERSION, isRewritten: true, shard: 0, identity: 0, file: 0, firstFrame: 0 });
    assert.equal(letters(), 'TKLF');
    assert.deepEqual([...block.bytes.subarray(4, 8)], [FORMAT_VERSION, 0, 1, 0], 'bit 16: rewritten');
    block.writeFrame({ recordBytes: 1, frame: 1, recordsChecksum: 1, syncedFrame: 0 });
    assert.equal(letters(), 'TKFR');
    block.writeFooter({ nextFrame: 0, fileBytes: 0 });
    assert.equal(letters(), 'TKND');
  });
});
