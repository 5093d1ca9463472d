/** Frames with several fields, read back at any place of a buffer whose other bytes stay as they were. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import {
  accountNumber,
  BODY_BYTES_MAX,
  ERROR_FRAME_BYTES,
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  LOGIN_MAGIC,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
  readErrorCode,
  readErrorSerial,
  readSerial,
  SERIAL_FRAME_BYTES,
  TOKEN_BYTES_MAX,
  writeErrorFrame,
  writeHeader,
  writeSerialFrame,
} from './frames.ts';
import {
  LOGIN_RESULT_FRAME_BYTES,
  loginFrameBytes,
  readLoginAccountHigh,
  readLoginAccountLow,
  readLoginCapabilities,
  readLoginCode,
  readLoginHighestId,
  readLoginMagic,
  readLoginMajor,
  readLoginMinor,
  readLoginPauseMillis,
  readLoginWaiting,
  tokenStart,
  WAITING_MAX,
  writeLogin,
  writeLoginResult,
} from './login.ts';

const FILLER = 0xa5;
const place = fc.nat(13);
const serial = fc.oneof(fc.integer({ min: 0, max: SERIAL_MASK }), fc.constantFrom(0, 1, SERIAL_MASK));

/** Writes a frame into a larger buffer. @returns the buffer, whose bytes around the frame are untouched. */
function framed(at: number, bytes: number, write: (view: DataView) => void): DataView {
  const all = new Uint8Array(at + bytes + 9).fill(FILLER);
  write(new DataView(all.buffer));
  for (const [n, byte] of all.entries())
    if (n < at || n >= at + bytes) assert.equal(byte, FILLER, `byte ${n} is outside of the frame`);
  return new DataView(all.buffer);
}

describe('a header', () => {
  it('holds every type and every length', () => {
    fc.assert(
      fc.property(place, fc.nat(31), fc.nat(BODY_BYTES_MAX), (at, type, bytes) => {
        const view = framed(at, HEADER_BYTES, (into) => assert.equal(writeHeader(into, at, type, bytes), at + 2));
        const header = view.getUint16(at, true);
        assert.deepEqual([headerType(header), headerBodyBytes(header)], [type, bytes]);
      }),
    );
  });
});

describe('a login', () => {
  it('is read as it was written, for any number of 15 digits and any token', () => {
    fc.assert(
      fc.property(
        place,
        fc.integer({ min: 0, max: 999_999_999_999_999 }),
        fc.nat(0xffff),
        fc.nat(TOKEN_BYTES_MAX),
        (at, account, capabilities, tokenBytes) => {
          const bytes = loginFrameBytes(tokenBytes);
          let token = 0;
          const view = framed(at, bytes, (into) => {
            token = writeLogin(into, at, account, capabilities, tokenBytes);
          });
          const body = at + HEADER_BYTES;
          assert.equal(token, tokenStart(body));
          assert.equal(body + headerBodyBytes(view.getUint16(at, true)), at + bytes, 'the token ends the frame');
          assert.deepEqual(
            [readLoginMagic(view, body), readLoginMajor(view, body), readLoginMinor(view, body)],
            [LOGIN_MAGIC, PROTOCOL_MAJOR, PROTOCOL_MINOR],
          );
          assert.equal(readLoginCapabilities(view, body), capabilities);
          assert.equal(accountNumber(readLoginAccountHigh(view, body), readLoginAccountLow(view, body)), account);
        },
      ),
    );
  });

  it('has a result that is read as it was written; more than fits the field of what waits is told as the most', () => {
    fc.assert(
      fc.property(
        place,
        fc.nat(4),
        fc.nat(200_000),
        fc.nat(2 ** 32 - 1),
        serial,
        (at, code, waiting, millis, highest) => {
          const view = framed(at, LOGIN_RESULT_FRAME_BYTES, (into) =>
            writeLoginResult(into, at, code, 1, waiting, millis, highest),
          );
          const body = at + HEADER_BYTES;
          assert.equal(headerType(view.getUint16(at, true)), FrameType.LOGIN_RESULT);
          assert.deepEqual(
            [readLoginCode(view, body), readLoginWaiting(view, body), readLoginHighestId(view, body)],
            [code, Math.min(waiting, WAITING_MAX), highest],
          );
          assert.equal(readLoginPauseMillis(view, body), millis, 'the time-out or pause, in milliseconds');
          assert.equal(view.getUint8(body + 3), 0, 'a byte of zero');
        },
      ),
    );
  });
});

describe('small frames', () => {
  it('hold a serial, or a code and a serial', () => {
    fc.assert(
      fc.property(place, serial, fc.nat(0xffff), (at, id, code) => {
        const body = at + HEADER_BYTES;
        const types = [FrameType.ACKNOWLEDGED, FrameType.DELIVERED, FrameType.RECEIPT];
        for (const type of types) {
          const view = framed(at, SERIAL_FRAME_BYTES, (into) => writeSerialFrame(into, at, type, id));
          assert.deepEqual([headerType(view.getUint16(at, true)), readSerial(view, body)], [type, id]);
        }
        const view = framed(at, ERROR_FRAME_BYTES, (into) => writeErrorFrame(into, at, code, id));
        assert.deepEqual([readErrorCode(view, body), readErrorSerial(view, body)], [code, id]);
      }),
    );
  });
});
