/** Presence and typing to a phone through a ring, against a list of what found room. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RingMemory } from '../../ring/ring-layout.ts';
import { MemoryPhoneTransport } from '../../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../../transport/memory/memory-switch-transport.ts';
import {
  accountNumber,
  ERROR_FRAME_BYTES,
  FrameType,
  readErrorCode,
  readErrorSerial,
  writeErrorFrame,
} from '../../wire/frames.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { FrameFlow } from '../../wire/parse-frames.ts';
import { readLastSeenSeconds, readWatchedHigh, readWatchedLow, readWatchedState } from '../../wire/presence-frames.ts';
import { FrameListener } from '../frame-listener.test-suite.ts';
import { INPUT_ANSWER_BYTES_MAX } from '../phone-output.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { PresenceOutput } from './presence-output.ts';

const RING_BYTES = 2 ** 14;
/** Answers for which room is left. */
const ANSWERS = 8;
/** Its halves carry at the second account: 2^32 lies between the two. */
const FIRST_NUMBER = 2 ** 32 - 1;
const ACCOUNTS = 3;

type Said = readonly [type: number, ...fields: number[]];

/** A phone that reads frames back into what was said, and the shard that writes to it. */
class Line extends FrameListener {
  readonly heard: Said[] = [];
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly output: PresenceOutput;
  readonly #phones: MemoryPhoneTransport;
  readonly #transport: MemorySwitchTransport;

  constructor() {
    super();
    const shape = { lanes: 1, shards: 1, ringBytes: RING_BYTES };
    const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    this.#phones = new MemoryPhoneTransport(rings, 0, () => {});
    this.#transport = new MemorySwitchTransport(rings, 0, 1, () => {});
    const plan = new NumberingPlan([{ first: FIRST_NUMBER, count: ACCOUNTS }]);
    this.output = new PresenceOutput(this.#transport, plan, this.counters, ANSWERS * INPUT_ANSWER_BYTES_MAX);
    this.#phones.connect(0, 5);
    this.listen();
  }

  listen(): void {
    this.#phones.flush();
    this.#transport.poll({ opened: () => {}, refused: () => {}, bytes: () => 0, closed: () => {} }, 10);
    this.#transport.flush();
    this.#phones.poll(this, 10_000);
  }

  vanish(): void {
    this.#phones.vanish(this.connection);
    this.listen();
  }

  /** An answer to the phone, for which the others leave room. @returns whether they did. */
  answer(serial: number): boolean {
    const at = this.#transport.claim(0, ERROR_FRAME_BYTES, 0);
    if (at < 0) return false;
    writeErrorFrame(this.#transport.output, at, 1, serial);
    this.#transport.commit();
    return true;
  }

  frame(type: number, view: DataView, body: number): FrameFlow {
    if (type === FrameType.ERROR) this.heard.push([type, readErrorCode(view, body), readErrorSerial(view, body)]);
    else {
      const account = accountNumber(readWatchedHigh(view, body), readWatchedLow(view, body)) - FIRST_NUMBER;
      const lastSeen = type === FrameType.PRESENCE ? [readLastSeenSeconds(view, body)] : [];
      this.heard.push([type, account, readWatchedState(view, body), ...lastSeen]);
    }
    return FrameFlow.NEXT;
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('presence' as const, 'typing' as const, 'error' as const),
      account: fc.nat(ACCOUNTS - 1),
      state: fc.nat(1),
      lastSeen: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      times: fc.oneof(fc.constant(1), fc.nat(700)),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'answer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'listen' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** @returns what the phone then hears, or null where there was no room. */
function say({ output }: Line, one: Extract<Step, { account: number }>): Said | null {
  const { kind, account, state, lastSeen } = one;
  if (kind === 'typing') return output.typing(0, account, state) ? [FrameType.TYPING, account, state] : null;
  if (kind === 'error') return output.error(0, 1 + account) ? [FrameType.ERROR, 1 + account, 0] : null;
  const hadRoom = output.hasRoom(0);
  assert.equal(output.presence(0, account, state, lastSeen), hadRoom, 'whoever asks first is told the truth');
  return hadRoom ? [FrameType.PRESENCE, account, state, lastSeen] : null;
}

describe('presence and typing to a phone', () => {
  it('are what was said, in its order; what finds no room leaves nothing, and answers find room beside all of it', () => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const line = new Line();
        const said: Said[] = [];
        let [answers, notices] = [0, 0];
        for (const one of steps) {
          if (one.kind === 'listen') {
            line.listen();
            answers = 0;
          } else if (one.kind !== 'answer') {
            for (let n = 0; n < one.times; n++) {
              const text = say(line, one);
              if (text === null) {
                refusals++;
                continue;
              }
              said.push(text);
              notices++;
            }
          } else if (answers++ < ANSWERS) {
            assert.ok(line.answer(said.length), 'there is room for an answer');
            said.push([FrameType.ERROR, 1, said.length]);
          }
        }
        line.listen();
        assert.deepEqual(line.heard, said);
        assert.equal(line.counters[SwitchCounter.framesOut], notices);
      }),
      { numRuns: 100 },
    );
    assert.ok(refusals > 0, 'the ring was full at times');
  });

  it('to a phone that is gone are dropped, and nobody waits for room', () => {
    const line = new Line();
    line.vanish();
    for (let n = 0; n < 2000; n++) {
      assert.equal(line.output.hasRoom(0), true);
      assert.equal(line.output.presence(0, 1, 1, n), true);
      assert.equal(line.output.typing(0, 1, 1), true);
      assert.equal(line.output.error(0, 1), true);
    }
    line.listen();
    assert.deepEqual(line.heard, []);
  });
});
