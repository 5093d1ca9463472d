/** Which members of groups a push service calls, against a list of all of them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan } from '../../wire/group-plan.ts';
import { GroupCalls, NO_MEMBER } from './group-calls.ts';

const PHONES = 60;
const MESSAGES_MAX = 2 ** 12;
const sizes = { median: 6, sigma: 0.8, max: 20 };
const plan = new GroupPlan({ seed: 2, firstAccount: PHONES, groups: 12, lists: 4, phones: PHONES, sizes });

function membersOf(group: number, author: number): number[] {
  const all = Array.from({ length: plan.sizeOf(group) }, (_, k) => plan.memberAt(group, k));
  return all.filter((member) => member !== author);
}

it('are all members but the author, for each message in turn, however few are taken at once', () => {
  const group = fc.nat(plan.count - 1);
  const accepted = fc.record({ group, author: fc.nat(PHONES - 1), takes: fc.constant(0) });
  const taken = fc.record({ group, author: fc.constant(0), takes: fc.integer({ min: 1, max: 30 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(accepted, taken), { maxLength: 60 }), (steps) => {
      const calls = new GroupCalls(plan);
      const left: number[] = [];
      for (const step of steps) {
        if (step.takes === 0) {
          assert.equal(calls.push(step.group, step.author), true);
          left.push(...membersOf(step.group, step.author));
        }
        for (let n = 0; n < step.takes; n++) assert.equal(calls.take(), left.shift() ?? NO_MEMBER);
        if (left.length > 0) assert.equal(calls.waits, true);
      }
      for (const member of left) assert.equal(calls.take(), member);
      assert.equal(calls.take(), NO_MEMBER);
      assert.equal(calls.waits, false);
    }),
  );
});

it('are those of a bounded number of messages, and of others when there is room again', () => {
  const calls = new GroupCalls(plan);
  const group = Array.from({ length: plan.count }, (_, g) => g).find((g) => plan.sizeOf(g) > 2) ?? assert.fail();
  const author = plan.memberAt(group, 0);
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < MESSAGES_MAX; n++) assert.equal(calls.push(group, author), true);
    assert.equal(calls.push(group, author), false);
    let taken = 0;
    while (calls.take() !== NO_MEMBER) taken++;
    assert.equal(taken, MESSAGES_MAX * (plan.sizeOf(group) - 1));
  }
  assert.ok(calls.ledger().bytes >= MESSAGES_MAX * 8);
});
