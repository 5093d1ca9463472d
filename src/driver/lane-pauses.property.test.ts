/** A lane whose load is paused now and then, against one that is never paused: the same events, later by the pauses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameType, readSerial } from '../wire/frames.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 40;
const SECOND = 1e6;
const SETTINGS: Partial<LaneSettings> = {
  messages: Arrivals.constant(300),
  messagePacing: 'poisson',
  logins: Arrivals.constant(50),
  sessionMicros: 1e5 * SECOND,
  awayMicros: 100 * SECOND,
};
/** How much sooner phones leave: so often that many leave within a test, while none is away before. */
const DEPARTURES_FACTOR = 1e5 / 2;
/** Turns of a millisecond with load, and turns without. */
const pieces = fc.array(fc.record({ load: fc.integer({ min: 1, max: 300 }), pause: fc.nat(2000) }), {
  minLength: 1,
  maxLength: 6,
});

/** What phones did, and when, on a clock that stands still in pauses. */
class Watched {
  readonly lane = new LaneUnderTest(PHONES, SETTINGS);
  readonly events: string[] = [];
  pausedMicros = 0;

  constructor() {
    const { switch: server } = this.lane;
    server.onConnect = (row) => {
      this.#note('connects', row);
      server.open(row);
    };
    server.onFrame = ({ row, type, body }) => {
      if (type === FrameType.LOGIN) server.accept(row);
      if (type === FrameType.SEND) {
        this.#note('sends', row);
        server.saySerial(row, FrameType.ACKNOWLEDGED, readSerial(body, 0));
      }
      if (type === FrameType.LOGOUT) this.#note('leaves', row);
    };
  }

  /** Logs phones in or starts traffic, and runs the pieces, with a pause after each. */
  run(parts: readonly { readonly load: number; readonly pause: number }[]): void {
    for (const { load, pause } of parts) {
      this.lane.runFor(load * 1000);
      if (pause === 0) continue;
      const before = this.events.length;
      this.lane.lane.pauseLoad();
      this.lane.runFor(pause * 1000);
      assert.equal(this.events.length, before, 'nothing happens in a pause');
      this.lane.lane.resumeLoad(pause * 1000);
      this.pausedMicros += pause * 1000;
    }
  }

  #note(what: string, row: number): void {
    this.events.push(`${what} ${row} ${(this.lane.nowMicros - this.pausedMicros).toFixed(0)}`);
  }
}

describe('a lane whose load is paused', () => {
  it('does afterwards what it would have done, later by the pauses, with no latency that includes them', () => {
    fc.assert(
      fc.property(pieces, pieces, (ramp, traffic) => {
        const [plain, paused] = [new Watched(), new Watched()];
        const withoutPauses = (parts: typeof ramp): typeof ramp => parts.map(({ load }) => ({ load, pause: 0 }));
        for (const [watched, ofRamp, ofTraffic] of [
          [plain, withoutPauses(ramp), withoutPauses(traffic)],
          [paused, ramp, traffic],
        ] as const) {
          watched.lane.lane.openLogins(PHONES, 0, watched.lane.nowMicros);
          watched.run([...ofRamp, { load: SECOND / 1000, pause: 0 }]);
          watched.lane.lane.startTraffic(watched.lane.nowMicros);
          watched.lane.lane.changeDepartures(DEPARTURES_FACTOR, watched.lane.nowMicros);
          watched.run(ofTraffic);
        }
        assert.ok(plain.events.length >= PHONES, 'everybody connects');
        assert.deepEqual(paused.events, plain.events);
        assert.deepEqual(paused.lane.sendDelays.map(Math.round), plain.lane.sendDelays.map(Math.round));
        assert.deepEqual(paused.lane.logins.map(Math.round), plain.lane.logins.map(Math.round));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps its connections: heartbeats, answers and the returns of absent phones go on', () => {
    const under = new LaneUnderTest(10, { heartbeatMicros: SECOND, sessionMicros: SECOND / 2, awayMicros: 2 * SECOND });
    under.logAllIn(10);
    under.lane.startTraffic(under.nowMicros);
    under.runFor(SECOND);
    assert.ok(under.count('departures') > 0 && under.count('held') < 10);
    under.lane.pauseLoad();
    const sent = under.count('messagesSent');
    under.runFor(3 * SECOND);
    assert.equal(under.count('held'), 10, 'whoever was away has come back, and none has left');
    const heartbeats = under.count('heartbeats');
    under.runFor(3 * SECOND);
    assert.equal(under.count('heartbeats'), heartbeats + 30);
    assert.equal(under.count('messagesSent'), sent);
    assert.equal(under.count('messagesBacklog'), 0, 'nothing is due');
    assert.equal(under.lane.untilDueMicros(500), 500, 'the thread may sleep');
  });

  it('starts traffic and further logins only after the pause, also where the order came in it', () => {
    const under = new LaneUnderTest(20, { messages: Arrivals.constant(100) });
    under.logAllIn(10);
    under.lane.pauseLoad();
    under.lane.pauseLoad(); // no second pause
    under.lane.openLogins(20, 10, under.nowMicros);
    under.lane.startTraffic(under.nowMicros);
    under.runFor(SECOND);
    assert.deepEqual([under.count('held'), under.count('messagesSent')], [10, 0]);
    under.lane.resumeLoad(SECOND);
    under.lane.resumeLoad(SECOND); // not longer by another second
    under.runFor(SECOND / 2);
    assert.equal(under.count('held'), 20);
    assert.ok(Math.abs(under.count('messagesSent') - 50) <= 1, `${under.count('messagesSent')} sent`);
  });
});
