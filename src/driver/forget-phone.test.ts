/** A phone that restarts without its state, under a switch that answers when the test says so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, readSerial } from '../wire/frames.ts';
import { CloseReason } from '../wire/transport.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import { Arrivals } from './terms/arrivals.ts';

const SECOND = 1e6;
const PHONES = 10;
/** The one that is watched. */
const PHONE = 0;

/**
 * Sends some messages and ends the connection, in which the phone forgets or not.
 * @returns the ids before and after.
 */
function idsAround(forgets: boolean): { readonly before: number[]; readonly after: number[]; readonly resent: number } {
  const under = new LaneUnderTest(PHONES, {
    messages: Arrivals.constant(100),
    loginBackoff: retryAfter(SECOND / 10),
  });
  under.logAllIn(PHONES);
  const ids: number[] = [];
  const { onFrame } = under.switch;
  under.switch.onFrame = (frame) => {
    onFrame(frame);
    if (frame.row === PHONE && frame.type === FrameType.SEND) ids.push(readSerial(frame.body, 0));
  };
  under.lane.startTraffic(under.nowMicros);
  under.runFor(SECOND);
  const before = ids.splice(0);
  under.switch.saySerial(PHONE, FrameType.ACKNOWLEDGED, before[0] ?? 0);
  under.runFor(1000);
  if (forgets) under.lane.forgetPhone(PHONE);
  under.switch.cut(PHONE, CloseReason.PEER_CLOSED);
  under.runFor(SECOND / 5);
  under.runFor(SECOND / 2);
  return { before, after: ids, resent: under.count('messagesResent') };
}

describe('a phone that restarts', () => {
  it('without its state sends nothing again, and skips the ids that may be on their way', () => {
    const { before, after, resent } = idsAround(true);
    assert.ok(before.length > 5 && after.length > 2, `${before.length} and ${after.length} messages`);
    assert.equal(resent, 0);
    const highest = Math.max(...before);
    for (const [n, id] of after.entries()) assert.equal(id, highest + 33 + n, 'a window for those, and one to spare');
  });

  it('with its state sends again what is unanswered', () => {
    const { before, after, resent } = idsAround(false);
    assert.equal(resent, before.length - 1);
    assert.deepEqual(after.slice(0, resent), before.slice(1), 'all but the one that was acknowledged');
  });
});
