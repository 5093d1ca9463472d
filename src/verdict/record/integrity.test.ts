import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkIntegrity } from './integrity.ts';

/** A driver that sent ten messages: all answered, eight arrived, two are for phones that never connect. */
const DRIVER = {
  messagesSent: 10,
  messagesAcknowledged: 10,
  messagesDelivered: 8,
  messagesForOffline: 2,
  mostSentByPhone: 3,
  digestSentLow: 77,
  digestAcknowledgedLow: 77,
  digestDeliveredLow: 60,
  digestForOfflineLow: 17,
};

describe('integrity of a driver alone', () => {
  it('is sound where all has arrived but what is for phones that never connect', () => {
    const { isSound, queued, lost, forOffline } = checkIntegrity(DRIVER, null, []);
    assert.deepEqual({ isSound, queued, lost, forOffline }, { isSound: true, queued: null, lost: 0, forOffline: 2 });
    assert.equal(
      checkIntegrity(DRIVER, { messages: 0, low: 0, high: 0 }, []).isSound,
      false,
      'a switch that was asked',
    );
  });

  it('is not, where messages to phones that are online were acknowledged and never came', () => {
    const { isSound, lost } = checkIntegrity({ ...DRIVER, messagesDelivered: 5 }, null, []);
    assert.deepEqual({ isSound, lost }, { isSound: false, lost: 3 });
    const none = { ...DRIVER, messagesDelivered: 0, messagesForOffline: 0 };
    assert.deepEqual([checkIntegrity(none, null, []).isSound, checkIntegrity(none, null, []).lost], [false, 10]);
  });

  it('says for which share of messages the order was checked', () => {
    const { orderCheckedShare } = checkIntegrity({ ...DRIVER, pairsChecked: 6, pairsUnknown: 2 }, null, []);
    assert.equal(orderCheckedShare, 0.75);
    assert.equal(checkIntegrity(DRIVER, null, []).orderCheckedShare, null);
  });

  it('is not, where as many arrived as should, but others', () => {
    const { isSound, lost } = checkIntegrity({ ...DRIVER, digestDeliveredLow: 61 }, null, []);
    assert.deepEqual([isSound, lost], [false, 0]);
  });

  it('lets no more wait for absent phones than their writers can have sent them', () => {
    const missing = { ...DRIVER, messagesSent: 100, messagesAcknowledged: 100, messagesDelivered: 98 - 7 };
    assert.deepEqual([checkIntegrity(missing, null, [], 0).lost, checkIntegrity(missing, null, [], 1).lost], [7, 0]);
    const more = { ...missing, messagesDelivered: 98 - 9 };
    assert.deepEqual([checkIntegrity(more, null, [], 1).lost, checkIntegrity(more, null, [], 2).lost], [2, 0]);
  });

  it('is not, where a later message of the same pair came without it', () => {
    const { isSound, lost } = checkIntegrity({ ...DRIVER, pairGaps: 2 }, null, [], 9);
    assert.deepEqual({ isSound, lost }, { isSound: false, lost: 2 });
  });

  it('does not call lost what came late or was refused', () => {
    const late = checkIntegrity({ ...DRIVER, pairGaps: 1, pairReordered: 1 }, null, []);
    assert.deepEqual([late.lost, late.isSound], [0, false]);
    const overtaken = checkIntegrity({ ...DRIVER, pairGaps: 1, pairOvertaken: 1 }, null, []);
    assert.deepEqual([overtaken.lost, overtaken.overtaken, overtaken.isSound], [0, 1, true], 'as the protocol allows');
    const refused = { ...DRIVER, pairGaps: 1, messagesRejected: 1, messagesAcknowledged: 9, messagesForOffline: 1 };
    assert.equal(checkIntegrity(refused, null, []).lost, 0);
  });

  it('counts what was sent before this run, and holds it against nobody', () => {
    const { isSound, earlier, lost } = checkIntegrity({ ...DRIVER, messagesEarlier: 5 }, null, []);
    assert.deepEqual({ isSound, earlier, lost }, { isSound: true, earlier: 5, lost: 0 });
  });

  it('is not, where a message was not answered, doubled, or more arrived than was sent', () => {
    const faults = [{ messagesAcknowledged: 9 }, { pairDuplicated: 1 }, { corrupted: 1 }, { messagesDelivered: 11 }];
    for (const fault of faults) assert.equal(checkIntegrity({ ...DRIVER, ...fault }, null, []).isSound, false);
  });
});
