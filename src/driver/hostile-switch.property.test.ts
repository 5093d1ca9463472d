/**
 * What a lane does with a switch that says anything at any time: it counts, hangs up and comes back, and never fails.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import {
  FrameType,
  HEADER_BYTES,
  messageFrameBytes,
  writeErrorFrame,
  writeHeader,
  writeMessage,
} from '../wire/frames.ts';
import { writeLoginResult } from '../wire/login.ts';
import { CloseReason } from '../wire/transport.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { retryAfter } from './retry-after.test-suite.ts';

const PHONES = 8;

const loginResult = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.nat(70_000), fc.nat(20), fc.nat(2 ** 30 - 1))
  .map(([code, waiting, millis, highest]) =>
    frame(18, (view) => writeLoginResult(view, 0, code, 1, waiting, millis, highest)),
  );
const error = fc
  .tuple(fc.integer({ min: 1, max: 45 }), fc.nat(40))
  .map(([code, serial]) => frame(8, (view) => writeErrorFrame(view, 0, code, serial)));
const serial = fc
  .tuple(fc.constantFrom(FrameType.ACKNOWLEDGED, FrameType.RECEIPT, FrameType.DELIVERED), fc.nat(40))
  .map(([type, id]) => frame(6, (view) => view.setInt32(writeHeader(view, 0, type, 4), id, true)));
const deliver = fc
  .tuple(fc.nat(2 ** 30 - 1), fc.nat(10), fc.nat(40))
  .map(([sequence, account, payload]) =>
    frame(messageFrameBytes(payload), (view) =>
      writeMessage(view, 0, FrameType.DELIVER, sequence, 104, ((447_700_000_000 % 2 ** 32) + account) | 0, payload),
    ),
  );
const pong = fc.constant(frame(HEADER_BYTES, (view) => writeHeader(view, 0, FrameType.PONG, 0)));
const noise = fc.uint8Array({ minLength: 1, maxLength: 40 });
const chunk = fc
  .array(fc.oneof(loginResult, loginResult, error, serial, deliver, pong, noise), { minLength: 1, maxLength: 6 })
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));
const step = fc.record({
  row: fc.nat(PHONES - 1),
  chunk,
  cut: fc.nat(60),
  what: fc.constantFrom('say', 'say', 'say', 'say', 'close', 'full', 'room', 'wait'),
});

function frame(bytes: number, write: (view: DataView) => void): Uint8Array {
  const made = new Uint8Array(bytes);
  write(new DataView(made.buffer));
  return made;
}

function say(under: LaneUnderTest, row: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  under.switch.say(row, bytes.length, (view) => {
    bytes.forEach((byte, at) => {
      view.setUint8(at, byte);
    });
  });
}

it('names only connections that it has, and is whole again when the switch is', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const under = new LaneUnderTest(PHONES, {
        loginTimeoutMicros: 50_000,
        loginBackoff: retryAfter(2000),
        inFlightPlaces: 2 ** 12,
      });
      under.lane.openLogins(PHONES, 0, 0);
      under.lane.startTraffic(0);
      for (const { row, chunk: bytes, cut, what } of steps) {
        if (what === 'say') {
          say(under, row, bytes.subarray(0, cut));
          say(under, row, bytes.subarray(cut));
        } else if (what === 'close') under.switch.cut(row, CloseReason.BROKEN);
        else if (what === 'wait') under.runFor(10_000);
        else under.switch.hasRoom = what === 'room';
        under.runFor(1000);
      }
      under.switch.hasRoom = true;
      const counts = ['held', 'messagesUnanswered', 'messagesBacklog'] as const;
      for (const name of counts) assert.ok(under.count(name) >= 0, `${name} is ${under.count(name)}`);
      assert.ok(under.count('held') <= PHONES);
      const gone = under.count('loginsForeign') + under.count('loginsRefused'); // those may have given up for good
      under.logAllIn(PHONES);
      for (let row = 0; row < PHONES; row++) under.switch.cut(row, CloseReason.BROKEN);
      under.runFor(200_000);
      assert.ok(under.count('held') + gone >= PHONES, `${under.count('held')} of ${PHONES} are back`);
    }),
    { numRuns: 150 },
  );
});
