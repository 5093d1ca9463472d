import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CHUNK_PHONES, ListOwners, type ListOwnersSettings, NO_LIST } from './list-owners.ts';
import { HOME_SALT, Placement } from './placement.ts';

const SHARDS = [1, 2, 3, 5, 8, 32, 150, 300];

const settings: fc.Arbitrary<ListOwnersSettings> = fc
  .record({
    seed: fc.integer(),
    phones: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5 * CHUNK_PHONES })),
    // Groups, and accounts that nobody connects as, come between the phones and the lists.
    between: fc.nat(400),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ seed, phones, between, share }) => {
    return { seed, phones, firstAccount: phones + between, lists: Math.round(share * phones) };
  });

describe('ListOwners', () => {
  it('gives each list one owner, no phone two lists, and tells the list of each owner', () => {
    fc.assert(
      fc.property(settings, (drawn) => {
        const owners = new ListOwners(drawn);
        const listOf = new Map<number, number>();
        for (let list = 0; list < drawn.lists; list++) {
          const owner = owners.ownerOf(list);
          assert.ok(owner >= 0 && owner < drawn.phones, `list ${list} belongs to ${owner}`);
          assert.ok(!listOf.has(owner), `phone ${owner} owns two lists`);
          listOf.set(owner, list);
        }
        for (let phone = 0; phone < drawn.phones; phone++)
          assert.equal(owners.listOf(phone), listOf.get(phone) ?? NO_LIST, `the list of phone ${phone}`);
      }),
    );
  });

  it('lets each list have its home where its owner has, with any number of shards', () => {
    fc.assert(
      fc.property(settings, fc.constantFrom(...SHARDS), (drawn, shards) => {
        const owners = new ListOwners(drawn);
        const homes = new Placement(shards, HOME_SALT, owners);
        const phones = new Placement(shards, HOME_SALT);
        for (let list = 0; list < drawn.lists; list++) {
          const home = homes.shardOf(drawn.firstAccount + list);
          assert.equal(home, phones.shardOf(owners.ownerOf(list)), `home of list ${list}`);
        }
      }),
    );
  });

  it('leaves each account a row of its own, all others where they would be without lists, and few rows empty', () => {
    fc.assert(
      fc.property(settings, fc.constantFrom(...SHARDS), (drawn, shards) => {
        const homes = new Placement(shards, HOME_SALT, new ListOwners(drawn));
        const plain = new Placement(shards, HOME_SALT);
        const accounts = drawn.firstAccount + drawn.lists;
        const rows = homes.rowsFor(accounts);
        const taken = new Map<number, number>();
        for (let account = 0; account < accounts; account++) {
          const [shard, row] = [homes.shardOf(account), homes.rowOf(account)];
          if (account < drawn.firstAccount)
            assert.deepEqual([shard, row], [plain.shardOf(account), plain.rowOf(account)]);
          assert.ok(row < rows);
          assert.ok(!taken.has(shard * rows + row), `account ${account} has the row of another`);
          taken.set(shard * rows + row, account);
        }
        for (let shard = 0; shard < shards; shard++) {
          for (let row = 0; row < rows; row++) {
            const account = homes.accountAt(shard, row);
            const expected = taken.get(shard * rows + row);
            if (expected === undefined) assert.ok(account >= accounts, `row ${row} of shard ${shard} has nobody`);
            else assert.equal(account, expected);
          }
        }
        // A chunk takes at most two rows more than its share, and so does the last one that is not full.
        const chunks = Math.ceil(drawn.lists / CHUNK_PHONES);
        assert.ok(rows <= Math.ceil(drawn.firstAccount / shards) + chunks * (CHUNK_PHONES / shards + 2));
      }),
    );
  });

  it('draws other owners for another seed, and the same ones for the same', () => {
    const ownersOf = (seed: number): number[] => {
      const owners = new ListOwners({ seed, firstAccount: 100_000, lists: 1000, phones: 100_000 });
      return Array.from({ length: 1000 }, (_, list) => owners.ownerOf(list));
    };
    assert.deepEqual(ownersOf(1), ownersOf(1));
    assert.notDeepEqual(ownersOf(1), ownersOf(2));
  });
});
