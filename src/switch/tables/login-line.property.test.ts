import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { LoginLine } from './login-line.ts';

const SLOTS = 6;
const STRIDE = 5;
/** Words of a row that the line must leave alone: account, flags, link of the wheel. */
const OTHER_WORDS = [0, 1, 4];

it('gives the connection that waits longest, as a list does, and touches no other word of a row', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(SLOTS - 1), { maxLength: 200, size: 'max' }), (slots) => {
      const rows = new Int32Array(SLOTS * STRIDE);
      for (let slot = 0; slot < SLOTS; slot++) {
        for (const word of OTHER_WORDS) rows[slot * STRIDE + word] = 100 * slot + word;
      }
      const line = new LoginLine({ words: rows, stride: STRIDE, at: 2 });
      let list: number[] = [];
      for (const slot of slots) {
        if (list.includes(slot)) {
          line.remove(slot);
          list = list.filter((one) => one !== slot);
          assert.deepEqual([...rows.subarray(slot * STRIDE + 2, slot * STRIDE + 4)], [0, 0], 'no id is seen');
        } else {
          line.push(slot);
          list.push(slot);
        }
        assert.equal(line.oldest, list[0] ?? -1);
      }
      const order: number[] = [];
      for (let slot = line.oldest; slot >= 0; slot = line.oldest) {
        order.push(slot);
        line.remove(slot);
      }
      assert.deepEqual(order, list);
      for (let slot = 0; slot < SLOTS; slot++) {
        for (const word of OTHER_WORDS) assert.equal(rows[slot * STRIDE + word], 100 * slot + word);
      }
    }),
  );
});
