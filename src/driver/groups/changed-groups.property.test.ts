/** What a phone knows about its own membership, against a model that keeps every change. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan } from '../../wire/group-plan.ts';
import { CHANGING_PHONES_MAX, ChangedGroups, Membership, NO_CHANGE, OTHER_LANE } from './changed-groups.ts';

const PHONES = 60;
const plan = new GroupPlan({
  seed: 5,
  firstAccount: PHONES,
  groups: 12,
  lists: 2,
  phones: PHONES,
  sizes: { median: 15, sigma: 0.3, max: 40 },
});

/** Versions from here on: member or not. */
type Life = { from: number; isMember: boolean }[];

const step = fc.record({
  joins: fc.boolean(),
  /** Versions that others cause before and after the change. */
  before: fc.nat(3),
  late: fc.nat(3),
  outcome: fc.constantFrom('told', 'told', 'again', 'refused'),
  /** A message that arrives before the ✓, as this many versions from the last. */
  early: fc.nat(8),
});

it('never takes a message that a member gets for a fault, and notices one that it does not get', () => {
  const seen = { strangers: 0, unknown: 0, changes: 0 };
  fc.assert(
    fc.property(fc.nat(PHONES - 1), fc.array(step, { minLength: 1, maxLength: 12 }), (phone, steps) => {
      const table = new ChangedGroups(plan, 9, PHONES);
      const lives = new Map<number, Life>();
      let version = 0;
      steps.forEach(({ joins, before, late, outcome, early }, n) => {
        const change = table.begin(phone, phone, n + 1, joins);
        if (change === NO_CHANGE) return;
        seen.changes++;
        const group = table.groupAt(change);
        const life = lives.get(group) ?? [{ from: 0, isMember: plan.isMember(group, phone) }];
        lives.set(group, life);
        assert.equal(table.joinsAt(change), joins);
        assert.equal(table.find(phone, n + 1), change);
        assert.equal(wasMember(life, version), !joins, 'only a member leaves');
        assert.equal(table.mayHaveLeft(phone, group), true, 'it is not known yet when it leaves or joins');
        version += before;
        if (outcome === 'refused') {
          table.cancel(change);
          assert.equal(table.find(phone, n + 1), NO_CHANGE);
          assert.equal(table.mayHaveLeft(phone, group), joins);
          return;
        }
        const changed = ++version;
        life.push({ from: changed, isMember: joins });
        version += late;
        // Of a correct switch: what arrives before the ✓ went to the members of its version.
        const arrived = changed - 4 + early;
        const isRight = arrived >= 0 && arrived <= version && wasMember(life, arrived);
        if (isRight) assert.notEqual(table.membership(phone, phone, group, arrived), Membership.STRANGER);
        if (outcome === 'again') table.sentAgain(change);
        assert.equal(table.accepted(change, outcome === 'again' ? version : changed), true);
        assert.equal(table.mayHaveLeft(phone, group), !joins);
      });
      for (const [group, life] of lives) {
        for (let asked = 0; asked <= version; asked++) {
          const found = table.membership(phone, phone, group, asked);
          if (found === Membership.UNKNOWN) seen.unknown++;
          else assert.equal(found === Membership.MEMBER, wasMember(life, asked), `group ${group}, version ${asked}`);
          if (found === Membership.STRANGER) seen.strangers++;
        }
        const last = life.at(-1);
        assert.equal(table.membership(phone, phone, group, version) === Membership.MEMBER, last?.isMember);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(seen.changes > 500 && seen.strangers > 500 && seen.unknown > 100, JSON.stringify(seen));
});

it('notices at the ✓ what arrived before it by mistake', () => {
  const phone = Array.from({ length: PHONES }, (_, p) => p).find((p) => plan.groupsOf(p) > 0) ?? 0;
  const table = new ChangedGroups(plan, 9, PHONES);
  const leaving = table.begin(phone, phone, 1, false);
  assert.equal(
    table.membership(phone, phone, table.groupAt(leaving), 7),
    Membership.MEMBER,
    'it may not have left yet',
  );
  assert.equal(table.accepted(leaving, 7), false, 'version 7 is without it');
  const joining = table.begin(phone, phone, 2, true);
  table.membership(phone, phone, table.groupAt(joining), 8);
  assert.equal(table.accepted(joining, 9), false, 'version 8 was without it');
});

it('asks the plan about every phone that changes nothing', () => {
  const table = new ChangedGroups(plan, 9, 1);
  assert.equal(table.begin(1, 1, 1, true), NO_CHANGE, 'it is not among the phones that change');
  for (let phone = 0; phone < PHONES; phone++) {
    for (let group = 0; group < plan.count; group++) {
      const found = table.membership(phone, phone, group, 3);
      assert.equal(found === Membership.MEMBER, plan.isMember(group, phone));
      assert.equal(table.mayHaveLeft(phone, group), false);
    }
  }
});

it('knows who may have joined a group: of its own phones those who did, of others all who can', () => {
  const table = new ChangedGroups(plan, 9, PHONES);
  const other = new ChangedGroups(plan, 9, 0);
  let joined = 0;
  for (let phone = 0; phone < PHONES; phone++) {
    const groups = new Set<number>();
    for (let n = 1; n <= 2; n++) {
      const change = table.begin(phone, phone, n, true);
      if (change === NO_CHANGE) continue;
      const group = table.groupAt(change);
      assert.equal(table.mayHaveJoined(phone, phone, group), true, 'the home may have taken it already');
      if (phone % 3 === 0) {
        table.cancel(change);
        assert.equal(table.mayHaveJoined(phone, phone, group), false);
      } else {
        table.accepted(change, n);
        groups.add(group);
      }
      assert.equal(other.mayHaveJoined(OTHER_LANE, phone, group), true);
      if (phone % 3 === 0) break; // the next would be the same group
    }
    joined += groups.size;
    if (phone % 3 === 1) {
      const leaving = table.begin(phone, phone, 3, false);
      if (leaving !== NO_CHANGE) table.accepted(leaving, 3);
    }
    let possible = 0;
    for (let group = 0; group < plan.count; group++) {
      if (plan.isMember(group, phone)) continue;
      assert.equal(table.mayHaveJoined(phone, phone, group), groups.has(group), `phone ${phone}, group ${group}`);
      if (other.mayHaveJoined(OTHER_LANE, phone, group)) possible++;
    }
    assert.ok(possible <= 2 && possible >= groups.size, 'a phone can join two groups');
  }
  assert.ok(joined > 40, `${joined} joins`);
  assert.equal(other.mayHaveJoined(OTHER_LANE, CHANGING_PHONES_MAX, 0), false, 'it changes no groups');
  assert.equal(new ChangedGroups(plan, 9, 5).mayHaveJoined(5, 5, 0), false);
});

function wasMember(life: Life, version: number): boolean {
  return life.filter(({ from }) => from <= version).at(-1)?.isMember ?? false;
}
