/** Digests of sets of messages, against the sets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addToDigest, messageDigestHigh, messageDigestLow } from './message-digest.ts';

interface Message {
  readonly sender: number;
  readonly id: number;
}

/** Few senders and ids, so that messages differ by little: neighbours, and pairs the other way round. */
const message = fc.record({ sender: fc.nat(20), id: fc.nat(20) });
const messages = fc.array(message, { minLength: 1, maxLength: 40 });

function digestOf(those: readonly Message[]): string {
  let [low, high] = [0, 0];
  for (const { sender, id } of those) {
    low = (low + messageDigestLow(sender, id)) | 0;
    high = (high + messageDigestHigh(sender, id)) | 0;
  }
  return `${low} ${high}`;
}

describe('the digest of messages', () => {
  it('does not depend on their order', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (those, by) => {
        const turn = by % those.length;
        assert.equal(digestOf([...those.slice(turn), ...those.slice(0, turn)].reverse()), digestOf(those));
      }),
    );
  });

  it('shows that one is missing, comes twice, or is another', () => {
    fc.assert(
      fc.property(messages, fc.nat(), message, (those, at, other) => {
        const place = at % those.length;
        const one = those[place] ?? other;
        const without = those.filter((_, n) => n !== place);
        assert.notEqual(digestOf(without), digestOf(those), 'missing');
        assert.notEqual(digestOf([...those, one]), digestOf(those), 'twice');
        if (one.sender !== other.sender || one.id !== other.id)
          assert.notEqual(digestOf([...without, other]), digestOf(those), 'another');
      }),
    );
  });

  it('shows that two messages have exchanged their ids or senders', () => {
    fc.assert(
      fc.property(message, message, (a, b) => {
        fc.pre(a.sender !== b.sender && a.id !== b.id);
        const exchanged = [
          { sender: a.sender, id: b.id },
          { sender: b.sender, id: a.id },
        ];
        assert.notEqual(digestOf(exchanged), digestOf([a, b]));
        assert.notEqual(
          digestOf([{ sender: a.id, id: a.sender }, b]),
          a.sender === a.id ? '' : digestOf([a, b]),
          'the other way round',
        );
      }),
    );
  });

  it('has two halves that are independent: no two of ten thousand messages agree in either', () => {
    const lows = new Set<number>();
    const highs = new Set<number>();
    for (let sender = 0; sender < 100; sender++) {
      for (let id = 0; id < 100; id++) {
        lows.add(messageDigestLow(sender, id));
        highs.add(messageDigestHigh(sender, id));
        assert.notEqual(messageDigestLow(sender, id), messageDigestHigh(sender, id));
      }
    }
    // Among 2^32 values ten thousand meet by chance 0.01 times.
    assert.deepEqual([lows.size, highs.size], [10_000, 10_000]);
  });

  it('in a row of counters is that of the set, however often it has each message, and no other place changes', () => {
    const often = fc.array(fc.record({ message, times: fc.nat(70_000) }), { maxLength: 10 });
    fc.assert(
      fc.property(often, fc.nat(3), (those, at) => {
        const counters = new Float64Array(6).fill(7);
        counters[at] = 0;
        counters[at + 1] = 0;
        let [low, high] = [0n, 0n];
        for (const { message: one, times } of those) {
          addToDigest(counters, at, one.sender, one.id, times);
          low += BigInt(times) * BigInt(messageDigestLow(one.sender, one.id));
          high += BigInt(times) * BigInt(messageDigestHigh(one.sender, one.id));
        }
        const expected = new Float64Array(6).fill(7);
        expected[at] = Number(BigInt.asIntN(32, low));
        expected[at + 1] = Number(BigInt.asIntN(32, high));
        assert.deepEqual(counters, expected);
      }),
    );
  });
});
