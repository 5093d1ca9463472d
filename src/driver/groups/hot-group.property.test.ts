/** The hot group: only members send to it, and together as much as they are told. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { mixPair } from '../../base/pseudo-random.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { CELLS, Population } from '../terms/population.ts';
import { HOT_GROUP, HotGroup } from './hot-group.ts';
import { HotSenders } from './hot-senders.ts';

const PHONES = 2000;
const planOf = (seed: number): GroupPlan =>
  new GroupPlan({
    ...{ seed, firstAccount: PHONES, groups: 5, lists: 0, phones: PHONES },
    sizes: { median: 40, sigma: 0, max: 60 },
  });

it('is sent to by its members alone, in the share of all messages that it is to have', () => {
  const share = fc.double({ min: 0.02, max: 0.25, noNaN: true }); // a fourth may have to come from one of four lanes
  fc.assert(
    fc.property(fc.integer(), share, fc.integer({ min: 1, max: 4 }), (seed, toGroup, lanes) => {
      const plan = planOf(seed);
      const hot = new HotGroup(plan, { seed, share: toGroup, senders: PHONES });
      const population = new Population(PHONES, PHONES, lanes);
      const numbers = new Map<number, number>();
      let sent = 0;
      let all = 0;
      for (let lane = 0; lane < lanes; lane++) {
        const senders = new HotSenders(hot, population, lane);
        for (let n = 0; n < 24_000; n++) {
          const one = (mixPair(seed ^ 1, n) >>> 0) % PHONES;
          if (population.laneOf(one) !== lane) continue;
          const cell = Math.floor((one % CELLS) / lanes);
          const drawn = population.rowOf(one);
          const row = senders.rowFor(cell, drawn);
          assert.equal(senders.rowFor(cell, drawn), row, 'a message that waits stays due to the same phone');
          senders.advance(cell);
          const phone = population.phoneAt(lane, row);
          const number = (numbers.get(phone) ?? 0) + 1;
          numbers.set(phone, number);
          all++;
          if (!hot.isFor(phone, number)) continue;
          assert.ok(plan.isMember(HOT_GROUP, phone));
          sent++;
        }
      }
      const expected = toGroup * all;
      assert.ok(Math.abs(sent - expected) < 6 * Math.sqrt(expected) + 0.02 * expected, `${sent}, expected ${expected}`);
    }),
    { numRuns: 20 },
  );
});

it('has no messages if none of its members sends, or its share is none', () => {
  const plan = planOf(1);
  const first = Math.min(...new HotGroup(plan, { seed: 1, share: 0.5, senders: PHONES }).members);
  const settings = [
    { share: 0.5, senders: first },
    { share: 0, senders: PHONES },
  ];
  for (const of of settings) {
    const hot = new HotGroup(plan, { seed: 1, ...of });
    const senders = new HotSenders(hot, new Population(PHONES, PHONES, 1), 0);
    for (let n = 0; n < 1000; n++) {
      assert.equal(senders.rowFor(n % 512, n), n);
      assert.ok(!hot.isFor(plan.memberAt(HOT_GROUP, n % 40), n));
    }
  }
});
