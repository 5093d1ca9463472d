/** The sizes of inboxes, against real rings that hops of every kind fill in any order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { SWITCH_COUNTERS } from '../terms/switch-counters.ts';
import { Hops } from './hops.ts';
import { inboxBytesMin, inboxQuestionsMax, inboxReserveBytes } from './inbox-sizes.ts';

/** The hops that answer questions, with words of their own. */
const ANSWERS: readonly ((hops: Hops) => boolean)[] = [
  (hops) => hops.write.answer(0, 1, 2, 3, 4),
  (hops) => hops.write.loginAnswer(0, 1, 2, 3, 4, 5, 6),
  (hops) => hops.write.groupAnswer(0, 1, 2, 3, 4, 5),
  (hops) => hops.write.located(0, 1, 2, 3, 4, 5, 6),
];

/** An inbox of the least size that is a power of two, and who writes to it. */
function made(questionsMax: number): { hops: Hops; consumer: ManyToOneConsumer; bytes: number } {
  const bytes = 2 ** Math.ceil(Math.log2(inboxBytesMin(questionsMax)));
  const memory = RingMemory.ofBytes(ringBytes(bytes));
  const producer = new ManyToOneProducer(memory, 0, bytes);
  const counters = new Float64Array(SWITCH_COUNTERS.length);
  const hops = new Hops(memory, [producer], inboxReserveBytes(questionsMax), [0], counters, () => {});
  return { hops, consumer: new ManyToOneConsumer(memory, 0, bytes), bytes };
}

function deliver(hops: Hops, payloadBytes: number): boolean {
  if (hops.write.deliver(0, payloadBytes, 1, 2, 3, 4, 5) < 0) return false;
  hops.end(0);
  return true;
}

/** Reads at most so many hops, and forgets them. */
function read(consumer: ManyToOneConsumer, hops: number): void {
  for (let n = 0; n < hops && consumer.next() !== RING_NONE; n++) consumer.take();
  consumer.release();
}

describe('an inbox of the least size', () => {
  it('has room for the answers to all open questions, whatever else fills it and wherever its end is', () => {
    const filling = fc.record({ payloads: fc.array(fc.nat(PAYLOAD_BYTES_MAX), { maxLength: 12 }), taken: fc.nat(8) });
    const kinds24 = { minLength: 24, maxLength: 24 };
    const answers = fc.oneof(fc.array(fc.nat(ANSWERS.length - 1), kinds24), fc.array(fc.constant(1), kinds24));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.array(filling, { maxLength: 12, size: 'max' }),
        answers,
        (questionsMax, fillings, kinds) => {
          const { hops, consumer } = made(questionsMax);
          for (const { payloads, taken } of fillings) {
            for (const bytes of payloads) deliver(hops, bytes);
            read(consumer, taken);
          }
          while (hops.write.delivered(0, 1, 2)); // the smallest hop, until it has no room
          for (let n = 0; n < questionsMax; n++)
            assert.ok(ANSWERS[kinds[n] ?? 0]?.(hops) === true, `answer ${n + 1} of ${questionsMax} has room`);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has room for the largest hop once it is empty, wherever its end is', () => {
    const { hops, consumer, bytes } = made(8);
    for (let at = 0; at < 2 * bytes; at += 40) {
      assert.ok(hops.write.answer(0, 1, 2, 3, 4));
      read(consumer, 1);
      assert.ok(deliver(hops, PAYLOAD_BYTES_MAX), `from byte ${at % bytes} on`);
      read(consumer, 1);
    }
  });

  it('is told from a smaller one by the number of questions', () => {
    for (const questions of [0, 1, 7, 1000]) {
      assert.equal(inboxQuestionsMax(inboxBytesMin(questions)), questions);
      assert.equal(inboxQuestionsMax(inboxBytesMin(questions) - 1), questions - 1);
    }
  });
});
