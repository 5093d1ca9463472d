/** The lists of members on one shard, and the memberships that a home knows to differ from the plan, against sets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan } from '../../wire/group-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { MemberLists } from './member-lists.ts';
import { MembershipChanges } from './membership-changes.ts';

const PHONES = 90;
const GROUPS = 3;
const JOINS_MAX = 8;
const plan = new GroupPlan({
  seed: 4,
  firstAccount: PHONES,
  groups: GROUPS,
  lists: 0,
  phones: PHONES,
  sizes: { median: 40, sigma: 0.4, max: 60 },
});
const homes = new Placement(2, HOME_SALT);
const phones = Array.from({ length: PHONES }, (_, phone) => phone);

const change = fc.record({ group: fc.nat(GROUPS - 1), phone: fc.nat(PHONES - 1) });
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('change' as const), ...{ at: change } }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), group: fc.nat(GROUPS - 1) }) },
);

/** All rows of a list, in its order. */
function rowsOf(lists: MemberLists, group: number): number[] {
  const rows: number[] = [];
  let inChunk = lists.firstRows(group);
  for (let chunk = lists.first(group); chunk !== 0; chunk = lists.next(chunk)) {
    for (let n = 0; n < inChunk; n++) rows.push(lists.row(chunk, n));
    inChunk = lists.chunkRows;
  }
  return rows;
}

describe('the members of groups on one shard', () => {
  it('are those of the plan, of later changes, and of the plan again after a reset', () => {
    fc.assert(
      fc.property(fc.nat(1), fc.array(step, { maxLength: 120, size: 'max' }), (shard, steps) => {
        const lists = new MemberLists(plan, homes, shard, JOINS_MAX);
        const here = phones.filter((phone) => homes.shardOf(phone) === shard);
        const firstMembers = (group: number): number[] => here.filter((phone) => plan.isMember(group, phone));
        const sets = Array.from({ length: GROUPS }, (_, group) => new Set(firstMembers(group)));
        const joined = (): number =>
          sets.reduce((sum, set, group) => sum + [...set].filter((phone) => !plan.isMember(group, phone)).length, 0);
        for (const one of steps) {
          if (one.kind === 'reset') {
            assert.equal(lists.reset(one.group), plan.sizeOf(one.group));
            sets[one.group] = new Set(firstMembers(one.group));
          } else {
            const { group, phone } = one.at;
            if (homes.shardOf(phone) !== shard) continue;
            const row = homes.rowOf(phone);
            const set = sets[group] ?? new Set();
            assert.equal(lists.has(group, row), set.has(phone));
            if (set.delete(phone)) lists.remove(group, row);
            else if (plan.isMember(group, phone) || joined() < JOINS_MAX) {
              set.add(phone);
              lists.add(group, row);
              lists.add(group, row); // a change that is told twice
            } else lists.remove(group, row); // it is not there
          }
          const rows = sets.map((set) => [...set].map((phone) => homes.rowOf(phone)).sort((a, b) => a - b));
          assert.deepEqual(
            sets.map((_, group) => rowsOf(lists, group).sort((a, b) => a - b)),
            rows,
          );
          assert.deepEqual(
            sets.map((_, group) => lists.count(group)),
            sets.map(({ size }) => size),
          );
          assert.equal(lists.memberships, rows.flat().length);
        }
      }),
    );
  });
});

describe('memberships that differ from the plan', () => {
  it('are found as in a set, whatever was added and removed, and refused when there are too many', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.record({ group: fc.nat(GROUPS - 1), phone: fc.nat(11) }), { maxLength: 80, size: 'max' }),
        (max, steps) => {
          const changes = new MembershipChanges(plan, max);
          const set = new Set<string>();
          for (const { group, phone } of steps) {
            const key = `${group}:${phone}`;
            const isTaken = set.has(key) || set.size < max;
            assert.equal(changes.change(group, phone), isTaken);
            if (!set.delete(key) && isTaken) set.add(key);
            const seen: string[] = [];
            changes.forEach((inGroup, account) => void seen.push(`${inGroup}:${account}`));
            assert.deepEqual(seen.sort(), [...set].sort());
            for (let g = 0; g < GROUPS; g++) {
              for (let p = 0; p < 12; p++)
                assert.equal(changes.isMember(g, p), plan.isMember(g, p) !== set.has(`${g}:${p}`), `${p} in ${g}`);
            }
          }
        },
      ),
    );
  });
});
