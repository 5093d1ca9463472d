import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan, type GroupPlanSettings, NO_GROUP, NO_OWNER } from './group-plan.ts';

const settings: fc.Arbitrary<GroupPlanSettings> = fc
  .record({
    seed: fc.integer(),
    firstAccount: fc.nat(1000),
    groups: fc.nat(12),
    lists: fc.nat(3),
    phones: fc.integer({ min: 3, max: 60 }),
    sizes: fc.record({
      median: fc.integer({ min: 1, max: 30 }),
      sigma: fc.constantFrom(0, 0.5, 2),
      max: fc.integer({ min: 1, max: 40 }),
    }),
  })
  .filter(({ groups, lists }) => groups + lists > 0);

/** The members of each group, as a list of sets. */
function membersOf(plan: GroupPlan): Set<number>[] {
  return Array.from({ length: plan.count }, (_, g) => {
    return new Set(Array.from({ length: plan.sizeOf(g) }, (_, k) => plan.memberAt(g, k)));
  });
}

describe('GroupPlan', () => {
  it('has distinct members, all of them phones, and sizes within their limits', () => {
    fc.assert(
      fc.property(settings, (drawn) => {
        const plan = new GroupPlan(drawn);
        const groups = membersOf(plan);
        for (const [g, members] of groups.entries()) {
          assert.equal(members.size, plan.sizeOf(g));
          assert.ok(members.size >= 1 && members.size <= Math.min(drawn.sizes.max, drawn.phones));
          for (const phone of members) assert.ok(phone >= 0 && phone < drawn.phones);
        }
        assert.equal(
          plan.memberships,
          groups.reduce((sum, members) => sum + members.size, 0),
        );
      }),
    );
  });

  it('says of a phone what the lists of members say', () => {
    fc.assert(
      fc.property(settings, (drawn) => {
        const plan = new GroupPlan(drawn);
        const groups = membersOf(plan);
        for (let phone = 0; phone < drawn.phones + 2; phone++) {
          const its = [...groups.keys()].filter((g) => groups[g]?.has(phone));
          assert.equal(plan.groupsOf(phone), its.length);
          assert.deepEqual(
            its.map((_, j) => plan.groupOf(phone, j)),
            its,
          );
          assert.equal(plan.groupOf(phone, its.length), NO_GROUP);
          for (const g of groups.keys()) assert.equal(plan.isMember(g, phone), its.includes(g));
        }
      }),
    );
  });

  it('gives each list an owner of its own, and groups none', () => {
    fc.assert(
      fc.property(settings, (drawn) => {
        const plan = new GroupPlan(drawn);
        const owners = Array.from({ length: plan.count }, (_, g) => plan.ownerOf(g));
        assert.deepEqual(
          owners.map((owner) => owner !== NO_OWNER),
          owners.map((_, g) => g >= drawn.groups),
        );
        for (let phone = 0; phone < drawn.phones + 2; phone++)
          assert.equal(plan.listOf(phone), owners.indexOf(phone), `the list of phone ${phone}`);
      }),
    );
  });

  it('is exact for as many phones as an index can name', () => {
    const sizes = { median: 200, sigma: 0, max: 256 };
    for (const phones of [2 ** 31 - 2, 2 ** 30 + 1, 2 ** 30 - 35, 174_607_501, 94_906_267]) {
      const plan = new GroupPlan({ seed: 7, firstAccount: phones, groups: 50, lists: 50, phones, sizes });
      for (let g = 0; g < plan.count; g++) {
        assert.equal(new Set(Array.from({ length: 200 }, (_, k) => plan.memberAt(g, k))).size, 200);
        for (const k of [0, 100, 199]) assert.equal(plan.groupOf(plan.memberAt(g, k), 0), g);
        assert.ok(!plan.isMember((g + 1) % plan.count, plan.memberAt(g, 0)));
        if (plan.isList(g)) assert.equal(plan.listOf(plan.ownerOf(g)), g);
      }
    }
  });

  it('finds the groups of a phone among thousands, of very different sizes, in several rounds', () => {
    for (const sigma of [0, 1, 2.5]) {
      const sizes = { median: 10, sigma, max: 2000 };
      const phones = 30_011;
      const plan = new GroupPlan({ seed: 5, firstAccount: phones, groups: 6000, lists: 0, phones, sizes });
      for (let g = 0; g < plan.count; g++) {
        for (const k of [0, plan.sizeOf(g) - 1]) {
          const phone = plan.memberAt(g, k);
          const found = Array.from({ length: plan.groupsOf(phone) }, (_, j) => plan.groupOf(phone, j));
          assert.ok(found.includes(g), `phone ${phone} is in group ${g}`);
          assert.ok(found.every((other) => plan.isMember(other, phone)));
        }
      }
    }
  });

  it('draws sizes around their median, more widely with a larger sigma, and others for another seed', () => {
    const sizesOf = (seed: number, sigma: number): number[] => {
      const sizes = { median: 20, sigma, max: 256 };
      const plan = new GroupPlan({ seed, firstAccount: 0, groups: 4000, lists: 0, phones: 100_000, sizes });
      return Array.from({ length: plan.count }, (_, g) => plan.sizeOf(g)).sort((a, b) => a - b);
    };
    const drawn = sizesOf(1, 1);
    assert.ok(Math.abs((drawn[2000] ?? 0) - 20) <= 2, `median ${drawn[2000]}`);
    // 84.13 % of a normal distribution is below one standard deviation.
    assert.ok(Math.abs((drawn[3365] ?? 0) - 20 * Math.E) <= 5, `one sigma above the median ${drawn[3365]}`);
    assert.equal(sizesOf(1, 2).at(-1), 256, 'the largest ones have the most members allowed');
    assert.deepEqual(new Set(sizesOf(1, 0)), new Set([20]));
    assert.notDeepEqual(sizesOf(2, 1), drawn);
  });

  it('tells accounts of groups from others', () => {
    const sizes = { median: 2, sigma: 0, max: 2 };
    const plan = new GroupPlan({ seed: 1, firstAccount: 10, groups: 2, lists: 1, phones: 10, sizes });
    assert.deepEqual(
      [9, 10, 12, 13].map((account) => plan.groupAt(account)),
      [NO_GROUP, 0, 2, NO_GROUP],
    );
    assert.equal(plan.accountOf(2), 12);
  });
});
