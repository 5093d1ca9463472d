/** The order of a series with any number of sides: every block has each side once, and drift affects all alike. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seriesOrder } from './series-order.ts';

const sides = fc.integer({ min: 1, max: 6 });
const seed = fc.nat(2 ** 31 - 1);

describe('the order of a series', () => {
  it('has slots in order, and in each block every side once', () => {
    fc.assert(
      fc.property(sides, fc.nat(12), seed, (count, blocks, from) => {
        const order = seriesOrder(count, blocks, from);
        assert.deepEqual(
          order.map(({ index }) => index),
          Array.from({ length: count * blocks }, (_, n) => n),
        );
        for (let block = 0; block < blocks; block++) {
          const own = order.filter((slot) => slot.block === block).map((slot) => slot.side);
          assert.deepEqual(
            [...own].sort(),
            Array.from({ length: count }, (_, n) => n),
          );
        }
      }),
    );
  });

  it('lets no side run earlier than another on average, over as many blocks as there are sides', () => {
    fc.assert(
      fc.property(sides, seed, (count, from) => {
        const place = new Array<number>(count).fill(0);
        for (const { index, side } of seriesOrder(count, count, from))
          place[side] = (place[side] ?? 0) + (index % count);
        assert.equal(new Set(place).size, 1, `${place}`);
      }),
    );
  });

  it('can be continued: more blocks never change those before', () => {
    fc.assert(
      fc.property(sides, fc.nat(8), fc.nat(8), seed, (count, blocks, more, from) => {
        const longer = seriesOrder(count, blocks + more, from);
        assert.deepEqual(longer.slice(0, count * blocks), seriesOrder(count, blocks, from));
      }),
    );
  });

  it('lets each side begin about equally often among seeds', () => {
    const first = [0, 0, 0];
    for (let from = 0; from < 900; from++) {
      const side = seriesOrder(3, 1, from)[0]?.side ?? -1;
      first[side] = (first[side] ?? 0) + 1;
    }
    for (const times of first) assert.ok(times > 240 && times < 360, `${first}`);
  });
});
