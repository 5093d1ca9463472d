/** What becomes of logins and messages that are not answered: when they time out, and when they are sent again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, readSerial } from '../wire/frames.ts';
import { CloseReason } from '../wire/transport.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import { Arrivals } from './terms/arrivals.ts';

const SECOND = 1e6;

interface Send {
  readonly row: number;
  readonly id: number;
  readonly atMicros: number;
}

/** A lane whose phones are online, under a switch that acknowledges nothing unless it is told to. */
class Unanswered {
  readonly under: LaneUnderTest;
  readonly sends: Send[] = [];
  acknowledges = false;

  constructor(phones: number, perSecond: number, inFlightPlaces = 2 ** 10) {
    this.under = new LaneUnderTest(phones, {
      messages: Arrivals.constant(perSecond),
      inFlightPlaces,
      loginBackoff: retryAfter(SECOND),
    });
    this.under.logAllIn(phones);
    const { onFrame } = this.under.switch;
    this.under.switch.onFrame = (frame) => {
      onFrame(frame);
      if (frame.type !== FrameType.SEND) return;
      const id = readSerial(frame.body, 0);
      this.sends.push({ row: frame.row, id, atMicros: this.under.nowMicros });
      if (this.acknowledges) this.under.switch.saySerial(frame.row, FrameType.ACKNOWLEDGED, id);
    };
  }

  /** Sends for so long, and then no more. */
  send(micros: number): this {
    this.under.lane.startTraffic(this.under.nowMicros);
    this.under.runFor(micros);
    this.under.lane.stopTraffic();
    return this;
  }

  /** When each message was sent, since the first time, in seconds. */
  get times(): number[][] {
    const byMessage = new Map<string, number[]>();
    for (const { row, id, atMicros } of this.sends) {
      const times = byMessage.get(`${row} ${id}`) ?? [];
      byMessage.set(`${row} ${id}`, [...times, atMicros]);
    }
    return [...byMessage.values()].map((times) => times.map((micros) => (micros - (times[0] ?? 0)) / SECOND));
  }
}

describe('a message that is not acknowledged', () => {
  it('is sent again after 20, 40 and 60 seconds, and then no more', () => {
    const lane = new Unanswered(20, 200).send(SECOND / 4);
    assert.ok(lane.sends.length >= 40);
    lane.under.runFor(150 * SECOND, 50_000);
    for (const times of lane.times) {
      assert.equal(times.length, 4, `${times}`);
      for (const [n, seconds] of times.entries())
        assert.ok(seconds >= 20 * n - 0.01 && seconds <= 20 * n + 4.5, `${times}`); // a sweep takes four seconds
    }
    assert.equal(lane.under.count('messagesResent'), 3 * lane.times.length);
    assert.equal(lane.under.count('messagesUnanswered'), lane.times.length, 'it still waits');
  });

  it('is found wherever it is in a large table', () => {
    const lane = new Unanswered(200, 2000, 2 ** 16).send(SECOND / 2);
    assert.ok(lane.sends.length > 900);
    lane.under.runFor(26 * SECOND, 5000);
    assert.ok(
      lane.times.every((times) => times.length === 2),
      'each was sent again, once',
    );
  });

  it('is not sent again once it is acknowledged', () => {
    const lane = new Unanswered(20, 200).send(SECOND / 4);
    const first = lane.sends.length;
    lane.acknowledges = true;
    lane.under.runFor(150 * SECOND, 50_000);
    assert.equal(lane.sends.length, 2 * first);
    assert.equal(lane.under.count('messagesUnanswered'), 0);
  });

  it('waits while its phone is away, and is sent on the next connection alone', () => {
    const lane = new Unanswered(20, 200).send(SECOND / 4);
    const first = lane.sends.length;
    lane.under.switch.onConnect = () => {}; // nobody comes back
    for (let row = 0; row < 512; row++) lane.under.switch.cut(row, CloseReason.BROKEN);
    lane.under.runFor(30 * SECOND, 50_000);
    assert.equal(lane.sends.length, first, 'there is no connection to send it on');
  });

  it('is sent once on a new connection after a long outage, and then given time', () => {
    const lane = new Unanswered(20, 200).send(SECOND / 4);
    const first = lane.sends.length;
    const { onConnect } = lane.under.switch;
    lane.under.switch.onConnect = (row) => lane.under.switch.refuse(row);
    for (let row = 0; row < 512; row++) lane.under.switch.cut(row, CloseReason.BROKEN);
    lane.under.runFor(90 * SECOND, 50_000);
    lane.under.switch.onConnect = onConnect;
    lane.under.runFor(20 * SECOND, 50_000);
    const back = lane.sends[first]?.atMicros ?? Number.POSITIVE_INFINITY;
    const soon = lane.sends.filter(({ atMicros }) => atMicros >= back && atMicros < back + 9 * SECOND);
    const messages = soon.map(({ row, id }) => `${row} ${id}`);
    assert.ok(messages.length > 0);
    assert.equal(new Set(messages).size, messages.length, 'no copy follows another');
  });

  it('is sent late rather than in a burst where the lane has slept through the time', () => {
    const lane = new Unanswered(20, 200).send(SECOND / 4);
    const first = lane.sends.length;
    lane.under.step(1000 * SECOND);
    lane.under.runFor(10 * SECOND, 50_000);
    const again = lane.sends.length - first;
    assert.ok(again >= first && again <= 3 * first, `${again} of ${first} were sent again`);
    assert.ok(lane.times.every((times) => times.length >= 2 && times.length <= 4));
  });
});

describe('a login that is not answered', () => {
  for (const [seconds, latest] of [
    [0.5, 1.1],
    [3, 6.1],
    [10, 14.5],
  ] as const)
    it(`times out after ${seconds} s, and is found soon`, () => {
      const under = new LaneUnderTest(50, { loginTimeoutMicros: seconds * SECOND, inFlightPlaces: 2 ** 10 });
      under.lane.openLogins(50, 0, 0);
      under.runFor(10_000);
      under.runFor((seconds - 0.1) * SECOND, 20_000);
      assert.equal(under.count('loginsTimedOut'), 0);
      under.runFor((latest - seconds + 0.1) * SECOND, 20_000);
      assert.ok(under.count('loginsTimedOut') >= 50, `${under.count('loginsTimedOut')} of 50`);
      assert.equal(under.count('loginsAccepted'), 0);
    });
});
