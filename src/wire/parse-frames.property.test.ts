import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EVICTED_NONE, FrameAssembler } from './frame-assembler.ts';
import { FRAME_TYPES, TYPE_BODY_BYTES_MAX, TYPE_BODY_BYTES_MIN, writeHeader } from './frames.ts';
import { FrameFlow, type FrameSink, parseFrames } from './parse-frames.ts';

interface Frame {
  readonly type: number;
  readonly body: readonly number[];
}

/** Any frame that is right: a type with a length that suits it, or a type nobody knows. */
const frame = fc.integer({ min: 0, max: FRAME_TYPES - 1 }).chain((type) => {
  const most = TYPE_BODY_BYTES_MAX[type] ?? -1;
  const bounds =
    most < 0
      ? { minLength: 0, maxLength: 40 }
      : { minLength: TYPE_BODY_BYTES_MIN[type] ?? 0, maxLength: Math.min(most, 90) };
  return fc.array(fc.nat(255), { ...bounds, size: 'max' }).map((body): Frame => ({ type, body }));
});

function bytesOf(frames: readonly Frame[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(frames.reduce((sum, one) => sum + 2 + one.body.length, 0)));
  let at = 0;
  for (const { type, body } of frames) {
    const start = writeHeader(view, at, type, body.length);
    body.forEach((byte, i) => {
      view.setUint8(start + i, byte);
    });
    at = start + body.length;
  }
  return new Uint8Array(view.buffer);
}

/** Remembers what it was given; stalls as often as it is told to. */
class Recorder implements FrameSink {
  readonly known: Frame[] = [];
  unknown = 0;
  malformations = 0;
  readonly #stalls: boolean[];
  readonly #stopsAfter: number;

  constructor(stalls: readonly boolean[] = [], stopsAfter = Number.POSITIVE_INFINITY) {
    this.#stalls = [...stalls];
    this.#stopsAfter = stopsAfter;
  }

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    if (this.#stalls.shift() === true) return FrameFlow.STALL;
    this.known.push({ type, body: Array.from({ length: end - body }, (_, i) => view.getUint8(body + i)) });
    return this.#flow();
  }

  unknownFrame(): FrameFlow {
    this.unknown++;
    return this.#flow();
  }

  #flow(): FrameFlow {
    return this.known.length + this.unknown < this.#stopsAfter ? FrameFlow.NEXT : FrameFlow.STOP;
  }

  malformed(): void {
    this.malformations++;
  }
}

const isKnown = ({ type }: Frame): boolean => (TYPE_BODY_BYTES_MAX[type] ?? -1) >= 0;

describe('the parser', () => {
  it('gives the same frames however the bytes are cut and whoever stalls', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 30, size: 'max' }),
        fc.array(fc.nat(60), { minLength: 1 }),
        fc.array(fc.boolean()),
        (frames, cuts, stalls) => {
          const bytes = bytesOf(frames);
          const recorder = new Recorder(stalls);
          const assembler = new FrameAssembler(1);
          for (let at = 0, n = 0; at < bytes.length; n++) {
            const end = Math.min(bytes.length, at + (cuts[n % cuts.length] ?? 0) + (n % 7 === 6 ? 61 : 0));
            // The chunk stands inside other bytes: reading outside of it would give another frame.
            const chunk = new Uint8Array(end - at + 16).fill(0xff);
            chunk.set(bytes.subarray(at, end), 8);
            const view = new DataView(chunk.buffer);
            let offered = 8;
            for (let tries = 0; offered < 8 + end - at && tries < 1000; tries++) {
              offered += assembler.feed(5, view, offered, 8 + end - at, recorder);
            }
            assert.equal(assembler.evicted, EVICTED_NONE);
            at = end;
          }
          assert.deepEqual(recorder.known, frames.filter(isKnown));
          assert.equal(recorder.unknown, frames.length - frames.filter(isKnown).length);
          assert.equal(assembler.partials, 0, 'no half frame is left');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads no more of a chunk after the frame at which it is to stop, also where that began in an earlier chunk', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 20, size: 'max' }),
        fc.nat(),
        fc.nat(),
        (frames, stop, cut) => {
          const stopsAfter = 1 + (stop % frames.length);
          const bytes = bytesOf(frames);
          const stopped = bytesOf(frames.slice(0, stopsAfter)).length;
          const first = cut % stopped; // the frame at which to stop is whole only with the second chunk
          const recorder = new Recorder([], stopsAfter);
          const assembler = new FrameAssembler(1);
          const view = new DataView(bytes.buffer);
          assert.equal(assembler.feed(1, view, 0, first, recorder), first);
          assert.equal(assembler.feed(1, view, first, bytes.length, recorder), bytes.length - first);
          assert.equal(recorder.known.length + recorder.unknown, stopsAfter);
          assert.equal(assembler.partials, 0, 'nothing of it is kept');
        },
      ),
    );
  });

  it('stops at a header whose length does not suit its type, and reads nothing after it', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.constantFrom(...[1, 2, 4, 6, 7, 8, 10, 11]),
        fc.array(frame),
        (before, type, after) => {
          const most = TYPE_BODY_BYTES_MAX[type] ?? 0;
          const bad = new Uint8Array(2);
          writeHeader(new DataView(bad.buffer), 0, type, most + 1);
          const bytes = Uint8Array.from([...bytesOf(before), ...bad, ...bytesOf(after)]);
          const recorder = new Recorder();
          const parsed = parseFrames(new DataView(bytes.buffer), 0, bytes.length, recorder);
          assert.equal(parsed, bytes.length + 1);
          assert.equal(recorder.malformations, 1);
          assert.deepEqual(recorder.known, before.filter(isKnown));
        },
      ),
    );
  });

  it('never throws and never hangs on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000, size: 'max' }), fc.nat(100), (bytes, cut) => {
        const assembler = new FrameAssembler(1);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (let at = 0; at < bytes.length; ) {
          const end = Math.min(bytes.length, at + cut + 1);
          at += assembler.feed(1, view, at, end, new Recorder());
        }
      }),
    );
  });
});
