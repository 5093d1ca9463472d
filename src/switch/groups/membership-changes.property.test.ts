/** Memberships that differ from the plan against a set of them, in tables that are nearly full. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan } from '../../wire/group-plan.ts';
import { MembershipChanges } from './membership-changes.ts';

const PHONES = 9;
const GROUPS = 3;
const plan = new GroupPlan({
  seed: 7,
  firstAccount: PHONES,
  groups: GROUPS,
  lists: 0,
  phones: PHONES,
  sizes: { median: 4, sigma: 0.5, max: 8 },
});
const pair = fc.record({ group: fc.nat(GROUPS - 1), account: fc.nat(PHONES - 1) });

function differencesOf(changes: MembershipChanges): string[] {
  const found: string[] = [];
  changes.forEach((group, account) => {
    found.push(`${group} ${account}`);
  });
  return found.sort();
}

describe('who is a member of groups', () => {
  it('is as the plan says, but for what was changed an odd number of times, up to the maximum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(pair, { maxLength: 80, size: 'max' }), (max, steps) => {
        const changes = new MembershipChanges(plan, max);
        const differing = new Set<string>();
        for (const { group, account } of steps) {
          const name = `${group} ${account}`;
          const hasRoom = differing.has(name) || differing.size < max;
          assert.equal(changes.change(group, account), hasRoom, 'it is refused where too many differ already');
          if (hasRoom && !differing.delete(name)) differing.add(name);
          assert.deepEqual(differencesOf(changes), [...differing].sort());
          for (let one = 0; one < GROUPS; one++) {
            for (let who = 0; who < PHONES; who++) {
              const expected = plan.isMember(one, who) !== differing.has(`${one} ${who}`);
              assert.equal(changes.isMember(one, who), expected, `${who} in ${one}`);
            }
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes no more memory for more groups, and little for each change', () => {
    assert.ok(new MembershipChanges(plan, 1000).bytes <= 1000 * 8 * 3);
    assert.equal(differencesOf(new MembershipChanges(plan, 0)).length, 0);
    assert.equal(new MembershipChanges(plan, 0).change(0, 0), false, 'a maximum of none takes none');
  });
});
