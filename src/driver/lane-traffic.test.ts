/** Changes of the rates of a lane's traffic, after some of it has passed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, readSerial } from '../wire/frames.ts';
import { CLAIM_FULL } from '../wire/transport.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 40;
const SECOND = 1e6;

/** A lane whose phones are online and whose traffic has begun; every message is acknowledged. */
class Trafficking {
  readonly under: LaneUnderTest;
  /** When messages were sent, in microseconds. */
  sentMicros: number[] = [];

  constructor(changes: Partial<LaneSettings>) {
    this.under = new LaneUnderTest(PHONES, changes);
    const { under } = this;
    under.logAllIn(PHONES);
    under.switch.onFrame = ({ row, type, body }) => {
      if (type === FrameType.LOGIN) under.switch.accept(row);
      if (type !== FrameType.SEND) return;
      this.sentMicros.push(under.nowMicros);
      under.switch.saySerial(row, FrameType.ACKNOWLEDGED, readSerial(body, 0));
    };
    under.lane.startTraffic(under.nowMicros);
    under.runFor(3 * SECOND);
  }

  /** When messages are sent in the second after a change of their rate, from the change on. */
  sentAfterChange(perSecond: number): number[] {
    const startMicros = this.under.nowMicros;
    this.sentMicros = [];
    this.under.lane.changeMessages(perSecond, startMicros);
    this.under.runFor(SECOND);
    return this.sentMicros.map((micros) => micros - startMicros);
  }

  /** How many phones leave at once after a change, and in how many seconds. */
  leftAfterChange(factor: number, seconds: number): [atOnce: number, all: number] {
    const before = this.under.count('departures');
    this.under.lane.changeDepartures(factor, this.under.nowMicros);
    this.under.runFor(1000);
    const atOnce = this.under.count('departures') - before;
    this.under.runFor(seconds * SECOND);
    return [atOnce, this.under.count('departures') - before];
  }
}

describe('the rate of messages', () => {
  it('is the new one from the moment of a change on, however often it changes', () => {
    const traffic = new Trafficking({ messages: Arrivals.constant(1000) });
    assert.ok(Math.abs(traffic.sentMicros.length - 3000) <= 1);
    for (const perSecond of [100, 250, 50]) {
      const gap = SECOND / perSecond;
      const expected = Array.from({ length: perSecond }, (_, n) => Math.ceil(((n + 0.5) * gap) / 1000) * 1000);
      assert.deepEqual(traffic.sentAfterChange(perSecond), expected, `${perSecond} per second`);
    }
    assert.ok(Math.max(...traffic.under.sendDelays) <= 1000, 'each is sent in the first turn after it is due');
  });

  it('has random numbers of its own after each change, the same from the same seed', () => {
    const lived = (): number[][] => {
      const traffic = new Trafficking({ messages: Arrivals.constant(100), messagePacing: 'poisson' });
      return [traffic.sentAfterChange(200), traffic.sentAfterChange(200)];
    };
    const [first, second] = lived();
    assert.notDeepEqual(second, first);
    assert.deepEqual(lived(), [first, second]);
  });
});

describe('messages without room', () => {
  it('are tried again by few phones at a time, each of which has its turn, and all leave when there is room', () => {
    const traffic = new Trafficking({ messages: Arrivals.constant(4000) });
    const { under } = traffic;
    const refused: number[] = [];
    under.switch.onRefusal = (row) => void refused.push(row);
    under.switch.hasRoom = false;
    const sentBefore = under.count('messagesSent');
    let turns = 0;
    for (let most = 0; turns < 1000; turns++) {
      const before = refused.length;
      under.step(100);
      most = Math.max(most, refused.length - before);
      assert.ok(most <= 16, `${most} phones in one turn`);
    }
    assert.ok(refused.length <= (turns * 100 * 16) / 250, 'they wait for 250 µs');
    const counts = Array.from({ length: PHONES }, (_, row) => refused.filter((other) => other === row).length);
    assert.ok(Math.min(...counts) > 0.5 * Math.max(...counts), `attempts of each phone: ${counts.join(' ')}`);
    under.switch.hasRoom = true;
    under.runFor(1000);
    assert.ok(
      Math.abs(under.count('messagesSent') - sentBefore - 404) <= 1,
      'those that were due, and those of a millisecond',
    );
  });

  it('are tried in each turn where only some phones have none', () => {
    const traffic = new Trafficking({ messages: Arrivals.constant(4000) });
    const { under } = traffic;
    const claim = under.switch.claim.bind(under.switch);
    // One phone reads nothing: its connection has no room, those of the others have.
    under.switch.claim = (connection, bytes, reserve) =>
      connection === 7 ? CLAIM_FULL : claim(connection, bytes, reserve);
    traffic.sentMicros = [];
    const delays = under.sendDelays.length;
    under.runFor(SECOND, 100);
    assert.ok(traffic.sentMicros.length > 0);
    assert.ok(
      Math.max(...under.sendDelays.slice(delays)) <= 100,
      'each of the others is sent in the first turn after it is due',
    );
  });
});

describe('messages that are late', () => {
  it('are sent by all phones in turn, if a turn cannot send all of them', () => {
    const { under } = new Trafficking({ messages: Arrivals.constant(4000) });
    const sent = new Array<number>(PHONES).fill(0);
    const { onFrame } = under.switch;
    under.switch.onFrame = (frame) => {
      if (frame.type === FrameType.SEND) sent[frame.row] = (sent[frame.row] ?? 0) + 1;
      onFrame(frame);
    };
    under.step(0.1 * SECOND); // a pause of the lane, after which 400 are due
    assert.equal(
      sent.reduce((sum, count) => sum + count, 0),
      256,
      'as many as a turn sends',
    );
    assert.ok(Math.max(...sent) - Math.min(...sent) <= 1, `messages of each phone: ${sent.join(' ')}`);
    for (let turn = 0; turn < 2; turn++) under.step(0);
    assert.deepEqual(new Set(sent), new Set([10]), 'and then the others');
  });
});

describe('the rate of departures', () => {
  it('is the new one from the moment of a change on, however often it changes', () => {
    // Phones are soon back, so nearly all of them are there to leave.
    const traffic = new Trafficking({ sessionMicros: 400 * SECOND, awayMicros: 1000 });
    for (const factor of [100, 200]) {
      const [atOnce, all] = traffic.leftAfterChange(factor, 20);
      const expected = (PHONES / 400) * factor * 20;
      assert.ok(atOnce <= 1, `${atOnce} phones left at once`);
      assert.ok(Math.abs(all - expected) < 5 * Math.sqrt(expected), `${all} phones left, of ${expected}`);
    }
  });
});
