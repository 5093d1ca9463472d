import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PHONES_MAX } from '../scenario/terms/limits.ts';
import { AddressLayout, NODES } from '../switch/tables/address-layout.ts';
import { checkSessionAddresses } from './check-session-addresses.ts';

/** As many as a scenario may have. */
const SHARDS_MAX = 512;

describe('addresses of sessions', () => {
  it('have room for the sessions of every scenario on one node, even if each phone holds two', () => {
    for (let shards = 2; shards <= SHARDS_MAX; shards++) {
      checkSessionAddresses(NODES, shards, Math.ceil((2 * PHONES_MAX) / shards));
    }
  });

  it('are refused where the last one would name another session, and not before', () => {
    const [nodes, shards, sessions] = [8, 5, 2 ** 26];
    checkSessionAddresses(nodes, shards, sessions);
    const layout = new AddressLayout(nodes, shards, 7, 4);
    assert.equal(layout.slotOf(layout.addressOf(sessions - 1)), sessions - 1);
    assert.equal(layout.slotOf(layout.addressOf(sessions)), 0, 'one more does not fit');
    assert.throws(() => checkSessionAddresses(nodes, shards, sessions + 1), {
      code: 'PLAN_EXCEEDS_LIMIT',
      message: /at most 67,108,864 sessions per shard, found 67,108,865: .* leave 26\. Lower phones\.count/,
    });
  });
});
