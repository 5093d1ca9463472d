import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageAudit } from './message-audit.ts';
import { PhonePhase } from './phone-phase.ts';

const PHONES = 10;
const [ALICE, BOB, CARL, GROUP] = [0, 1, 2, 11];
const DIGEST = 77;
const STORE_FULL = 2;

function audited(areGroupsVolatile = false): MessageAudit {
  return new MessageAudit(PHONES, areGroupsVolatile, () => 5);
}

const checks = (audit: MessageAudit): string[] => audit.violations.map(({ check }) => check);

describe('the audit of messages', () => {
  it('follows a message from its sender to its recipient', () => {
    const audit = audited();
    audit.loggedIn(ALICE);
    audit.loggedIn(BOB);
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    assert.equal(audit.phaseOf(ALICE), PhonePhase.SENDING);
    assert.equal(audit.unanswered, 1);
    audit.acknowledges(ALICE, 1, -1);
    assert.deepEqual([audit.unanswered, audit.waiting], [0, 1]);
    assert.equal(audit.phaseOf(BOB), PhonePhase.RECEIVING, 'it is on its way');
    assert.deepEqual(
      audit.waitingMessages().map(({ sender, id, recipient }) => [sender, id, recipient]),
      [[ALICE, 1, BOB]],
    );
    audit.delivers(BOB, 1, ALICE, BOB, 1, DIGEST);
    assert.equal(audit.phaseOf(BOB), PhonePhase.RECEIVING);
    audit.confirms(BOB, 1);
    assert.equal(audit.phaseOf(BOB), PhonePhase.IDLE);
    assert.deepEqual([audit.waiting, audit.waitingMessages().length], [0, 0]);
    assert.deepEqual([audit.sent, audit.acknowledged, audit.shown], [1, 1, 1]);
    assert.deepEqual(audit.violations, []);
  });

  it('takes a redelivery with the same sequence for none', () => {
    const audit = audited();
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    for (let n = 0; n < 3; n++) audit.delivers(BOB, 1, ALICE, BOB, 1, DIGEST);
    audit.sends(ALICE, 1, BOB, 1, DIGEST); // again after a new login
    audit.acknowledges(ALICE, 1, -1);
    audit.acknowledges(ALICE, 1, -1);
    assert.deepEqual([audit.sent, audit.shown, audit.acknowledged, audit.waiting], [1, 1, 1, 0]);
    assert.deepEqual(audit.violations, []);
  });

  it('finds a message that is shown twice, and one that is overtaken', () => {
    const twice = audited();
    twice.sends(ALICE, 1, BOB, 1, DIGEST);
    twice.acknowledges(ALICE, 1, -1);
    twice.delivers(BOB, 1, ALICE, BOB, 1, DIGEST);
    twice.delivers(BOB, 2, ALICE, BOB, 1, DIGEST);
    assert.deepEqual(checks(twice), ['shownTwice']);
    const order = audited();
    for (const number of [1, 2]) order.sends(ALICE, number, BOB, number, DIGEST);
    order.delivers(BOB, 1, ALICE, BOB, 2, DIGEST);
    order.delivers(BOB, 2, ALICE, BOB, 1, DIGEST);
    assert.deepEqual(checks(order), ['order']);
    assert.equal(order.violations[0]?.atMicros, 5);
  });

  it('lets a message come late, once, that was sent again on another connection', () => {
    const audit = audited();
    for (const number of [1, 2]) audit.sends(ALICE, number, BOB, number, DIGEST);
    audit.ended(ALICE); // the first was refused, and nobody was told
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    audit.delivers(BOB, 1, ALICE, BOB, 2, DIGEST);
    audit.acknowledges(ALICE, 1, -1);
    audit.delivers(BOB, 2, ALICE, BOB, 1, DIGEST);
    assert.deepEqual([audit.overtaken, audit.shown, audit.waiting], [1, 2, 0]);
    assert.deepEqual(checks(audit), []);
    audit.delivers(BOB, 3, ALICE, BOB, 1, DIGEST);
    assert.deepEqual(checks(audit), ['order']);
  });

  it('lets a message to a group come late to each member, once', () => {
    const audit = audited();
    for (const number of [1, 2]) audit.sends(ALICE, number, GROUP, number, DIGEST);
    audit.ended(ALICE); // the first was refused, and nobody was told
    audit.sends(ALICE, 1, GROUP, 1, DIGEST);
    for (const member of [BOB, CARL]) audit.delivers(member, 1, ALICE, GROUP, 2, DIGEST);
    audit.acknowledges(ALICE, 2, 2);
    for (const member of [BOB, CARL]) audit.delivers(member, 2, ALICE, GROUP, 1, DIGEST);
    assert.deepEqual([audit.overtaken, audit.shown, checks(audit)], [2, 4, []]);
    audit.delivers(BOB, 3, ALICE, GROUP, 1, DIGEST);
    assert.deepEqual(checks(audit), ['order']);
  });

  it('lets it come late to a phone that has forgotten what it had seen, and misses it if it does not come', () => {
    for (const comes of [true, false]) {
      const audit = audited();
      for (const number of [1, 2]) audit.sends(ALICE, number, BOB, number, DIGEST);
      audit.ended(ALICE);
      audit.sends(ALICE, 1, BOB, 1, DIGEST);
      audit.delivers(BOB, 1, ALICE, BOB, 2, DIGEST);
      audit.forgets(BOB);
      for (const number of [1, 2]) audit.acknowledges(ALICE, number, -1);
      audit.delivers(BOB, 1, ALICE, BOB, 2, DIGEST); // again, as it may be
      if (comes) audit.delivers(BOB, 2, ALICE, BOB, 1, DIGEST);
      assert.deepEqual([audit.shown, audit.waiting], comes ? [2, 0] : [1, 1]);
      assert.deepEqual(checks(audit), []);
    }
  });

  it('lets only the copy come late that was sent again', () => {
    const [AGAIN, OTHER] = [DIGEST + 1, DIGEST + 2];
    for (const [digest, expected] of [
      [AGAIN, []],
      [DIGEST, ['order']],
      [OTHER, ['order']],
    ] as const) {
      const audit = audited();
      for (const number of [1, 2]) audit.sends(ALICE, number, BOB, number, DIGEST);
      audit.ended(ALICE);
      audit.sends(ALICE, 1, BOB, 1, AGAIN);
      audit.delivers(BOB, 1, ALICE, BOB, 2, DIGEST);
      audit.delivers(BOB, 2, ALICE, BOB, 1, digest);
      assert.deepEqual(checks(audit), expected);
    }
  });

  it('takes either copy of a message that comes in its turn', () => {
    for (const digest of [DIGEST, DIGEST + 1]) {
      const audit = audited();
      audit.sends(ALICE, 1, BOB, 1, DIGEST);
      audit.ended(ALICE);
      audit.sends(ALICE, 1, BOB, 1, DIGEST + 1);
      audit.delivers(BOB, 1, ALICE, BOB, 1, digest);
      assert.deepEqual(checks(audit), []);
    }
  });

  it('finds a message that was changed, that nobody sent, or that went to the wrong phone', () => {
    const cases: readonly ((audit: MessageAudit) => void)[] = [
      (audit) => audit.delivers(BOB, 1, ALICE, BOB, 1, DIGEST + 1),
      (audit) => audit.delivers(BOB, 1, ALICE, BOB, 9, DIGEST),
      (audit) => audit.delivers(CARL, 1, ALICE, CARL, 1, DIGEST),
    ];
    for (const deliver of cases) {
      const audit = audited();
      audit.sends(ALICE, 1, BOB, 1, DIGEST);
      deliver(audit);
      assert.deepEqual(checks(audit), ['changed']);
    }
  });

  it('finds a refused message that is shown, before or after', () => {
    const after = audited();
    after.sends(ALICE, 1, BOB, 1, DIGEST);
    after.refuses(ALICE, STORE_FULL, 1);
    assert.deepEqual([after.refused, after.unanswered], [1, 0]);
    after.delivers(BOB, 1, ALICE, BOB, 1, DIGEST);
    assert.deepEqual(checks(after), ['refusedShown']);
    const before = audited();
    before.sends(ALICE, 1, BOB, 1, DIGEST);
    before.delivers(BOB, 1, ALICE, BOB, 1, DIGEST);
    before.refuses(ALICE, STORE_FULL, 1);
    assert.deepEqual(checks(before), ['refusedShown']);
  });

  it('keeps no more than it may, and forgets what is over', () => {
    const audit = new MessageAudit(PHONES, false, () => 0, 2);
    for (let number = 1; number <= 10; number++) {
      audit.sends(ALICE, number, BOB, number, DIGEST);
      audit.acknowledges(ALICE, number, -1);
      audit.delivers(BOB, number, ALICE, BOB, number, DIGEST);
    }
    audit.sends(ALICE, 11, BOB, 11, DIGEST); // beside the pair
    assert.throws(() => audit.sends(ALICE, 12, BOB, 12, DIGEST), { code: 'PLAN_EXCEEDS_LIMIT' });
    assert.deepEqual(checks(audit), []);
  });

  it('waits for the answer to the last copy on a connection', () => {
    const audit = audited();
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    audit.refuses(ALICE, STORE_FULL, 1);
    assert.equal(audit.unanswered, 1, 'the second copy may be accepted');
    audit.ended(ALICE);
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    audit.refuses(ALICE, STORE_FULL, 1);
    assert.equal(audit.unanswered, 0, 'copies of a connection that is over are answered by none');
  });

  it('holds a phone that forgets to less, and loses nothing that is sent to it', () => {
    const audit = audited();
    audit.sends(ALICE, 1, BOB, 1, DIGEST);
    audit.sends(ALICE, 2, CARL, 2, DIGEST);
    audit.forgets(ALICE);
    assert.deepEqual([audit.unanswered, audit.open, audit.forgotten, audit.waiting], [0, 0, 2, 0]);
    audit.delivers(BOB, 1, ALICE, BOB, 1, DIGEST); // it was on its way
    assert.deepEqual([audit.shown, audit.forgotten], [1, 1]);
    audit.sends(ALICE, 40, BOB, 40, DIGEST);
    audit.acknowledges(ALICE, 40, -1);
    audit.forgets(BOB);
    assert.deepEqual(
      audit.waitingMessages().map(({ id }) => id),
      [40],
      'no message to it is lost',
    );
    audit.delivers(BOB, 1, ALICE, BOB, 1, DIGEST); // it had not been confirmed
    audit.delivers(BOB, 2, ALICE, BOB, 40, DIGEST);
    assert.deepEqual([audit.shown, audit.waiting], [2, 0]);
    assert.deepEqual(checks(audit), []);
    audit.delivers(BOB, 3, ALICE, BOB, 41, DIGEST);
    audit.delivers(CARL, 1, ALICE, CARL, 2, DIGEST);
    audit.delivers(CARL, 2, ALICE, CARL, 2, DIGEST);
    assert.deepEqual(
      checks(audit),
      ['changed', 'shownTwice'],
      'of those that it did send, and for those that remember',
    );
  });

  it('counts a message to a group for each member, and lets a volatile group repeat it', () => {
    for (const isVolatile of [false, true]) {
      const audit = audited(isVolatile);
      audit.sends(ALICE, 1, GROUP, 1, DIGEST);
      audit.acknowledges(ALICE, 1, 2);
      audit.delivers(BOB, 1, ALICE, GROUP, 1, DIGEST);
      audit.delivers(CARL, 1, ALICE, GROUP, 1, DIGEST);
      assert.deepEqual(checks(audit), []);
      audit.delivers(CARL, 2, ALICE, GROUP, 1, DIGEST);
      assert.deepEqual(checks(audit), isVolatile ? [] : ['shownTwice']);
      assert.equal(audit.waiting, 0, 'only messages between phones wait for one phone');
    }
  });
});
