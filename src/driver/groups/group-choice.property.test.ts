/**
 * Messages go to groups by hash: in the shares that are asked for, only to the author's own, and alike for everyone.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan, NO_GROUP } from '../../wire/group-plan.ts';
import { GroupChoice } from './group-choice.ts';

const planOf = (seed: number, phones = 500, groups = 40, lists = 30): GroupPlan =>
  new GroupPlan({ seed, firstAccount: phones, groups, lists, phones, sizes: { median: 20, sigma: 0.4, max: 60 } });

it('sends only to groups that the author is a member of, and to lists that it owns, the same when asked again', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(499), fc.integer({ min: 1, max: 2 ** 30 - 1 }), (seed, phone, number) => {
      const plan = planOf(seed);
      const choice = new GroupChoice(plan, seed, { groups: 0.5, lists: 0.5 });
      const group = choice.groupOf(phone, number);
      if (group !== NO_GROUP && plan.isList(group)) assert.equal(plan.ownerOf(group), phone);
      else if (group !== NO_GROUP) assert.equal(plan.isMember(group, phone), true);
      for (let other = 0; other < 50; other++) choice.groupOf(other, number + other); // takes places of kept answers
      assert.equal(choice.groupOf(phone, number), group, 'the author');
      assert.equal(new GroupChoice(plan, seed, { groups: 0.5, lists: 0.5 }).groupOf(phone, number), group, 'a member');
    }),
  );
});

it('keeps to the shares, over all groups of a phone alike', () => {
  const plan = planOf(3);
  const choice = new GroupChoice(plan, 3, { groups: 0.4, lists: 0.2 });
  const seen = new Map<number, number>();
  const phone = Array.from({ length: 500 }, (_, p) => p).find(
    (p) => plan.groupsOf(p) === 2 && !plan.isList(plan.groupOf(p, 1)) && plan.listOf(p) !== NO_GROUP,
  );
  assert.ok(phone !== undefined, 'some phone has two groups and a list');
  const messages = 20_000;
  for (let number = 1; number <= messages; number++) {
    const group = choice.groupOf(phone, number);
    seen.set(group, (seen.get(group) ?? 0) + 1);
  }
  const share = (group: number): number => (seen.get(group) ?? 0) / messages;
  const near = (found: number, expected: number): boolean => Math.abs(found - expected) < 0.02; // seven standard errors
  assert.ok(near(share(plan.listOf(phone)), 0.2), `list ${share(plan.listOf(phone))}`);
  for (const j of [0, 1]) assert.ok(near(share(plan.groupOf(phone, j)), 0.8 * 0.2), `group ${j}`);
  assert.ok(near(share(NO_GROUP), 0.8 * 0.6), 'the rest goes to phones');
});

it('sends nothing to groups if their shares are 0', () => {
  const choice = new GroupChoice(planOf(1), 1, { groups: 0, lists: 0 });
  for (let number = 1; number < 1000; number++) assert.equal(choice.groupOf(number % 500, number), NO_GROUP);
});

it('sends nothing to groups from phones of minor version 0, and the same as ever from others', () => {
  const shares = { groups: 0.5, lists: 0.5 };
  const [all, some] = [
    new GroupChoice(planOf(2), 2, shares),
    new GroupChoice(planOf(2), 2, shares, { of: (phone) => phone % 2 }),
  ];
  for (let phone = 0; phone < 500; phone++)
    for (let number = 1; number < 20; number++)
      assert.equal(some.groupOf(phone, number), phone % 2 === 0 ? NO_GROUP : all.groupOf(phone, number));
});
