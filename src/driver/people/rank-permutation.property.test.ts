import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { RankPermutation } from './rank-permutation.ts';

it('gives every number one place, and finds it again', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 700 }), (seed, size) => {
      const permutation = new RankPermutation(seed, size);
      const places = new Set<number>();
      for (let number = 0; number < size; number++) {
        const place = permutation.to(number);
        assert.ok(place >= 0 && place < size);
        assert.equal(permutation.from(place), number);
        places.add(place);
      }
      assert.equal(places.size, size);
    }),
    { numRuns: 60 },
  );
});

it('works for hundreds of millions', () => {
  const size = 465_000_000;
  fc.assert(
    fc.property(fc.integer(), fc.nat(size - 1), (seed, number) => {
      const permutation = new RankPermutation(seed, size);
      const place = permutation.to(number);
      assert.ok(place >= 0 && place < size);
      assert.equal(permutation.from(place), number);
    }),
  );
});

it('spreads neighbours: the first thousand numbers of a million are in every tenth of the places', () => {
  const permutation = new RankPermutation(3, 1e6);
  const tenths = new Array<number>(10).fill(0);
  for (let number = 0; number < 1000; number++) {
    const tenth = Math.floor(permutation.to(number) / 1e5);
    tenths[tenth] = (tenths[tenth] as number) + 1;
  }
  for (const count of tenths) assert.ok(count > 50 && count < 200, tenths.join(' ')); // 100, standard deviation 9.5
});
