import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { WordQueue } from './word-queue.ts';

it('keeps items of several words in order, as a list does, and says when it is full', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 60 }),
      (capacity, itemWords, pushes) => {
        const queue = new WordQueue(capacity, itemWords);
        const list: number[][] = [];
        pushes.forEach((isPush, n) => {
          if (isPush && list.length < capacity) {
            const item = Array.from({ length: itemWords }, (_, word) => n * itemWords + word);
            queue.words.set(item, queue.push());
            list.push(item);
          } else if (!isPush && list.length > 0) {
            queue.shift();
            list.shift();
          }
          assert.deepEqual([queue.length, queue.isFull], [list.length, list.length === capacity]);
          const found = list.map((_, place) => [...queue.words.subarray(queue.at(place), queue.at(place) + itemWords)]);
          assert.deepEqual(found, list);
        });
      },
    ),
  );
});
