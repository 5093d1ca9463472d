/** Every hop of the table through an inbox, against a naive encoder and a list of the calls that they stand for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ByteSpan } from '../../base/byte-span.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { SWITCH_COUNTERS } from '../terms/switch-counters.ts';
import { HopReader } from './hop-reader.ts';
import { HOP_NAMES, HOPS, type HopName, type HopTarget } from './hop-table.ts';
import { Hops } from './hops.ts';
import { inboxReserveBytes } from './inbox-sizes.ts';

const INBOX_BYTES = 2 ** 13;
const QUESTIONS_MAX = 8;
const INCARNATION = 5;
const KINDS = 32;

interface Said {
  readonly name: HopName;
  readonly words: readonly number[];
  /** Empty for a hop without one. */
  readonly payload: readonly number[];
}

/**
 * A table whose rows have `words` words says nothing of its types: a writer takes as many, with the payload's size
 * first.
 */
type AnyWriter = (to: number, ...fields: number[]) => boolean | number;

/** A shard's inbox, who writes to it, and a target that hears everything and takes it only while it has room. */
class Inbox {
  readonly memory = RingMemory.ofBytes(ringBytes(INBOX_BYTES));
  readonly consumer = new ManyToOneConsumer(this.memory, 0, INBOX_BYTES);
  readonly producer = new ManyToOneProducer(this.memory, 0, INBOX_BYTES);
  readonly woken: number[] = [];
  readonly hops: Hops;
  readonly reader: HopReader;
  readonly heard: Said[] = [];
  hasRoom = true;

  constructor() {
    const counters = new Float64Array(SWITCH_COUNTERS.length);
    const reserve = inboxReserveBytes(QUESTIONS_MAX);
    const wake = (shard: number): number => this.woken.push(shard);
    this.hops = new Hops(this.memory, [this.producer], reserve, [INCARNATION], counters, wake);
    const target = Object.fromEntries(HOP_NAMES.map((name) => [name, this.#hear.bind(this, name)]));
    this.reader = new HopReader(this.memory, target as unknown as HopTarget); // a function for each row
  }

  /** Whether there was room. */
  say({ name, words, payload }: Said): boolean {
    const write = this.hops.write[name] as AnyWriter;
    if (!HOPS[name].hasPayload) return write(0, ...words) === true;
    const at = Number(write(0, payload.length, ...words));
    if (at < 0) return false;
    for (const [n, byte] of payload.entries()) this.hops.view.setUint8(at + n, byte);
    this.hops.end(0);
    return true;
  }

  /** Reads at most so many hops, and checks each record byte for byte. */
  take(most: number, expected: readonly Said[]): void {
    for (let n = 0; n < most; n++) {
      const at = this.consumer.next();
      if (at === RING_NONE) break;
      const bytes = Array.from({ length: this.consumer.length }, (_, i) => this.memory.view.getUint8(at + i));
      assert.deepEqual(bytes, encoded(expected[this.heard.length]));
      assert.ok(this.hops.isFor(0, at));
      if (!this.reader.read(at, this.consumer.length)) break;
      this.consumer.take();
    }
    this.consumer.release();
  }

  #hear(name: HopName, ...fields: (number | ByteSpan)[]): boolean {
    if (!this.hasRoom) return false;
    const { words, hasPayload } = HOPS[name];
    assert.equal(fields.length, words + (hasPayload ? 1 : 0));
    const span = fields[words] as ByteSpan; // the payload comes last
    const payload = hasPayload ? Array.from({ length: span.bytes }, (_, n) => span.view.getUint8(span.at + n)) : [];
    this.heard.push({ name, words: fields.slice(0, words) as number[], payload });
    return true;
  }
}

/** The bytes of a record, as the head of `hops.ts` draws it. */
function encoded(said: Said | undefined): number[] {
  if (said === undefined) return assert.fail('nothing more was said');
  const words = [HOP_NAMES.indexOf(said.name) + KINDS * INCARNATION, ...said.words];
  const bytes = words.flatMap((word) => [word, word >> 8, word >> 16, word >> 24].map((byte) => byte & 0xff));
  return [...bytes, ...said.payload];
}

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const byte = fc.nat(255);
const said: fc.Arbitrary<Said> = fc.oneof(
  ...HOP_NAMES.map((name) =>
    fc.record<Said>(
      {
        name: fc.constant(name),
        words: fc.array(word, { minLength: HOPS[name].words, maxLength: HOPS[name].words }),
        payload: HOPS[name].hasPayload
          ? fc
              .tuple(byte, fc.nat(PAYLOAD_BYTES_MAX))
              .map(([first, length]) => Array.from({ length }, (_, n) => (first + n) & 0xff))
          : fc.constant([]),
      },
      { noNullPrototype: true },
    ),
  ),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('say' as const), said }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('take' as const), most: fc.nat(20), hasRoom: fc.boolean() }) },
);

describe('hops', () => {
  it('are the calls that they stand for, in their order, and answers find room whatever else has filled the inbox', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const inbox = new Inbox();
        const written: Said[] = [];
        const answers = (all: readonly Said[]): number => all.filter(({ name }) => HOPS[name].isAnswer).length;
        for (const one of steps) {
          if (one.what === 'take') {
            inbox.hasRoom = one.hasRoom;
            inbox.take(one.most, written);
            continue;
          }
          const { isAnswer } = HOPS[one.said.name];
          const open = answers(written) - answers(inbox.heard);
          if (isAnswer && open === QUESTIONS_MAX) continue; // no more questions are open than that
          const hadRoom = inbox.say(one.said);
          if (isAnswer) assert.ok(hadRoom, 'an inbox keeps room for the answer to every open question');
          if (hadRoom) written.push(one.said);
        }
        inbox.hasRoom = true;
        inbox.take(1000, written);
        assert.deepEqual(inbox.heard, written);
        inbox.hops.flush();
        assert.deepEqual(inbox.woken, written.length > 0 ? [0] : [], 'once, however much was said');
      }),
      { numRuns: 100 },
    );
  });

  it('that are longer or shorter than their row, or of no row, are refused before anyone is called', () => {
    const kind = fc.oneof(fc.integer({ min: -1, max: HOP_NAMES.length + 1 }), word);
    const bytes = fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: PAYLOAD_BYTES_MAX + 64 }));
    fc.assert(
      fc.property(kind, bytes, fc.array(word, { minLength: 8, maxLength: 8 }), (which, length, words) => {
        const inbox = new Inbox();
        const claimed = inbox.producer.claim(length, 0);
        for (const [n, one] of [which, ...words].entries())
          if (n * 4 + 4 <= length) inbox.memory.words[claimed / 4 + n] = one;
        inbox.producer.commit();
        const name = HOP_NAMES[which & (KINDS - 1)];
        const payloadBytes = name === undefined ? -1 : length - 4 - 4 * HOPS[name].words;
        const most = name !== undefined && HOPS[name].hasPayload ? PAYLOAD_BYTES_MAX : 0;
        const at = inbox.consumer.next();
        if (payloadBytes >= 0 && payloadBytes <= most) {
          assert.ok(inbox.reader.read(at, inbox.consumer.length));
          assert.equal(inbox.heard[0]?.payload.length, payloadBytes);
        } else {
          assert.throws(() => inbox.reader.read(at, inbox.consumer.length), {
            name: 'AssertionError',
            message: /hops of known kinds/,
          });
          assert.deepEqual(inbox.heard, []);
        }
      }),
      { numRuns: 500 },
    );
  });
});
