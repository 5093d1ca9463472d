import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import {
  accountHigh,
  accountLow,
  accountNumber,
  BODY_BYTES_MAX,
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  readAccountHigh,
  readAccountLow,
  readSerial,
  SERIAL_FRAME_BYTES,
  writeSerialFrame,
} from './frames.ts';
import { groupMessageFrameBytes, writeGroupAuthor, writeGroupMessage } from './group-frames.ts';
import {
  messageWithIdFrameBytes,
  PAYLOAD_WITH_ID_BYTES_MAX,
  payloadWithIdStart,
  READ_FRAME_BYTES,
  readMessageId,
  writeMessageWithId,
  writeRead,
} from './read-frames.ts';

const GUARD = 0x5a;
/** Of the exchange in PROTOCOL.md. */
const GROUP = 447_700_001_000;
const serial = fc.nat(SERIAL_MASK);
const number = fc.integer({ min: 0, max: 999_999_999_999_999 });
const payloadBytes = fc.oneof(fc.nat(40), fc.constant(PAYLOAD_WITH_ID_BYTES_MAX));

/** Lets `write` write a frame between guards. @returns the frame, and the account that it names. */
function framed(
  bytes: number,
  offset: number,
  write: (view: DataView, at: number) => void,
): { view: DataView; body: number; header: [type: number, bodyBytes: number]; account: number } {
  const view = new DataView(new Uint8Array(offset + bytes + 4).fill(GUARD).buffer);
  write(view, offset);
  for (let n = 0; n < offset; n++) assert.equal(view.getUint8(n), GUARD);
  for (let n = offset + bytes; n < view.byteLength; n++) assert.equal(view.getUint8(n), GUARD);
  const header = view.getUint16(offset, true);
  const body = offset + HEADER_BYTES;
  const account = accountNumber(readAccountHigh(view, body), readAccountLow(view, body));
  return { view, body, header: [headerType(header), headerBodyBytes(header)], account };
}

it('reads from a DELIVER_WITH_ID what was written, and touches no other byte', () => {
  fc.assert(
    fc.property(serial, number, serial, payloadBytes, fc.nat(3), (sequence, sender, id, bytes, offset) => {
      const total = messageWithIdFrameBytes(bytes);
      let payloadAt = 0;
      const { view, body, header, account } = framed(total, offset, (into, at) => {
        payloadAt = writeMessageWithId(into, at, sequence, accountHigh(sender), accountLow(sender), id, bytes);
      });
      assert.deepEqual(header, [FrameType.DELIVER_WITH_ID, total - HEADER_BYTES]);
      assert.ok(total - HEADER_BYTES <= BODY_BYTES_MAX);
      assert.deepEqual([readSerial(view, body), account, readMessageId(view, body)], [sequence, sender, id]);
      assert.deepEqual([payloadWithIdStart(body), payloadAt], [payloadAt, offset + total - bytes]);
    }),
  );
});

it('reads from a READ what was written, and touches no other byte', () => {
  fc.assert(
    fc.property(serial, number, fc.nat(3), (id, named, offset) => {
      const { view, body, header, account } = framed(READ_FRAME_BYTES, offset, (into, at) =>
        writeRead(into, at, id, accountHigh(named), accountLow(named)),
      );
      assert.deepEqual(header, [FrameType.READ, READ_FRAME_BYTES - HEADER_BYTES]);
      assert.deepEqual([readSerial(view, body), account], [id, named]);
    }),
  );
});

it('writes each frame as the exchange in PROTOCOL.md', () => {
  const text = readFileSync(new URL('../../src/wire/PROTOCOL.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## Read receipts'), text.indexOf('## Staying and leaving'));
  const lines = [...section.matchAll(/[→←] ([A-Z_]+) +((?:[0-9a-f]{2}(?: |$))+)/gm)];
  const inText = lines.map(([, name, bytes = '']) => `${name} ${bytes.trim()}`);
  const hex = (name: string, bytes: number, write: (view: DataView) => void): string => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    return `${name} ${Buffer.from(view.buffer)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1 ')}`;
  };
  const high = accountHigh(447_700_000_001);
  const [first, second] = [accountLow(447_700_000_001), accountLow(447_700_000_002)];
  const serialFrame = (name: 'DELIVERED' | 'RECEIPT', value = 1): string =>
    hex(name, SERIAL_FRAME_BYTES, (view) => writeSerialFrame(view, 0, FrameType[name], value));
  const read = (id: number, account: number): string =>
    hex('READ', READ_FRAME_BYTES, (view) => writeRead(view, 0, id, high, account));
  const hi = (view: DataView, at: number): void => {
    view.setUint8(at, 'h'.charCodeAt(0));
    view.setUint8(at + 1, 'i'.charCodeAt(0));
  };
  assert.deepEqual(inText, [
    hex('DELIVER_WITH_ID', messageWithIdFrameBytes(2), (view) => {
      hi(view, writeMessageWithId(view, 0, 1, high, first, 1, 2));
    }),
    serialFrame('DELIVERED'),
    serialFrame('RECEIPT'),
    read(1, first),
    read(1, second),
    hex('DELIVER_GROUP', groupMessageFrameBytes(2), (view) => {
      const rest = writeGroupMessage(view, 0, 5, accountHigh(GROUP), accountLow(GROUP), 2);
      hi(view, writeGroupAuthor(view, rest, high, first, 1, 2));
    }),
    serialFrame('DELIVERED', 5),
    read(2, first),
    read(2, second),
    read(2, first),
    read(2, accountLow(447_700_000_003)),
  ]);
  assert.ok(section.includes(`more than ${PAYLOAD_WITH_ID_BYTES_MAX.toLocaleString('en')} bytes`));
});
