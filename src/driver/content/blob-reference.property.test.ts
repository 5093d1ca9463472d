/** What a payload says of the blob that it refers to, against a model that builds it from text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { BlobReferences, REFERENCE_BYTES } from './blob-reference.ts';
import { isPayloadIntact, writePayload } from './payload.test-suite.ts';
import { PAYLOAD_BYTES_MIN, PayloadReader } from './payload.ts';

const RUN = 7;
/** Where payloads begin in the memory that they are written to. */
const AT = 6;
const THUMBNAIL_AT = PAYLOAD_BYTES_MIN + REFERENCE_BYTES;

const sent = fc.record({
  seed: fc.integer(),
  sender: fc.nat(2 ** 30),
  number: fc.integer({ min: 1, max: 2 ** 30 }),
  blobBytes: fc.integer({ min: 1, max: 2 ** 30 }),
  bytes: fc.integer({ min: THUMBNAIL_AT, max: 400 }),
});

/** References of messages that all have blobs of this size. */
function toBlobsOf(blobBytes: number, seed: number): BlobReferences {
  return new BlobReferences(seed, { blobBytesOf: () => blobBytes });
}

interface Sent {
  readonly seed: number;
  readonly sender: number;
  readonly number: number;
  readonly blobBytes: number;
  readonly bytes: number;
}

/** The payload of a message, with six bytes of 0xff before and behind it. */
function written({ seed, sender, number, blobBytes, bytes }: Sent): DataView {
  const view = new DataView(new ArrayBuffer(AT + bytes + AT));
  new Uint8Array(view.buffer).fill(0xff);
  writePayload(view, AT, bytes, { sender, number, runTag: RUN, dueWord: 5 }, toBlobsOf(blobBytes, seed));
  return view;
}

/**
 * The reference, field by field. `turned` are bits that differ in the first two words of the hash, from which the rest
 * then follows.
 */
function modelled({ seed, sender, number, blobBytes }: Sent, turned: readonly [number, number] = [0, 0]): Buffer {
  const word = (value: number): Buffer => {
    const four = Buffer.alloc(4);
    four.writeInt32LE(value);
    return four;
  };
  const low = mixPair(seed ^ 0x48415348, sender);
  const high = mixPair(low, number);
  const right = low ^ mix32(high);
  const first = right ^ turned[0];
  const second = high ^ mix32(right) ^ turned[1];
  const derived = [8, 12, 16, 20, 24, 28].map((place) =>
    mix32((mixPair(mixPair(first, second), blobBytes) + Math.imul(place, 0x9e3779b1)) | 0),
  );
  const hash = Buffer.concat([first, second, ...derived].map(word));
  const link = `/media/blob/${hash.subarray(0, 16).toString('hex')}`;
  return Buffer.concat([hash, word(blobBytes), Buffer.from(link, 'latin1')]);
}

const bytesOf = (view: DataView, from: number, to: number): Buffer => Buffer.from(view.buffer.slice(from, to));

/** Fields of a payload with a reference, and where they are. */
const FIELDS = [
  ['start of the hash', 16, 24],
  ['rest of the hash', 24, 48],
  ['size', 48, 52],
  ['link', 52, 64],
  ['link, in its digits', 64, 96],
  ['thumbnail', 96, 120],
] as const;

describe('the reference to a blob', () => {
  it('has hash, size and link behind the head of the payload, then the thumbnail up to its end', () => {
    fc.assert(
      fc.property(sent, (one) => {
        const view = written(one);
        const { sender, number, bytes } = one;
        const reference = modelled(one);
        assert.equal(reference.length, REFERENCE_BYTES);
        assert.deepEqual(bytesOf(view, AT + PAYLOAD_BYTES_MIN, AT + THUMBNAIL_AT), reference);
        // Everything else is as in a message without a blob.
        const plain = new DataView(new ArrayBuffer(bytes));
        writePayload(plain, 0, bytes, { sender, number, runTag: RUN, dueWord: 5 });
        assert.deepEqual(bytesOf(view, AT, AT + PAYLOAD_BYTES_MIN), bytesOf(plain, 0, PAYLOAD_BYTES_MIN));
        assert.deepEqual(bytesOf(view, AT + THUMBNAIL_AT, AT + bytes), bytesOf(plain, THUMBNAIL_AT, bytes));
        const around = [bytesOf(view, 0, AT), bytesOf(view, AT + bytes, AT + bytes + AT)];
        assert.deepEqual(around, [Buffer.alloc(AT, 0xff), Buffer.alloc(AT, 0xff)]);
      }),
    );
  });

  it('tells its recipient the size of the blob, and nothing if it is not intact', () => {
    fc.assert(
      fc.property(sent, (one) => {
        const { seed, sender, blobBytes, bytes } = one;
        const view = written(one);
        const reader = new PayloadReader(RUN, toBlobsOf(blobBytes, seed));
        assert.equal(reader.isIntact(view, AT, bytes, sender), true);
        assert.equal(reader.blobBytes, blobBytes);
        assert.equal(reader.isIntact(view, AT, bytes, sender + 1), false);
        assert.equal(reader.blobBytes, 0);
      }),
    );
  });

  for (const [name, from, to] of FIELDS)
    it(`is damaged if a bit changes in it: ${name}`, () => {
      fc.assert(
        fc.property(sent, fc.integer({ min: from, max: to - 1 }), fc.nat(7), (drawn, place, bit) => {
          const one = { ...drawn, bytes: 120 };
          const { seed, sender, blobBytes, bytes } = one;
          const view = written(one);
          const isIntact = (): boolean[] => [
            isPayloadIntact(view, AT, bytes, sender, toBlobsOf(blobBytes, seed)),
            new PayloadReader(RUN + 1).isIntact(view, AT, bytes, sender), // waited since a run of which nothing is known
          ];
          assert.deepEqual(isIntact(), [true, true]);
          view.setUint8(AT + place, view.getUint8(AT + place) ^ (1 << bit));
          assert.deepEqual(isIntact(), [false, false]);
        }),
      );
    });

  it('is damaged if it is whole, but that of another message, of another blob, or of another seed', () => {
    fc.assert(
      fc.property(sent, fc.constantFrom('sender', 'number', 'seed', 'blobBytes'), (one, differs) => {
        const { seed, sender, blobBytes, bytes } = one;
        const view = written(one);
        const place = new Uint8Array(view.buffer, AT + PAYLOAD_BYTES_MIN, REFERENCE_BYTES);
        const isIntact = (): boolean => isPayloadIntact(view, AT, bytes, sender, toBlobsOf(blobBytes, seed));
        for (const turned of [
          [1, 0],
          [0, 1],
        ] as const) {
          place.set(modelled(one, turned));
          assert.equal(isIntact(), false, 'one word of the hash');
        }
        place.set(modelled({ ...one, [differs]: one[differs] + 1 }));
        assert.equal(isIntact(), false);
        place.set(modelled(one));
        assert.equal(isIntact(), true);
      }),
    );
  });

  it('is damaged if it is missing, cut, or where none should be', () => {
    const one = { seed: 3, sender: 4, number: 5, blobBytes: 6000, bytes: 120 };
    const { sender, number, bytes } = one;
    const references = toBlobsOf(6000, 3);
    assert.equal(isPayloadIntact(written(one), AT, bytes, sender, toBlobsOf(0, 3)), false);
    assert.equal(isPayloadIntact(written(one), AT, bytes, sender), false);
    const plain = new DataView(new ArrayBuffer(bytes));
    for (const shorter of [PAYLOAD_BYTES_MIN, THUMBNAIL_AT - 1, bytes]) {
      writePayload(plain, 0, shorter, { sender, number, runTag: RUN });
      assert.equal(isPayloadIntact(plain, 0, shorter, sender, references), false);
      assert.equal(new PayloadReader(RUN + 1, references).isIntact(plain, 0, shorter, sender), true, 'of another run');
    }
  });

  it('is the same in each copy of a message, and no two messages have the same hash', () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 2; seed++)
      for (let sender = 0; sender < 60; sender++)
        for (let number = 1; number <= 60; number++) {
          const view = written({ seed, sender, number, blobBytes: 1000, bytes: THUMBNAIL_AT });
          hashes.add(bytesOf(view, AT + 16, AT + 48).toString('hex'));
          const copy = new DataView(new ArrayBuffer(THUMBNAIL_AT));
          const made = { sender, number, runTag: RUN, dueWord: 9, isSentAgain: true };
          writePayload(copy, 0, THUMBNAIL_AT, made, toBlobsOf(1000, seed));
          assert.deepEqual(bytesOf(copy, 16, 96), bytesOf(view, AT + 16, AT + 96));
        }
    assert.equal(hashes.size, 2 * 60 * 60);
  });
});
