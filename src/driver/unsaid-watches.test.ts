/** More phones than the queue holds find no room to say what they watch: each says it once there is room. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PresenceProtocol } from '../wire/phone-protocol.ts';
import { BareLane, NotingProtocol } from './bare-lane.test-suite.ts';
import { PhonePresence } from './phone-presence.ts';
import { NO_PRESENCE } from './presence/presence-load.ts';
import { PhoneState } from './tables/phone-table.ts';

const PHONES = 80_000;
const QUEUE = 2 ** 16;

/** Counts who says what it watches. */
class WatchingProtocol extends NotingProtocol {
  /** By row, how often. */
  readonly watched: Int32Array;
  readonly presence: PresenceProtocol = {
    watch: (row) => {
      if (this.room === 0) return false;
      this.room--;
      this.watched[row] = (this.watched[row] ?? 0) + 1;
      return true;
    },
    setAvailable: () => true,
    typing: () => true,
  };

  constructor(phones: number) {
    super();
    this.watched = new Int32Array(phones);
  }
}

class WatchingLane {
  readonly lane: BareLane;
  readonly protocol: WatchingProtocol;
  readonly presence: PhonePresence;

  /** All phones are online, and the transport has no room. */
  constructor(phones = PHONES, watchersShare = NO_PRESENCE.watchersShare) {
    this.lane = new BareLane(phones, { contacts: 2, presence: { ...NO_PRESENCE, watch: 2, watchersShare } });
    this.protocol = new WatchingProtocol(phones);
    this.lane.state.protocol = this.protocol;
    this.presence = new PhonePresence(this.lane.state);
    this.protocol.room = 0;
    for (let row = 0; row < phones; row++) this.logIn(row);
  }

  logIn(row: number): void {
    this.lane.state.phones.setState(row, PhoneState.ONLINE);
    this.presence.loggedIn(row);
  }

  /** Works until no phone waits. */
  workThrough(): void {
    for (let turns = 0; this.presence.waits; turns++) {
      assert.ok(turns < 2000, 'it comes to an end');
      this.presence.doWork();
    }
  }

  get silent(): number {
    return this.protocol.watched.filter((times) => times === 0).length;
  }
}

describe('phones that find no room to say what they watch', () => {
  it('all say it when there is room, also those that found the queue full', () => {
    const lane = new WatchingLane();
    assert.equal(lane.presence.doWork(), 0, 'there is no room');
    assert.equal(lane.presence.waits, true);
    lane.protocol.room = 2 * QUEUE;
    while (lane.protocol.room > 0) lane.presence.doWork();
    assert.equal(lane.silent, PHONES - QUEUE);
    assert.equal(lane.presence.waits, true, 'the lane has to look for the others');
    lane.protocol.room = Number.POSITIVE_INFINITY;
    lane.workThrough();
    assert.equal(lane.silent, 0);
    assert.equal(
      lane.lane.count('watchesSent'),
      lane.protocol.watched.reduce((sum, times) => sum + times, 0),
    );
    assert.equal(lane.presence.doWork(), 0, 'and there is no further round');
  });

  it('say nothing twice, though nobody answers, and nothing once they have left', () => {
    const lane = new WatchingLane();
    lane.protocol.room = 2 * QUEUE + 1;
    while (lane.protocol.room > 0) lane.presence.doWork();
    assert.equal(lane.protocol.watched.filter((times) => times === 1).length, 1, 'it has room for one of the two');
    lane.lane.state.phones.setState(PHONES - 1, PhoneState.AWAY);
    lane.protocol.room = Number.POSITIVE_INFINITY;
    lane.workThrough();
    assert.equal(lane.protocol.watched.filter((times) => times === 2).length, PHONES - 1);
    assert.equal(lane.protocol.watched[PHONES - 1], 0);
  });

  it('say it also about a contact of which a notice comes before that', () => {
    const lane = new WatchingLane(4);
    const { state } = lane.lane;
    lane.presence.notice(2, state.messagePlan.contacts.phoneOf(state.phoneAt(2), 1), true, 0);
    assert.equal(lane.lane.count('presenceAnswers'), 1);
    lane.protocol.room = Number.POSITIVE_INFINITY;
    lane.workThrough();
    assert.deepEqual([...lane.protocol.watched], [2, 2, 2, 2]);
  });

  it('say it again after the next login', () => {
    const lane = new WatchingLane(4);
    lane.protocol.room = Number.POSITIVE_INFINITY;
    lane.workThrough();
    lane.logIn(2);
    lane.workThrough();
    assert.deepEqual([...lane.protocol.watched], [2, 2, 4, 2]);
  });

  it('are only those that watch, also after the queue was full', () => {
    const lane = new WatchingLane(2 * PHONES, 0.5);
    lane.protocol.room = Number.POSITIVE_INFINITY;
    lane.workThrough();
    const watchers = lane.protocol.watched.filter((times) => times > 0).length;
    assert.ok(watchers > QUEUE, 'the queue was full');
    assert.ok(watchers < 0.52 * 2 * PHONES, `${watchers} of ${2 * PHONES} phones watch`);
  });

  it('need no round where the queue was never full', () => {
    const lane = new BareLane(600, { presence: { ...NO_PRESENCE, watch: 1 } });
    const protocol = new WatchingProtocol(600);
    lane.state.protocol = protocol;
    const presence = new PhonePresence(lane.state);
    protocol.room = 0;
    for (let row = 0; row < 300; row++) {
      lane.state.phones.setState(row, PhoneState.ONLINE);
      presence.loggedIn(row);
    }
    protocol.room = Number.POSITIVE_INFINITY;
    assert.deepEqual([presence.doWork(), presence.doWork(), presence.doWork()], [256, 44, 0]);
    assert.equal(presence.waits, false);
    assert.ok(protocol.watched.every((times) => times <= 1));
  });
});
