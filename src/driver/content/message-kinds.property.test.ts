import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MessagePlan } from '../state/message-plan.ts';
import { REFERENCE_BYTES } from './blob-reference.ts';
import { type MessageKind, MessageKinds, type SizeDistribution } from './message-kinds.ts';
import { PAYLOAD_BYTES_MIN } from './payload.ts';

const PHONES = 100;
const NUMBERS = 100;
const ALL = PHONES * NUMBERS;

function forAll(take: (phone: number, number: number) => void): void {
  for (let phone = 0; phone < PHONES; phone++) for (let number = 1; number <= NUMBERS; number++) take(phone, number);
}

const logNormal = (max: number): fc.Arbitrary<SizeDistribution> =>
  fc.record({
    median: fc.integer({ min: PAYLOAD_BYTES_MIN, max }),
    sigma: fc.double({ min: 0, max: 2, noNaN: true }),
    max: fc.constant(max),
  });
const kindsOf = fc
  .array(
    fc.record({
      weight: fc.integer({ min: 1, max: 20 }),
      payload: fc.oneof(fc.integer({ min: PAYLOAD_BYTES_MIN, max: 2037 }), logNormal(2037)),
      blob: fc.option(logNormal(2 ** 30), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drawn): MessageKind[] => {
    const sum = drawn.reduce((all, { weight }) => all + weight, 0);
    return drawn.map(({ weight, ...kind }, n) => ({ name: `kind ${n}`, share: weight / sum, ...kind }));
  });

describe('kinds of messages', () => {
  it('are the same on both sides, as often as their shares say, and within their sizes', () => {
    fc.assert(
      fc.property(fc.nat(), kindsOf, (seed, kinds) => {
        const sender = new MessageKinds(seed, kinds, PAYLOAD_BYTES_MIN);
        const recipient = new MessageKinds(seed, kinds, PAYLOAD_BYTES_MIN);
        const found = new Int32Array(kinds.length);
        forAll((phone, number) => {
          const place = sender.kindOf(phone, number);
          const payload = sender.payloadBytesOf(phone, number);
          const blob = sender.blobBytesOf(phone, number);
          found[place] = (found[place] ?? 0) + 1;
          const kind = kinds[place];
          assert.ok(kind !== undefined);
          const least = PAYLOAD_BYTES_MIN + (kind.blob === undefined ? 0 : REFERENCE_BYTES);
          if (typeof kind.payload === 'number') assert.equal(payload, Math.max(least, kind.payload));
          else assert.ok(payload >= least && payload <= kind.payload.max && Number.isInteger(payload));
          if (kind.blob === undefined) assert.equal(blob, 0);
          else assert.ok(typeof kind.blob !== 'number' && blob >= 1 && blob <= kind.blob.max);
          if (number > 1) return;
          assert.equal(recipient.kindOf(phone, number), place);
          assert.equal(recipient.payloadBytesOf(phone, number), payload);
          assert.equal(recipient.blobBytesOf(phone, number), blob);
        });
        kinds.forEach(({ share }, place) => {
          // Five standard deviations of a binomial count.
          const bound = 5 * Math.sqrt(ALL * share * (1 - share)) + 1;
          assert.ok(Math.abs((found[place] ?? 0) - ALL * share) <= bound, `${found[place]} of ${ALL}, not ${share}`);
        });
      }),
      { numRuns: 6 },
    );
  });

  it('are as often as the habit of the sender says, whose shares sum to 1 again', () => {
    const made = ['text', 'image', 'video'].map((name, n) => ({ name, share: [0.6, 0.3, 0.1][n] ?? 0, payload: 100 }));
    const habits = { of: (phone: number) => phone % 2, factors: [[], [1, 0.5, 0]] };
    const kinds = new MessageKinds(3, made, PAYLOAD_BYTES_MIN, habits);
    const plain = new MessageKinds(3, made, PAYLOAD_BYTES_MIN);
    const found = [0, 0, 0];
    let odd = 0;
    forAll((phone, number) => {
      const place = kinds.kindOf(phone, number);
      if (phone % 2 === 0) assert.equal(place, plain.kindOf(phone, number), 'no habit: the shares of the kinds');
      else {
        found[place] = (found[place] ?? 0) + 1;
        odd++;
      }
    });
    const shares = found.map((count) => count / odd);
    assert.ok(Math.abs((shares[0] ?? 0) - 0.8) < 0.02 && Math.abs((shares[1] ?? 0) - 0.2) < 0.02, `${shares}`);
    assert.equal(shares[2], 0);
  });

  it('have log-normal sizes: median, spread, and everything above max at max; blob and payload are independent', () => {
    const size = { median: 300, sigma: 0.8, max: 1000 };
    const kinds = new MessageKinds(
      7,
      [{ name: 'image', share: 1, payload: size, blob: { ...size, max: 1e6 } }],
      PAYLOAD_BYTES_MIN,
    );
    const payloads: number[] = [];
    const blobs: number[] = [];
    let bothAbove = 0;
    forAll((phone, number) => {
      const payload = kinds.payloadBytesOf(phone, number);
      const blob = kinds.blobBytesOf(phone, number);
      payloads.push(payload);
      blobs.push(blob);
      if (payload > 300 && blob > 300) bothAbove++;
    });
    const below = (sizes: readonly number[], bound: number): number =>
      sizes.filter((one) => one < bound).length / sizes.length;
    // Quantiles of the normal distribution: 0.5 at 0, 0.1587 at -1, 0.8413 at +1; ln(1000 / 300) / 0.8 = 1.505: 0.9338.
    for (const sizes of [payloads, blobs]) {
      assert.ok(Math.abs(below(sizes, 300) - 0.5) < 0.02);
      assert.ok(Math.abs(below(sizes, 300 * Math.exp(-0.8)) - 0.1587) < 0.015);
      assert.ok(Math.abs(below(sizes, 300 * Math.exp(0.8)) - 0.8413) < 0.015);
    }
    assert.ok(Math.abs(payloads.filter((one) => one === 1000).length / ALL - (1 - 0.9338)) < 0.01);
    assert.ok(Math.max(...blobs) > 2500, 'the tail of the blobs is not cut');
    assert.ok(Math.abs(bothAbove / ALL - 0.25) < 0.02);
  });

  it('differ between seeds, and a plan without kinds has one size', () => {
    const settings = { seed: 1, contacts: 2, activePhones: PHONES, payloadBytes: 64 };
    const kinds = [
      { name: 'a', share: 0.5, payload: 100 },
      { name: 'b', share: 0.5, payload: 200 },
    ];
    const [one, other] = [1, 2].map((seed) => new MessagePlan({ ...settings, seed, kinds }));
    let same = 0;
    forAll((phone, number) => {
      if (one?.payloadBytesOf(phone, number) === other?.payloadBytesOf(phone, number)) same++;
    });
    assert.ok(Math.abs(same / ALL - 0.5) < 0.02, `${same}`);
    assert.equal(new MessagePlan(settings).payloadBytesOf(3, 4), 64);
  });
});
