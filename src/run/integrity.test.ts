import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkIntegrity } from './integrity.ts';

/** A driver that sent ten messages: all answered, eight arrived. */
const DRIVER = {
  messagesSent: 10,
  messagesAcknowledged: 10,
  messagesDelivered: 8,
  digestSentLow: 77,
  digestAcknowledgedLow: 77,
  digestDeliveredLow: 60,
};

describe('integrity of a driver alone', () => {
  it('is sound where what has not arrived may wait in a mailbox that nobody can ask', () => {
    const { isSound, queued, lost } = checkIntegrity(DRIVER, null, []);
    assert.deepEqual({ isSound, queued, lost }, { isSound: true, queued: null, lost: 0 });
    assert.equal(
      checkIntegrity(DRIVER, { messages: 0, low: 0, high: 0 }, []).isSound,
      false,
      'a switch that was asked',
    );
  });

  it('is not, where a later message of the same pair came without it', () => {
    const { isSound, lost } = checkIntegrity({ ...DRIVER, pairGaps: 2 }, null, []);
    assert.deepEqual({ isSound, lost }, { isSound: false, lost: 2 });
  });

  it('does not call lost what came late or was refused', () => {
    const late = checkIntegrity({ ...DRIVER, pairGaps: 1, pairReordered: 1 }, null, []);
    assert.deepEqual([late.lost, late.isSound], [0, false]);
    assert.equal(
      checkIntegrity({ ...DRIVER, pairGaps: 1, messagesRejected: 1, messagesAcknowledged: 9 }, null, []).lost,
      0,
    );
  });

  it('is not, where a message was not answered, doubled, or more arrived than was sent', () => {
    const faults = [{ messagesAcknowledged: 9 }, { pairDuplicated: 1 }, { corrupted: 1 }, { messagesDelivered: 11 }];
    for (const fault of faults) assert.equal(checkIntegrity({ ...DRIVER, ...fault }, null, []).isSound, false);
  });
});
