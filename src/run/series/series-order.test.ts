import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seriesOrder } from './series-order.ts';

const letters = (seed: number, blocks: number): string =>
  seriesOrder(2, blocks, seed)
    .map(({ side }) => 'AB'[side])
    .join('');

describe('the order of a series', () => {
  it('alternates AB and BA, and the seed decides which comes first', () => {
    const orders = new Set(Array.from({ length: 50 }, (_, seed) => letters(seed, 4)));
    assert.deepEqual(orders, new Set(['ABBAABBA', 'BAABBAAB']));
  });

  it('is the same for the same seed, and more pairs only append', () => {
    assert.equal(letters(7, 6), letters(7, 6));
    assert.ok(letters(7, 20).startsWith(letters(7, 10)));
  });

  it('runs one side as often as asked', () => {
    assert.deepEqual(
      seriesOrder(1, 3, 5).map(({ block, side }) => [block, side]),
      [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
    );
  });
});
