/**
 * Frames against a second writer, which follows PROTOCOL.md with integers of any size: what a client in another
 * language would write and read.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import {
  accountHigh,
  accountLow,
  accountNumber,
  ErrorFrameCode,
  FRAME_TYPES,
  FrameType,
  HEADER_BYTES,
  LoginCode,
  messageFrameBytes,
  PAYLOAD_BYTES_MAX,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readSerial,
  TYPE_BODY_BYTES_MAX,
  TYPE_BODY_BYTES_MIN,
  writeEmptyFrame,
  writeErrorFrame,
  writeMessage,
  writeSerialFrame,
} from './frames.ts';
import { WAITING_MAX, writeLogin, writeLoginResult } from './login.ts';

/** Fields one after another, the lowest byte first. */
function littleEndian(...fields: readonly (readonly [bits: number, value: bigint | number])[]): number[] {
  return fields.flatMap(([bits, value]) =>
    Array.from({ length: bits / 8 }, (_, n) => Number((BigInt(value) >> BigInt(8 * n)) & 255n)),
  );
}

/** The header: five bits of type below eleven of length. */
const headed = (type: number, body: readonly number[]): number[] => [
  ...littleEndian([16, (BigInt(body.length) << 5n) | BigInt(type)]),
  ...body,
];

function written(bytes: number, write: (view: DataView) => void): number[] {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  return [...new Uint8Array(view.buffer)];
}

const edges = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1, 2 ** 48, 999_999_999_999_999];
const account = fc.oneof(fc.integer({ min: 0, max: 999_999_999_999_999 }), fc.constantFrom(...edges));
const serial = fc.oneof(fc.integer({ min: 0, max: SERIAL_MASK }), fc.constantFrom(0, 1, SERIAL_MASK));

/** The ten bytes of fields of a SEND or DELIVER: 30 bits of id, then the account, of which 2 bits come first. */
function messageFields(id: number, number: number): number[] {
  const whole = BigInt(number);
  return littleEndian(
    [32, BigInt(id) | ((whole >> 48n) << 30n)],
    [32, whole & 0xffff_ffffn],
    [16, (whole >> 32n) & 0xffffn],
  );
}

describe('a message', () => {
  it('is written byte for byte as the protocol says, and read from such bytes', () => {
    const type = fc.constantFrom(FrameType.SEND, FrameType.DELIVER);
    fc.assert(
      fc.property(type, serial, account, fc.nat(PAYLOAD_BYTES_MAX), (kind, id, number, payloadBytes) => {
        const model = headed(kind, [...messageFields(id, number), ...new Array<number>(payloadBytes).fill(0)]);
        assert.equal(messageFrameBytes(payloadBytes), model.length);
        const frame = written(model.length, (view) => {
          const at = writeMessage(view, 0, kind, id, accountHigh(number), accountLow(number), payloadBytes);
          assert.equal(at, payloadStart(HEADER_BYTES));
          assert.equal(at, model.length - payloadBytes, 'the payload ends the frame');
        });
        assert.deepEqual(frame, model);
        const view = new DataView(Uint8Array.from(model).buffer);
        assert.equal(readSerial(view, HEADER_BYTES), id);
        const read = accountNumber(readAccountHigh(view, HEADER_BYTES), readAccountLow(view, HEADER_BYTES));
        assert.equal(read, number);
      }),
    );
  });
});

describe('other frames', () => {
  it('are written byte for byte as the protocol says', () => {
    fc.assert(
      fc.property(
        serial,
        fc.nat(0xffff),
        account,
        fc.nat(200_000),
        fc.nat(2 ** 31),
        (id, code, number, waiting, millis) => {
          for (const type of [FrameType.ACKNOWLEDGED, FrameType.DELIVERED, FrameType.RECEIPT])
            assert.deepEqual(
              written(6, (view) => writeSerialFrame(view, 0, type, id)),
              headed(type, littleEndian([32, id])),
            );
          for (const type of [FrameType.PING, FrameType.PONG, FrameType.LOGOUT])
            assert.deepEqual(
              written(2, (view) => writeEmptyFrame(view, 0, type)),
              headed(type, []),
            );
          assert.deepEqual(
            written(8, (view) => writeErrorFrame(view, 0, code, id)),
            headed(FrameType.ERROR, littleEndian([16, code], [32, id])),
          );
          assert.deepEqual(
            written(18, (view) => void writeLogin(view, 0, number, code, 0)),
            headed(FrameType.LOGIN, [
              ...[...'TRNK'].map((letter) => letter.charCodeAt(0)),
              ...littleEndian([8, 1], [8, 1], [16, code], [64, number]),
            ]),
          );
          const told = Math.min(waiting, WAITING_MAX);
          assert.deepEqual(
            written(18, (view) => writeLoginResult(view, 0, LoginCode.BUSY, code, waiting, millis, id)),
            headed(
              FrameType.LOGIN_RESULT,
              littleEndian([8, 4], [8, 1], [8, 1], [8, 0], [16, code], [16, told], [32, millis], [32, id]),
            ),
          );
        },
      ),
    );
  });

  it('have types that fit five bits and lengths that fit eleven, and every known type has both bounds', () => {
    const known = Object.values(FrameType);
    for (let type = 0; type < FRAME_TYPES; type++) {
      const [least = -2, most = -2] = [TYPE_BODY_BYTES_MIN[type], TYPE_BODY_BYTES_MAX[type]];
      if (known.some((one) => one === type)) assert.ok(least >= 0 && least <= most && most < 2 ** 11, `type ${type}`);
      else assert.deepEqual([least, most], [-1, -1], `type ${type}`);
    }
    assert.equal(new Set(known).size, known.length);
  });

  it('have codes that are never used twice, and those that end a connection from 32 on', () => {
    const codes = Object.entries(ErrorFrameCode);
    assert.equal(new Set(codes.map(([, code]) => code)).size, codes.length);
    const ending = [
      'MALFORMED_FRAME',
      'UNKNOWN_FRAME',
      'LOGIN_EXPECTED',
      'LOGIN_REPEATED',
      'SESSION_REPLACED',
      'HEARTBEAT_MISSED',
      'LOGIN_TIMED_OUT',
      'SWITCH_STOPPING',
    ];
    for (const [name, code] of codes) assert.equal(code >= 32, ending.includes(name), name);
  });
});
