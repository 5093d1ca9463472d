/** Addresses against arithmetic on numbers that cannot overflow. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { AddressLayout, slotsMax } from './address-layout.ts';

const NODES_MAX = 64;
const SHARDS_MAX = 512;

const layout = fc.record({
  nodes: fc.integer({ min: 1, max: NODES_MAX }),
  shards: fc.integer({ min: 1, max: SHARDS_MAX }),
});

it('name node, shard and slot, up to the last slot that the plan allows, in integers of 32 bits', () => {
  fc.assert(
    fc.property(layout, fc.nat(), fc.nat(), fc.nat(), ({ nodes, shards }, n, s, place) => {
      const [node, shard] = [n % nodes, s % shards];
      const most = slotsMax(nodes, shards);
      const here = new AddressLayout(nodes, shards, node, shard);
      for (const slot of [0, place % most, most - 1]) {
        const address = here.addressOf(slot);
        assert.equal(address, address | 0, 'a small integer');
        const elsewhere = new AddressLayout(nodes, shards, (node + 1) % nodes, (shard + 1) % shards);
        for (const reader of [here, elsewhere]) {
          assert.deepEqual(
            [reader.nodeOf(address), reader.shardOf(address), reader.slotOf(address)],
            [node, shard, slot],
          );
        }
        assert.ok(here.isOwn(address));
        assert.equal(elsewhere.isOwn(address), nodes === 1 && shards === 1);
      }
    }),
  );
});

it('differ for each session of the switch, and use every bit', () => {
  fc.assert(
    fc.property(layout, ({ nodes, shards }) => {
      const seen = new Set<number>();
      for (const node of new Set([0, nodes - 1]))
        for (const shard of new Set([0, shards - 1]))
          for (const slot of [0, 1, slotsMax(nodes, shards) - 1])
            seen.add(new AddressLayout(nodes, shards, node, shard).addressOf(slot));
      assert.equal(seen.size, new Set([0, nodes - 1]).size * new Set([0, shards - 1]).size * 3);
    }),
  );
  assert.equal(slotsMax(1, 1), 2 ** 32);
  assert.equal(slotsMax(1, 2), 2 ** 31, 'one node takes no bit');
  assert.equal(slotsMax(3, 5), 2 ** 27);
});
