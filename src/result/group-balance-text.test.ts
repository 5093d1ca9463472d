import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { groupBalanceText } from './group-balance-text.ts';
import type { GroupBalance } from './sections/groups-schema.ts';

const SOUND: GroupBalance = {
  recipients: 12_345,
  delivered: 12_000,
  queued: 300,
  rejected: 45,
  lost: 0,
  untold: 0,
  maybeRejected: 0,
  strangers: 0,
  wrongRecipients: 0,
  isSound: true,
};

describe('the balance of messages to groups, as text', () => {
  it('says where all recipients are, in one line where nothing is wrong', () => {
    assert.deepEqual(groupBalanceText(SOUND), ['12,345 recipients = 12,000 delivered + 300 queued + 45 rejected']);
  });

  it('says nothing of what a switch elsewhere does not tell, and does not call that balanced', () => {
    assert.deepEqual(groupBalanceText({ ...SOUND, queued: null, rejected: null }), [
      '12,345 recipients against 12,000 delivered',
      'not balanced: 345 recipients may have messages waiting in mailboxes, which cannot be read; how many are lost is not known',
    ]);
    assert.deepEqual(groupBalanceText({ ...SOUND, recipients: 12_000, queued: null, rejected: null }), [
      '12,000 recipients = 12,000 delivered',
    ]);
  });

  it('never shows an equals sign where a fault was found, even if the sums agree', () => {
    const [sums, wrong] = groupBalanceText({ ...SOUND, strangers: 2, isSound: false });
    assert.match(sums ?? '', /^12,345 recipients against /);
    assert.equal(wrong, 'wrong: 2 delivered to phones that were not members');
  });

  it('names each fault with its count', () => {
    const text = groupBalanceText({ ...SOUND, lost: -3, strangers: 2, wrongRecipients: 1, isSound: false });
    assert.equal(
      text[1],
      'wrong: -3 lost, 2 delivered to phones that were not members, 1 accepted for a wrong number of recipients',
      'more than there should be counts as a loss below zero',
    );
  });

  it('says how many messages have an unknown number of recipients, which is not a fault', () => {
    const text = groupBalanceText({ ...SOUND, untold: 1234 });
    assert.equal(text.length, 2);
    assert.match(text[1] ?? '', /^not balanced: .* 1,234 messages is not known, .*; how many are lost is not known$/);
  });

  it('says how many recipients were rejected or lost where a killed switch has forgotten which it had rejected', () => {
    const [sums, unknown, ...others] = groupBalanceText({ ...SOUND, rejected: 40, maybeRejected: 5 });
    assert.match(sums ?? '', /^12,345 recipients against /);
    assert.equal(
      unknown,
      'not balanced: 5 recipients were rejected or lost; which ones a switch had rejected is forgotten when it is killed; how many are lost is not known',
    );
    assert.deepEqual(others, []);
    assert.match(groupBalanceText({ ...SOUND, maybeRejected: 1 })[1] ?? '', /: 1 recipient was rejected or lost;/);
  });
});

describe('the balance of any messages to groups', () => {
  const count = fc.nat(5000);

  it('is an equation only where it is sound and the places hold all recipients, and has every count', () => {
    fc.assert(
      fc.property(
        fc.record({ recipients: count, delivered: count, queued: fc.option(count), rejected: fc.option(count) }),
        fc.boolean(),
        (drawn, isSound) => {
          const [line = '', ...others] = groupBalanceText({ ...SOUND, ...drawn, isSound });
          const places = drawn.delivered + (drawn.queued ?? 0) + (drawn.rejected ?? 0);
          assert.equal(line.includes(' = '), isSound && places === drawn.recipients, line);
          assert.equal(line.includes(' against '), !line.includes(' = '));
          const numbers = line.match(/[\d,]+/g)?.map((one) => Number(one.replaceAll(',', '')));
          const wanted = [drawn.recipients, drawn.delivered, drawn.queued, drawn.rejected];
          assert.deepEqual(
            numbers,
            wanted.filter((one) => one !== null),
          );
          const isKnown = drawn.queued !== null || drawn.recipients === drawn.delivered;
          assert.equal(others.length, isKnown ? 0 : 1);
        },
      ),
    );
  });

  it('speaks of one recipient and one message in the singular', () => {
    const [line, unknown] = groupBalanceText({
      ...SOUND,
      recipients: 1,
      delivered: 1,
      queued: 0,
      rejected: 0,
      untold: 1,
    });
    assert.equal(line, '1 recipient = 1 delivered + 0 queued + 0 rejected');
    assert.equal(
      unknown,
      'not balanced: the number of recipients of 1 message is not known, since it was sent again; how many are lost is not known',
    );
  });
});
