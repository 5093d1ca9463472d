/** Free rows against a stack, across the bound of the array and back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FreeLinks, FreeRows, NO_FREE_ROW } from './free-rows.ts';

const ROWS = 30_000;

/** Links in the rows of a table; in rows that are not free is something else. */
class Links implements FreeLinks {
  readonly #links = new Int32Array(ROWS).fill(-77);

  nextFree(row: number): number {
    return this.#links[row] ?? assert.fail(`row ${row} is in the table`);
  }

  setNextFree(row: number, next: number): void {
    this.#links[row] = next;
  }

  use(row: number): void {
    this.#links[row] = -77;
  }
}

describe('free rows', () => {
  it('are taken in the reverse order in which they were given, however many there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gives: fc.boolean(), count: fc.nat(6000), steps: fc.nat(1) }), { maxLength: 12 }),
        (changes) => {
          const links = new Links();
          const free = new FreeRows(links);
          const stack: number[] = [];
          const used = new Set(Array.from({ length: ROWS }, (_, row) => row));
          const give = (): void => {
            const [row] = used;
            if (row === undefined) return;
            used.delete(row);
            free.give(row);
            stack.push(row);
          };
          const take = (): void => {
            const expected = stack.pop();
            if (expected === undefined) return;
            const soon = free.soon(0);
            const row = free.take();
            links.use(row);
            assert.equal(row, expected);
            assert.ok(soon === row || soon === NO_FREE_ROW);
            used.add(row);
          };
          for (const { gives, count, steps } of changes) {
            for (let n = 0; n < count; n++) {
              if (gives) give();
              else take();
              for (let step = 0; step < steps; step++) {
                give();
                take();
              }
            }
            assert.equal(free.length, stack.length);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('name those that are taken next', () => {
    const free = new FreeRows(new Links());
    for (const row of [5, 3, 8]) free.give(row);
    assert.deepEqual(
      [0, 1, 2, 3].map((others) => free.soon(others)),
      [8, 3, 5, NO_FREE_ROW],
    );
  });
});
