/** The balance of messages to groups, against a list of all recipients. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { messageDigestHigh, messageDigestLow } from '../../base/message-digest.ts';
import { addUndelivered, groupBalance, type UndeliveredInGroups } from './group-balance.ts';

type Place = 'delivered' | 'queued' | 'rejected' | 'lost';
/** Of each message, where each of its recipients is. */
type Fates = readonly (readonly Place[])[];

interface Sum {
  count: number;
  low: number;
  high: number;
}

function add(to: Sum, times: number, author: number, number: number): void {
  to.count += times;
  to.low = (to.low + Math.imul(times, messageDigestLow(author, number))) | 0;
  to.high = (to.high + Math.imul(times, messageDigestHigh(author, number))) | 0;
}

function balanceOf(fates: Fates, isSwapped = false) {
  const none = (): Sum => ({ count: 0, low: 0, high: 0 });
  const recipients = none();
  const found = { delivered: none(), queued: none(), rejected: none(), lost: none() };
  fates.forEach((places, n) => {
    add(recipients, places.length, n, n + 1);
    for (const place of places) add(found[place], 1, isSwapped && n === 0 ? 99 : n, n + 1);
  });
  const { delivered, queued, rejected } = found;
  const driver = {
    groupMessagesSent: fates.length,
    groupRecipients: recipients.count,
    digestGroupRecipientsLow: recipients.low,
    digestGroupRecipientsHigh: recipients.high,
    groupDeliveries: delivered.count,
    digestGroupDeliveredLow: delivered.low,
    digestGroupDeliveredHigh: delivered.high,
  };
  const undelivered: UndeliveredInGroups = {
    ...{ queued: queued.count, queuedLow: queued.low, queuedHigh: queued.high },
    ...{ rejected: rejected.count, rejectedLow: rejected.low, rejectedHigh: rejected.high },
  };
  return { driver, undelivered, balance: groupBalance(driver, undelivered) };
}

const fate = fc.constantFrom<Place>('delivered', 'delivered', 'queued', 'rejected');
const fates = fc.array(fc.array(fate, { minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 20 });

it('is sound if every recipient is somewhere, and not if one of thousands is nowhere or another was given the message', () => {
  fc.assert(
    fc.property(fates, fc.nat(), (all, which) => {
      assert.equal(balanceOf(all).balance?.isSound, true);
      const at = which % all.length;
      const oneLost = all.map((places, n) => (n === at ? [...places, 'lost' as const] : places));
      const { balance } = balanceOf(oneLost);
      assert.equal(balance?.isSound, false);
      assert.equal(balance?.lost, 1);
      const swapped = balanceOf(all, true).balance;
      assert.equal(swapped?.lost, 0, 'the number is right');
      assert.equal(swapped?.isSound, false, 'but it is another message');
    }),
    { numRuns: 50 },
  );
});

it('is not sound with a delivery to a stranger, or a number of recipients that cannot be', () => {
  const { driver, undelivered } = balanceOf([['delivered', 'queued']]);
  assert.equal(groupBalance({ ...driver, groupStrangers: 1 }, undelivered)?.isSound, false);
  assert.equal(groupBalance({ ...driver, groupRecipientsWrong: 1 }, undelivered)?.isSound, false);
});

it('judges only deliveries beyond the recipients if the switch runs elsewhere', () => {
  const { driver } = balanceOf([['delivered', 'queued', 'queued']]);
  const balance = groupBalance(driver, null);
  assert.deepEqual([balance?.isSound, balance?.lost, balance?.queued, balance?.rejected], [true, null, null, null]);
  const all = balanceOf([['delivered', 'delivered']]);
  assert.equal(groupBalance(all.driver, null)?.lost, 0, 'known where all have their messages');
  assert.equal(
    groupBalance(balanceOf([['delivered', 'delivered']], true).driver, null)?.lost,
    null,
    'but not other ones',
  );
  assert.equal(groupBalance({ ...driver, groupDeliveries: 4 }, null)?.isSound, false);
});

it('says how many messages cannot be balanced because their recipients were not told', () => {
  const { driver, undelivered } = balanceOf([['delivered', 'delivered']]);
  const balance = groupBalance({ ...driver, groupRecipients: 0, groupMessagesUntold: 1 }, undelivered);
  assert.deepEqual([balance?.untold, balance?.lost, balance?.isSound], [1, null, true]);
});

it('calls nobody lost where a shard that had rejected recipients has ended, and says how many are not found', () => {
  const { driver, undelivered } = balanceOf([['delivered', 'queued', 'rejected', 'lost', 'lost']]);
  const balance = groupBalance(driver, { ...undelivered, isForgotten: true });
  assert.deepEqual([balance?.maybeRejected, balance?.lost, balance?.isSound], [2, null, true]);
  assert.deepEqual([groupBalance(driver, undelivered)?.maybeRejected, groupBalance(driver, undelivered)?.lost], [0, 2]);
  const counted = groupBalance(driver, { ...undelivered, rejected: 5, isForgotten: true });
  assert.deepEqual([counted?.maybeRejected, counted?.isSound], [0, true], 'what was rejected twice counts twice');
  assert.equal(counted?.lost, null, 'so nobody knows whether others were lost');
  const none = balanceOf([['delivered', 'rejected']]);
  assert.equal(groupBalance(none.driver, { ...none.undelivered, isForgotten: true })?.lost, 0, 'all are found');
  const stranger = groupBalance({ ...driver, groupStrangers: 1 }, { ...undelivered, isForgotten: true });
  assert.equal(stranger?.isSound, false, 'other faults are faults all the same');
});

it('knows of several shards whether one has forgotten what it had rejected', () => {
  const { undelivered } = balanceOf([['rejected']]);
  const has = { ...undelivered, isForgotten: true };
  assert.equal(addUndelivered(undelivered, undelivered).isForgotten, false);
  assert.equal(addUndelivered(undelivered, has).isForgotten, true);
  assert.equal(addUndelivered(has, undelivered).isForgotten, true);
});

it('is left out if nothing was sent to groups', () => {
  assert.equal(groupBalance({ messagesSent: 5 }, null), null);
});
