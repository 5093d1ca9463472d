/**
 * The items of groups at their home against a list of them, with shards that have room and confirm as the test says.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupItem } from '../../store/mailbox-entry.ts';
import { accepted, GROUPS, ListedItems, OTHERS, OWN, SHARDS } from './listed-items.test-suite.ts';

/** Items that are sent to one shard in one turn. */
const SENT_MAX = 512;

const shard = fc.nat(SHARDS - 1);
const step = fc.oneof(
  { weight: 6, arbitrary: accepted.map((item) => ({ kind: 'accept' as const, item })) },
  { weight: 4, arbitrary: fc.constant({ kind: 'submit' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('complete' as const), batches: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('room' as const),
      shard,
      items: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'work' as const }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('confirm' as const), shard, n: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), shard: fc.constantFrom(...OTHERS) }) },
);

describe('the items of groups at their home', () => {
  for (const delays of [true, false]) {
    it(`are answered, sent and removed in their order, also after restarts${delays ? '; ✓ waits for records' : ''}`, () => {
      fc.assert(
        fc.property(
          fc.array(accepted, { maxLength: 3 }),
          fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }),
          (kept, steps) => {
            const listed = new ListedItems(delays, kept);
            for (const one of steps) {
              if (one.kind === 'accept') listed.accept(one.item);
              else if (one.kind === 'submit') listed.submit();
              else if (one.kind === 'complete') listed.complete(one.batches);
              else if (one.kind === 'room') listed.room[one.shard] = one.items;
              else if (one.kind === 'confirm') listed.confirm(one.shard, one.n);
              else if (one.kind === 'forget') listed.forget(one.shard);
              else listed.work();
              listed.check();
            }
            listed.finish();
          },
        ),
        { numRuns: 150 },
      );
    });
  }

  it('are sent to a shard in a bounded number per turn', () => {
    const items = SENT_MAX + 100;
    const listed = new ListedItems(true, [], items);
    const message = { kind: GroupItem.MESSAGE, sender: 0, payloadBytes: 0, shard: OWN };
    for (let n = 0; n < items; n++) listed.accept({ ...message, group: GROUPS[0] ?? 0 });
    listed.submit();
    listed.complete(1);
    listed.items.doWork();
    assert.deepEqual(
      listed.heard.sent.map(({ length }) => length),
      [SENT_MAX, SENT_MAX, SENT_MAX],
    );
    listed.items.doWork();
    assert.deepEqual(
      listed.heard.sent.map(({ length }) => length),
      [items, items, items],
    );
  });
});
