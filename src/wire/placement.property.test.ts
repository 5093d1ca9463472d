/** Where accounts live and phones connect, for plans as large as a scenario may have. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CONNECT_SALT, HOME_SALT, Placement } from './placement.ts';

const ACCOUNTS_MAX = 500_000_000;
const shards = fc.integer({ min: 1, max: 512 });

describe('the placement of accounts', () => {
  it('turns shard and row back into the account, also at the end of a large plan', () => {
    fc.assert(
      fc.property(shards, fc.nat(ACCOUNTS_MAX - 1), fc.integer(), (count, account, salt) => {
        const placement = new Placement(count, salt);
        const [shard, row] = [placement.shardOf(account), placement.rowOf(account)];
        assert.ok(Number.isInteger(shard) && shard >= 0 && shard < count, `shard ${shard}`);
        assert.equal(placement.accountAt(shard, row), account);
        assert.ok(row < placement.rowsFor(ACCOUNTS_MAX));
      }),
    );
  });

  it('gives the accounts of a group to all shards, one each', () => {
    fc.assert(
      fc.property(shards, fc.nat(900_000), fc.integer(), (count, group, salt) => {
        const placement = new Placement(count, salt);
        const owners = Array.from({ length: count }, (_, n) => placement.shardOf(group * count + n));
        assert.equal(new Set(owners).size, count);
      }),
    );
  });

  it('says nothing by the shard of a connection about the home of its account', () => {
    const [count, accounts] = [4, 40_000];
    const [home, connect] = [new Placement(count, HOME_SALT), new Placement(count, CONNECT_SALT)];
    const together = new Float64Array(count * count);
    for (let account = 0; account < accounts; account++) {
      const cell = connect.shardOf(account) * count + home.shardOf(account);
      together[cell] = (together[cell] ?? 0) + 1;
    }
    const expected = accounts / count ** 2;
    for (const [cell, number] of together.entries())
      assert.ok(Math.abs(number - expected) < 0.1 * expected, `cell ${cell}: ${number} of ${expected}`);
  });
});
