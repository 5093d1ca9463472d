/**
 * The order of messages to groups, of which many arrive in one poll, against a newest number per author, member and
 * group.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { BareLane } from '../bare-lane.test-suite.ts';
import { MessageOrder } from './message-order.ts';

const PHONES = 4;
const FIRST_GROUP = 1000;

const message = fc.record({
  author: fc.nat(PHONES - 1),
  row: fc.nat(PHONES - 1),
  group: fc.nat(1),
  number: fc.integer({ min: 1, max: 30 }),
  isSentAgain: fc.boolean(),
});
/** Often more than are checked together. */
const polls = fc.array(fc.array(message, { maxLength: 50, size: 'max' }), { maxLength: 6 });

it('checks each message to a group once, however many arrive in a poll', () => {
  let most = 0;
  fc.assert(
    fc.property(polls, (script) => {
      const lane = new BareLane(PHONES, {});
      const order = new MessageOrder(lane.state);
      const newest = new Map<string, number>();
      const expected = { checked: 0, duplicated: 0, reordered: 0, overtaken: 0 };
      for (const messages of script) {
        for (const { author, row, group, number, isSentAgain } of messages) {
          order.checkInGroup(row, author, row, number, FIRST_GROUP + group, isSentAgain);
          const pair = `${author} ${row} ${group}`;
          const before = newest.get(pair) ?? 0;
          expected.checked++;
          if (number === before) expected.duplicated++;
          else if (number < before) expected[isSentAgain ? 'overtaken' : 'reordered']++;
          newest.set(pair, Math.max(before, number));
        }
        order.checkWaiting();
        most = Math.max(most, messages.length);
      }
      assert.equal(lane.count('pairsChecked'), expected.checked);
      assert.equal(lane.count('pairDuplicated'), expected.duplicated);
      assert.equal(lane.count('pairReordered'), expected.reordered);
      assert.equal(lane.count('pairOvertaken'), expected.overtaken);
      assert.equal(lane.count('pairsUnknown'), 0, 'the table has room for all pairs');
    }),
  );
  assert.ok(most > 16, 'more than are checked together');
});
