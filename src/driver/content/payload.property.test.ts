/** What a recipient notices about a payload, bit by bit. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { isPayloadIntact, writePayload } from './payload.test-suite.ts';
import {
  isPayloadAfterRefusals,
  isPayloadSentAgain,
  PAYLOAD_BYTES_MIN,
  payloadDueHigh,
  payloadDueWord,
  payloadNumber,
  payloadRunTag,
} from './payload.ts';

it('writes payloads in which any changed bit, sender or length is noticed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 200 }),
      fc.nat(2 ** 30),
      fc.integer({ min: 1, max: 2 ** 30 - 1 }),
      fc.integer(),
      fc.nat(2 ** 14 - 1),
      fc.nat(2 ** 16 - 1),
      fc.boolean(),
      fc.boolean(),
      fc.nat(),
      (bytes, sender, number, due, high, runTag, isSentAgain, isAfterRefusals, flip) => {
        const view = new DataView(new ArrayBuffer(bytes + 8));
        writePayload(view, 4, bytes, {
          sender,
          number,
          dueWord: due,
          dueHigh: high,
          runTag,
          isSentAgain,
          isAfterRefusals,
        });
        assert.equal(isPayloadSentAgain(view, 4), isSentAgain);
        assert.equal(isPayloadAfterRefusals(view, 4), isAfterRefusals);
        assert.equal(isPayloadIntact(view, 4, bytes, sender), true);
        assert.deepEqual(
          [payloadDueWord(view, 4), payloadDueHigh(view, 4), payloadNumber(view, 4), payloadRunTag(view, 4)],
          [due, high, number, runTag],
        );
        assert.equal(isPayloadIntact(view, 4, bytes, sender + 1), false);
        const at = 4 + (flip % bytes);
        view.setUint8(at, view.getUint8(at) ^ (1 << (flip % 8)));
        assert.equal(isPayloadIntact(view, 4, bytes, sender), false);
      },
    ),
  );
});

it('takes no payload for another of a different length, or for one that is too short to have a head', () => {
  fc.assert(
    fc.property(fc.integer({ min: PAYLOAD_BYTES_MIN, max: 200 }), fc.integer({ min: 1, max: 16 }), (bytes, cut) => {
      const view = new DataView(new ArrayBuffer(bytes));
      writePayload(view, 0, bytes, { sender: 5, number: 1, dueWord: 1000, runTag: 1 });
      assert.equal(isPayloadIntact(view, 0, bytes - cut, 5), false);
    }),
  );
});

it('lies where it is drawn, so that two drivers understand each other', () => {
  const view = new DataView(new ArrayBuffer(20));
  writePayload(view, 0, 20, { sender: 5, number: 0x01020304, dueWord: -2, dueHigh: 0x0506, runTag: 0x0708 });
  assert.equal(view.getUint32(0, true), 2 ** 32 - 2, 'due');
  assert.equal(view.getUint32(4, true), 0x01020304, 'number');
  assert.equal(view.getUint16(12, true), 0x0506, 'upper part of the due time');
  assert.equal(view.getUint16(14, true), 0x0708, 'run');
  assert.equal(view.getInt32(16, true), view.getInt32(8, true) ^ 16, 'words follow from the check');
  writePayload(view, 0, 20, { sender: 5, number: 1, dueHigh: 0x0506, runTag: 1, isSentAgain: true });
  assert.equal(view.getUint16(12, true), 0x8506, 'the same in a copy that was sent again');
  writePayload(view, 0, 20, { sender: 5, number: 1, dueHigh: 0x0506, runTag: 1, isAfterRefusals: true });
  assert.equal(view.getUint16(12, true), 0x4506, 'and in a message after many that were refused');
});
