/** Phones that go offline in every way there is: who counts as held, and what their watchers may measure. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, readSerial } from '../wire/frames.ts';
import { PRESENCE_FRAME_BYTES, PresenceState, writePresence } from '../wire/presence-frames.ts';
import { CloseReason } from '../wire/transport.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { NO_PRESENCE } from './presence/presence-load.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import type { Departure, LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';
import { DriverCounter } from './terms/driver-counters.ts';

const PHONES = 60;
const SECOND = 1e6;
const MISFITS = {
  stalledReaders: 0,
  hotAccountShare: 0,
  hotGroupShare: 0,
  duplicateConnectsPerSecond: 0,
  sentAgainShare: 0,
};
const platform = (name: string, share: number, sessionMicros: number) => ({
  name,
  share,
  heartbeatMicros: Number.POSITIVE_INFINITY,
  session: { distribution: 'exponential', meanMicros: sessionMicros } as const,
  awayMicros: 50_000,
});

/** A lane of three platforms whose phones leave, connect twice and are hit by storms. */
function busyLane(departure: Departure): LaneUnderTest {
  const share = (atMicros: number, silenceMicros: number | null) =>
    ({ atMicros, target: { kind: 'share', share: 0.5 }, silenceMicros }) as const;
  const changes: Partial<LaneSettings> = {
    departure,
    platforms: [platform('a', 0.5, 300_000), platform('b', 0.3, 100_000), platform('c', 0.2, SECOND)],
    misfits: { ...MISFITS, duplicateConnectsPerSecond: 100 },
    storms: [share(200_000, null), share(600_000, 20_000)],
    loginBackoff: retryAfter(20_000),
    inFlightPlaces: 64, // fewer than logins at a time: some wait for a place
  };
  return new LaneUnderTest(PHONES, changes);
}

describe('phones that go offline', () => {
  for (const departure of ['logout', 'drop', 'vanish'] satisfies Departure[]) {
    it(`are no longer held by their platform, whatever ended their connection (${departure})`, () => {
      const under = busyLane(departure);
      under.logAllIn(PHONES);
      const answerLogin = under.switch.onFrame;
      under.switch.onFrame = (frame) => {
        answerLogin(frame);
        if (frame.type !== FrameType.SEND) return;
        under.switch.saySerial(frame.row, FrameType.ACKNOWLEDGED, readSerial(frame.body, 0));
      };
      under.lane.startTraffic(under.nowMicros);
      for (let turn = 0; turn < 1500; turn++) {
        under.switch.hasRoom = turn % 7 !== 0;
        if (turn % 50 === 0) under.switch.cut(turn % PHONES, CloseReason.HEARTBEAT_MISSED);
        under.runFor(1000);
        const held = [...under.lane.counters.subarray(DriverCounter.platformHeld0, DriverCounter.platformHeld0 + 3)];
        assert.ok(Math.min(...held) >= 0, `${held}`);
        assert.equal(
          held.reduce((sum, one) => sum + one),
          under.count('held'),
          `turn ${turn}`,
        );
      }
      const ended = ['departures', 'duplicateConnects', 'stormDrops', 'connectionsLostHeartbeat'] as const;
      for (const name of ended) assert.ok(under.count(name) > 10, `${name}: ${under.count(name)}`);
      under.switch.hasRoom = true;
      under.lane.stopTraffic();
      under.runFor(SECOND);
      assert.equal(under.count('held'), PHONES, 'all are back');
    });
  }
});

describe('phones that return to a switch that does not answer', () => {
  /** A third of the phones log out soon after the start of traffic, and return; no login of theirs is answered. */
  function crowded(): LaneUnderTest {
    const stays = { ...platform('stays', 0.6, SECOND), session: { distribution: 'none' } as const };
    const under = new LaneUnderTest(300, {
      platforms: [stays, platform('leaves', 0.4, 100_000)],
      messages: Arrivals.constant(2000),
      inFlightPlaces: 64,
    });
    under.logAllIn(300);
    under.switch.onFrame = ({ type, row, body }) => {
      if (type === FrameType.SEND) under.switch.saySerial(row, FrameType.ACKNOWLEDGED, readSerial(body, 0));
    };
    under.lane.startTraffic(under.nowMicros);
    return under;
  }

  it('leave half of the places in flight to messages', () => {
    const under = crowded();
    under.runFor(500_000);
    const [sent, returns] = [under.count('messagesSent'), under.count('returns')];
    assert.ok(returns > 0 && returns <= 32, `${returns} logins in progress`);
    under.runFor(SECOND);
    assert.equal(under.count('returns'), returns, 'the others wait');
    const messages = under.count('messagesSent') - sent;
    assert.ok(messages > 900, `${messages} messages of about 1,200 by phones that stay`);
  });

  it('all return once it answers', () => {
    const under = crowded();
    under.runFor(500_000);
    const acknowledge = under.switch.onFrame;
    under.switch.onFrame = (frame) => {
      acknowledge(frame);
      if (frame.type === FrameType.LOGIN) under.switch.accept(frame.row);
    };
    under.lane.stopTraffic();
    under.runFor(15 * SECOND, 5000); // logins in progress time out first
    assert.equal(under.count('held'), 300);
  });
});

describe('a notice about a phone whose connection was cut off without notice', () => {
  /** Two phones that watch each other. */
  const under = new LaneUnderTest(2, {
    presence: { ...NO_PRESENCE, watch: 1 },
    misfits: { ...MISFITS, duplicateConnectsPerSecond: 10 },
  });
  const say = (watcher: number, isAvailable: boolean): void => {
    const account = 447_700_000_000 + 1 - watcher;
    const state = isAvailable ? PresenceState.AVAILABLE : PresenceState.UNAVAILABLE;
    under.switch.say(watcher, PRESENCE_FRAME_BYTES, (view) =>
      writePresence(view, 0, Math.floor(account / 2 ** 32), (account % 2 ** 32) | 0, state, 0),
    );
    under.runFor(1000);
  };

  it('is not measured from its earlier login', () => {
    under.logAllIn(2);
    for (const watcher of [0, 1]) {
      say(watcher, false);
      say(watcher, true);
      say(watcher, false);
    }
    assert.equal(under.presences.length, 2, 'the time since a login is measured');
    let gone = -1;
    under.switch.onConnect = (row) => {
      gone = row; // nobody answers
    };
    under.lane.startTraffic(under.nowMicros);
    for (let turn = 0; turn < 1000 && gone < 0; turn++) under.runFor(1000);
    assert.ok(gone >= 0, 'one connects a second time');
    say(1 - gone, true);
    assert.equal(under.count('held'), 1, 'the other is still there');
    assert.equal(under.count('presenceNotices'), 7, 'and has heard of it');
    assert.equal(under.presences.length, 2);
  });
});
