import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { smallWorld } from '../small-world.test-suite.ts';
import { TurnOrder } from './turn-order.ts';
import { World } from './world.ts';

const MEMBERS = 4;
const ORDERS = 24; // 4!
const DRAWS = 24_000;

/** How often each order came, of as many turns as {@link DRAWS}. */
function drawn(seed: number): Map<string, number> {
  const order = new TurnOrder(seed, MEMBERS);
  const times = new Map<string, number>();
  for (let turn = 0; turn < DRAWS; turn++) {
    order.draw();
    const name = order.members.join(' ');
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return times;
}

describe('the order of a turn', () => {
  it('is any permutation, each equally often', () => {
    for (const seed of [1, 2, 3]) {
      const times = drawn(seed);
      assert.equal(times.size, ORDERS, `seed ${seed}`);
      for (const [order, n] of times) {
        assert.deepEqual(new Set(order.split(' ')).size, MEMBERS, order);
        // 1000 expected, standard deviation 31: six of them, so that a fixed seed shows a bias and no chance.
        assert.ok(Math.abs(n - DRAWS / ORDERS) < 186, `seed ${seed}: ${order} came ${n} times`);
      }
    }
  });

  it('is how a world calls its lanes and shards, each once a turn', () => {
    const world = new World(smallWorld({ lanes: 2, shards: 2 }));
    const called: string[] = [];
    for (const [name, members] of Object.entries({ lane: world.lanes, shard: world.shards })) {
      members.forEach((member: { doWork(nowMicros: number): number }, index) => {
        member.doWork = () => called.push(`${name} ${index}`);
      });
    }
    const orders = new Set<string>();
    for (let turn = 0; turn < 500; turn++) {
      called.length = 0;
      world.turn();
      assert.equal(new Set(called).size, MEMBERS);
      orders.add(called.join());
    }
    assert.equal(orders.size, ORDERS);
  });

  it('follows the turn before in every way: no order tells the next one', () => {
    const order = new TurnOrder(1, 3);
    const pairs = new Set<string>();
    for (let turn = 0; turn < 2000; turn++) {
      const before = order.members.join(' ');
      order.draw();
      pairs.add(`${before} → ${order.members.join(' ')}`);
    }
    assert.equal(pairs.size, 6 * 6);
  });
});
