/** The sum of a run's messages against a model that knows each message. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { messageDigestHigh, messageDigestLow } from '../../base/message-digest.ts';
import { balanceGuard } from '../guards/balance-guard.ts';
import { checkIntegrity, type Integrity, uncheckedIntegrity, unrestedIntegrity } from './integrity.ts';

type Fate = 'delivered' | 'queued' | 'rejected' | 'lost' | 'swapped';

/** What driver and mailboxes count where messages 1, 2, … have these fates; `swapped` arrives as another message. */
function integrityOf(fates: readonly Fate[]): Integrity {
  const sender = 447_700_000_001;
  const sum = (count: (fate: Fate) => boolean, part: typeof messageDigestLow): number =>
    fates.reduce(
      (total, fate, i) => (count(fate) ? (total + part(sender, i + 1 + (fate === 'swapped' ? 1e6 : 0))) | 0 : total),
      0,
    );
  const all = (part: typeof messageDigestLow): number =>
    fates.reduce((total, _, i) => (total + part(sender, i + 1)) | 0, 0);
  const answered = (part: typeof messageDigestLow): number =>
    fates.reduce((total, fate, i) => (fate === 'rejected' ? total : (total + part(sender, i + 1)) | 0), 0);
  const number = (wanted: (fate: Fate) => boolean): number => fates.filter(wanted).length;
  const isHere = (fate: Fate): boolean => fate === 'delivered' || fate === 'swapped';
  const driver = {
    messagesSent: fates.length,
    messagesDelivered: number(isHere),
    messagesRejected: number((fate) => fate === 'rejected'),
    messagesAcknowledged: number((fate) => fate !== 'rejected'),
    digestSentLow: all(messageDigestLow),
    digestSentHigh: all(messageDigestHigh),
    digestDeliveredLow: sum(isHere, messageDigestLow),
    digestDeliveredHigh: sum(isHere, messageDigestHigh),
    digestRejectedLow: sum((fate) => fate === 'rejected', messageDigestLow),
    digestRejectedHigh: sum((fate) => fate === 'rejected', messageDigestHigh),
    digestAcknowledgedLow: answered(messageDigestLow),
    digestAcknowledgedHigh: answered(messageDigestHigh),
  };
  const isQueued = (fate: Fate): boolean => fate === 'queued';
  const queued = {
    messages: number(isQueued),
    low: sum(isQueued, messageDigestLow),
    high: sum(isQueued, messageDigestHigh),
  };
  return checkIntegrity(driver, queued, []);
}

const fate = (...of: Fate[]): fc.Arbitrary<Fate> => fc.constantFrom(...of);

it('balances where every message was delivered, waits or was refused', () => {
  fc.assert(
    fc.property(fc.array(fate('delivered', 'queued', 'rejected')), (fates) => {
      const integrity = integrityOf(fates);
      assert.deepEqual([integrity.isSound, integrity.lost, integrity.digestsMatch], [true, 0, true]);
      assert.equal(balanceGuard(integrity).verdict, 'ok');
    }),
  );
});

it('counts every message that is lost, whatever happened to the others', () => {
  fc.assert(
    fc.property(fc.array(fate('delivered', 'queued', 'rejected', 'lost'), { minLength: 1 }), (fates) => {
      const lost = fates.filter((one) => one === 'lost').length;
      const integrity = integrityOf(fates);
      assert.equal(integrity.lost, lost);
      assert.equal(integrity.isSound, lost === 0);
      const { verdict, figure, sentence } = balanceGuard(integrity);
      assert.deepEqual([verdict, figure], [lost === 0 ? 'ok' : 'invalid', lost]);
      if (lost > 0) assert.match(sentence, /lost \d/);
    }),
  );
});

it('notices a message that arrived in place of another, though the numbers agree', () => {
  fc.assert(
    fc.property(fc.array(fate('delivered', 'queued', 'rejected')), (fates) => {
      const { isSound, lost, digestsMatch } = integrityOf([...fates, 'swapped']);
      assert.deepEqual([isSound, lost, digestsMatch], [false, 0, false]);
    }),
  );
});

it('takes nothing for lost where the run did not come to rest, and keeps what no waiting mends', () => {
  const partial = integrityOf(['delivered', 'lost', 'lost']);
  const { isSound, lost, digestsMatch } = unrestedIntegrity(partial);
  assert.deepEqual([isSound, lost, digestsMatch], [null, 0, null]);
  for (const fault of ['duplicated', 'reordered', 'corrupted', 'strangers'] as const)
    assert.equal(unrestedIntegrity({ ...partial, [fault]: 1 }).isSound, false, fault);
});

it('knows only what was counted where nothing was checked', () => {
  const here = uncheckedIntegrity({ messagesSent: 5, messagesDelivered: 2 }, true);
  assert.deepEqual([here.isSound, here.sent, here.delivered, here.queued, here.lost], [null, 5, 2, 0, 0]);
  assert.equal(uncheckedIntegrity({}, false).queued, null);
});

it('compares both halves of a digest: chance may have one of them agree', () => {
  for (const half of ['Low', 'High'])
    for (const set of ['Sent', 'Delivered', 'Rejected', 'Acknowledged']) {
      const driver = { messagesSent: 1, messagesDelivered: 1, messagesAcknowledged: 1, [`digest${set}${half}`]: 1 };
      const { isSound, lost } = checkIntegrity(driver, { messages: 0, low: 0, high: 0 }, []);
      assert.deepEqual([isSound, lost], [false, 0], `${set} ${half}`);
    }
});
