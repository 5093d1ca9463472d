/** Frames of groups against a second writer that follows PROTOCOL.md, and the exchange in bytes that it prints. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import {
  accountHigh,
  accountLow,
  accountNumber,
  FrameType,
  GROUP_PAYLOAD_BYTES_MAX,
  headerBodyBytes,
  headerType,
  MESSAGE_OVERHEAD_BYTES,
  readAccountHigh,
  readAccountLow,
  readSerial,
  writeMessage,
} from './frames.ts';
import {
  GROUP_ACKNOWLEDGED_FRAME_BYTES,
  groupMessageFrameBytes,
  groupPayloadStart,
  hasGroupFields,
  readAcknowledgedMembers,
  readAcknowledgedVersion,
  readAuthorHigh,
  readAuthorId,
  readAuthorLow,
  readGroupVersion,
  writeGroupAcknowledged,
  writeGroupAuthor,
  writeGroupMessage,
} from './group-frames.ts';

const HEADER_BYTES = 2;
const account = fc.oneof(
  fc.integer({ min: 0, max: 999_999_999_999_999 }),
  fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48, 999_999_999_999_999),
);
const serial = fc.oneof(fc.integer({ min: 0, max: SERIAL_MASK }), fc.constantFrom(0, SERIAL_MASK));
const word = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));

function littleEndian(...fields: readonly (readonly [bytes: number, value: bigint | number])[]): number[] {
  return fields.flatMap(([bytes, value]) =>
    Array.from({ length: bytes }, (_, n) => Number((BigInt(value) >> BigInt(8 * n)) & 255n)),
  );
}

/**
 * A frame as PROTOCOL.md says: 30 bits of serial, 50 bits of account, of which the two highest come first, and the
 * rest.
 */
function messageFrame(type: number, id: number, number: number, rest: readonly number[]): number[] {
  const whole = BigInt(number);
  return littleEndian(
    [2, BigInt((10 + rest.length) * 32 + type)],
    [4, BigInt(id) | ((whole >> 48n) << 30n)],
    [4, whole & 0xffff_ffffn],
    [2, (whole >> 32n) & 0xffffn],
  ).concat(rest);
}

function written(bytes: number, write: (view: DataView) => void): number[] {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  return [...new Uint8Array(view.buffer)];
}

function writeDelivery(
  view: DataView,
  sequence: number,
  group: number,
  author: number,
  version: number,
  id: number,
  payloadBytes: number,
): number {
  const rest = writeGroupMessage(view, 0, sequence, accountHigh(group), accountLow(group), payloadBytes);
  return writeGroupAuthor(view, rest, accountHigh(author), accountLow(author), version, id);
}

describe('frames of groups', () => {
  it('writes and reads DELIVER_GROUP as PROTOCOL.md says', () => {
    const payloads = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(serial, account, account, word, serial, payloads, (sequence, group, author, version, id, payload) => {
        const view = new DataView(new ArrayBuffer(groupMessageFrameBytes(payload.length)));
        const at = writeDelivery(view, sequence, group, author, version, id, payload.length);
        new Uint8Array(view.buffer).set(payload, at);
        const rest = [...littleEndian([8, author], [4, version], [4, id]), ...payload];
        assert.deepEqual([...new Uint8Array(view.buffer)], messageFrame(12, sequence, group, rest));
        const body = HEADER_BYTES;
        assert.equal(readSerial(view, body), sequence);
        assert.equal(accountNumber(readAccountHigh(view, body), readAccountLow(view, body)), group);
        assert.equal(accountNumber(readAuthorHigh(view, body), readAuthorLow(view, body)), author);
        assert.equal(readGroupVersion(view, body), version);
        assert.equal(readAuthorId(view, body), id);
        assert.equal(groupPayloadStart(body), at);
      }),
    );
  });

  it('fills a frame with the longest payload of a group', () => {
    assert.equal(GROUP_PAYLOAD_BYTES_MAX, 2021);
    const view = new DataView(new ArrayBuffer(groupMessageFrameBytes(GROUP_PAYLOAD_BYTES_MAX)));
    writeDelivery(view, 1, 2, 3, 4, 5, GROUP_PAYLOAD_BYTES_MAX);
    const header = view.getUint16(0, true);
    assert.deepEqual([headerType(header), headerBodyBytes(header)], [FrameType.DELIVER_GROUP, 2047]);
  });

  it('writes and reads the long ACKNOWLEDGED', () => {
    fc.assert(
      fc.property(serial, word, word, (id, version, members) => {
        const view = new DataView(new ArrayBuffer(GROUP_ACKNOWLEDGED_FRAME_BYTES));
        writeGroupAcknowledged(view, 0, id, version, members);
        const expected = littleEndian([2, 12 * 32 + 4], [4, id], [4, version], [4, members]);
        assert.deepEqual([...new Uint8Array(view.buffer)], expected);
        assert.ok(hasGroupFields(HEADER_BYTES, view.byteLength));
        assert.ok(!hasGroupFields(HEADER_BYTES, HEADER_BYTES + 4));
        assert.equal(readSerial(view, HEADER_BYTES), id);
        assert.equal(readAcknowledgedVersion(view, HEADER_BYTES), version);
        assert.equal(readAcknowledgedMembers(view, HEADER_BYTES), members);
      }),
    );
  });

  describe('the exchange of PROTOCOL.md', () => {
    const text = readFileSync(new URL('../../src/wire/PROTOCOL.md', import.meta.url), 'utf8');
    const section = text.slice(text.indexOf('## Groups and broadcast lists'), text.indexOf('## Presence and typing'));
    const lines = [...section.matchAll(/[→←] ([A-Z_]+) +((?:[0-9a-f]{2}(?: |$))+)/gm)].map(
      ([, name = '', bytes = '']) => {
        return [
          name,
          bytes
            .trim()
            .split(' ')
            .map((byte) => Number.parseInt(byte, 16)),
        ] as const;
      },
    );
    const FIRST = 447_700_000_001;
    const GROUP = 447_700_001_000;
    const membership = (type: number, id: number): number[] =>
      written(MESSAGE_OVERHEAD_BYTES, (view) =>
        writeMessage(view, 0, type, id, accountHigh(GROUP), accountLow(GROUP), 0),
      );
    const acknowledged = (id: number, version: number, members: number): number[] =>
      written(GROUP_ACKNOWLEDGED_FRAME_BYTES, (view) => writeGroupAcknowledged(view, 0, id, version, members));
    const hi = [...Buffer.from('hi')];
    const send = messageFrame(FrameType.SEND, 2, GROUP, hi);
    const delivery = written(groupMessageFrameBytes(2), (view) => {
      const at = writeDelivery(view, 5, GROUP, FIRST, 1, 2, 2);
      new Uint8Array(view.buffer).set(hi, at);
    });
    const expected: [string, number[]][] = [
      ['SEND', send],
      ['ACKNOWLEDGED', acknowledged(2, 1, 2)],
      ['DELIVER_GROUP', delivery],
      ['DELIVERED', littleEndian([2, 4 * 32 + 6], [4, 5])],
      ['RECEIPT', littleEndian([2, 4 * 32 + 7], [4, 2])],
      ['LEAVE', membership(FrameType.LEAVE, 9)],
      ['ACKNOWLEDGED', acknowledged(9, 2, 2)],
      ['JOIN', membership(FrameType.JOIN, 10)],
      ['ACKNOWLEDGED', acknowledged(10, 3, 3)],
    ];
    it('has the bytes that the code writes', () => {
      assert.deepEqual(lines, expected);
    });
  });
});
