import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ENVELOPE_BYTES, isBusinessPayloadIntact, TEXT_BYTES_MAX, writeBusinessPayload } from './business-payload.ts';

const account = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const message = fc.record({
  sender: account,
  recipient: account,
  id: fc.integer({ min: 1, max: 2 ** 30 - 1 }),
  dueMicros: fc.integer({ min: 0, max: 2 ** 47 }),
  runTag: fc.integer({ min: 0, max: 0xffff }),
});
const text = fc.uint8Array({ maxLength: 100 });

describe('the payload of a business', () => {
  it('is intact for its sender and its recipient, and holds text and due time', () => {
    fc.assert(
      fc.property(message, text, fc.nat(5), (one, words, at) => {
        const view = new DataView(new ArrayBuffer(200));
        writeBusinessPayload(view, at, one, words);
        const bytes = ENVELOPE_BYTES + words.length;
        assert.ok(isBusinessPayloadIntact(view, at, bytes, one.sender, one.recipient));
        assert.deepEqual(new Uint8Array(view.buffer, at + ENVELOPE_BYTES, words.length), words);
        assert.equal(view.getUint16(at + 12, true) * 2 ** 32 + view.getUint32(at, true), one.dueMicros);
        assert.equal(view.getUint16(at + 14, true), one.runTag);
      }),
    );
  });

  it('is not intact with any byte changed, cut, or for another pair', () => {
    fc.assert(
      fc.property(message, text, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, words, place, change) => {
        const bytes = ENVELOPE_BYTES + words.length;
        const view = new DataView(new ArrayBuffer(bytes));
        writeBusinessPayload(view, 0, one, words);
        assert.ok(!isBusinessPayloadIntact(view, 0, bytes, one.sender + 1, one.recipient));
        assert.ok(!isBusinessPayloadIntact(view, 0, bytes, one.sender, one.recipient + 1));
        assert.ok(!isBusinessPayloadIntact(view, 0, bytes - 1, one.sender, one.recipient));
        view.setUint8(place % bytes, view.getUint8(place % bytes) ^ change);
        assert.ok(!isBusinessPayloadIntact(view, 0, bytes, one.sender, one.recipient));
      }),
    );
  });

  it('fills a frame with the longest text', () => {
    const view = new DataView(new ArrayBuffer(ENVELOPE_BYTES + TEXT_BYTES_MAX));
    assert.equal(view.byteLength, 2037);
    const one = { sender: 1, recipient: 2, id: 3, dueMicros: 4, runTag: 5 };
    writeBusinessPayload(view, 0, one, new Uint8Array(TEXT_BYTES_MAX));
    assert.ok(isBusinessPayloadIntact(view, 0, view.byteLength, 1, 2));
  });
});
