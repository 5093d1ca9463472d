import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EVICTED_NONE, FrameAssembler } from './frame-assembler.ts';
import { FrameType, HEADER_BYTES, writeHeader } from './frames.ts';
import { FrameFlow, type FrameSink } from './parse-frames.ts';

const PLACES = 3;
const CONNECTIONS = 8;
const BODY_BYTES = 40;
const FRAME_BYTES = HEADER_BYTES + BODY_BYTES;

/** A frame of one connection: its body says whose it is. */
function frameOf(connection: number): DataView {
  const view = new DataView(new ArrayBuffer(FRAME_BYTES));
  writeHeader(view, 0, FrameType.SEND, BODY_BYTES);
  for (let at = HEADER_BYTES; at < FRAME_BYTES; at++) view.setUint8(at, connection);
  return view;
}

/** Checks that each frame is whole and its connection's; stalls once if it is told to. */
class Reader implements FrameSink {
  frames = 0;
  stalls = false;
  readonly #connection: number;

  constructor(connection: number) {
    this.#connection = connection;
  }

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    if (this.stalls) {
      this.stalls = false;
      return FrameFlow.STALL;
    }
    assert.deepEqual([type, end - body], [FrameType.SEND, BODY_BYTES]);
    for (let at = body; at < end; at++) assert.equal(view.getUint8(at), this.#connection);
    this.frames++;
    return FrameFlow.NEXT;
  }

  unknownFrame(): FrameFlow {
    return assert.fail('every frame is known');
  }

  malformed(): void {
    assert.fail('every frame is right');
  }
}

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('feed' as const),
      connection: fc.nat(CONNECTIONS - 1),
      bytes: fc.integer({ min: 1, max: 100 }),
      stalls: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('forget' as const), connection: fc.nat(CONNECTIONS - 1) }),
  },
);

describe('FrameAssembler', () => {
  it('keeps the half frames that were begun last, whole, and tells which had to give way', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150, size: 'max' }), (script) => {
        const assembler = new FrameAssembler(PLACES);
        /** How much of its frame each has sent, in the order in which the frames were begun. */
        const halves = new Map<number, number>();
        for (const step of script) {
          const { connection } = step;
          const before = halves.get(connection) ?? 0;
          if (step.kind === 'forget') {
            assembler.forget(connection);
            halves.delete(connection);
            continue;
          }
          const stream = frameOf(connection);
          const chunk = Uint8Array.from({ length: step.bytes }, (_, n) => stream.getUint8((before + n) % FRAME_BYTES));
          const reader = new Reader(connection);
          reader.stalls = step.stalls;
          const view = new DataView(chunk.buffer);
          let taken = 0;
          for (let tries = 0; taken < chunk.length && tries < 3; tries++) {
            taken += assembler.feed(connection, view, taken, chunk.length, reader);
          }
          assert.equal(taken, chunk.length);
          assert.equal(reader.frames, Math.floor((before + step.bytes) / FRAME_BYTES));
          const after = (before + step.bytes) % FRAME_BYTES;
          if (reader.frames > 0 || before === 0) halves.delete(connection); // a new frame is begun, or none
          const first = halves.keys().next().value ?? EVICTED_NONE;
          const mustGiveWay = after > 0 && !halves.has(connection) && halves.size === PLACES;
          if (after > 0) halves.set(connection, after);
          if (mustGiveWay) halves.delete(first);
          assert.equal(assembler.evicted, mustGiveWay ? first : EVICTED_NONE);
          assert.equal(assembler.partials, halves.size);
          for (let other = 0; other < CONNECTIONS; other++) assert.equal(assembler.holds(other), halves.has(other));
        }
      }),
      { numRuns: 300 },
    );
  });
});
