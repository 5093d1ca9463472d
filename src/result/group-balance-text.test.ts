import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupBalanceText } from './group-balance-text.ts';
import type { GroupBalance } from './sections/groups-schema.ts';

const SOUND: GroupBalance = {
  recipients: 12_345,
  delivered: 12_000,
  queued: 300,
  rejected: 45,
  lost: 0,
  untold: 0,
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
    assert.match(text[1] ?? '', /^not balanced: .* 1,234 messages is not known/);
  });
});
