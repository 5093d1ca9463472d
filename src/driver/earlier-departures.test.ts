/** Phones that are away for long: as many are, and as many return, when traffic begins as at any later time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockOrder } from '../wire/block-order.ts';
import { FrameType } from '../wire/frames.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';
import { Population } from './terms/population.ts';

const PHONES = 4000;
const SECOND = 1e6;
const STEP_MICROS = 10_000;
const SESSION_SECONDS = 12.8;
const AWAY_SECONDS = 20;
/** By how many standard deviations a count may differ from its mean. */
const DEVIATIONS_MAX = 5;
const AWAY: Partial<LaneSettings> = {
  sessionMicros: SESSION_SECONDS * SECOND,
  awayMicros: AWAY_SECONDS * SECOND,
  messages: Arrivals.constant(0),
};

/** A lane whose phones have logged in, and whose traffic begins. */
function started(changes: Partial<LaneSettings> = {}): LaneUnderTest {
  const under = new LaneUnderTest(PHONES, { ...AWAY, ...changes });
  under.logAllIn(PHONES);
  under.logins.length = 0;
  under.lane.startTraffic(under.nowMicros);
  return under;
}

/** Whether a count of phones, each of which is in it with this probability, is as expected. */
function assertShare(count: number, share: number, what: string): void {
  const [mean, deviation] = [PHONES * share, Math.sqrt(PHONES * share * (1 - share))];
  assert.ok(Math.abs(count - mean) < DEVIATIONS_MAX * deviation, `${what}: ${count} phones, ${mean} expected`);
}

describe('phones that are away for longer than they are connected', () => {
  it('are away in the same share and return at the same rate from the start of traffic on', () => {
    const under = started();
    const cycle = SESSION_SECONDS + AWAY_SECONDS;
    under.runFor(STEP_MICROS);
    for (let second = 0; second < 2 * cycle; second++) {
      assertShare(under.count('held'), SESSION_SECONDS / cycle, `online after ${second} s`);
      const before = under.count('returns');
      under.runFor(SECOND, STEP_MICROS);
      assertShare(under.count('returns') - before, 1 / cycle, `back in second ${second}`);
    }
    assert.ok(Math.max(...under.logins) <= 2 * STEP_MICROS, 'each returns when its absence is over');
    assert.equal(under.count('departuresSkipped'), 0);
  });

  it('are fewer where sessions pass more slowly at the start of a curve', () => {
    const under = started({ churnTime: Arrivals.constant(SECOND / 4) });
    under.runFor(STEP_MICROS);
    assertShare(under.count('held'), (4 * SESSION_SECONDS) / (4 * SESSION_SECONDS + AWAY_SECONDS), 'online');
  });

  it('are fewer in a zone where sessions pass more slowly at the start of a curve', () => {
    const churnByZone = {
      shares: [0.5, 0.5],
      arrivals: [SECOND, SECOND / 4].map((passed) => Arrivals.constant(passed)),
      zoneOf: Uint8Array.from(blockOrder([500, 500])),
    };
    const under = started({ churnTime: Arrivals.constant((SECOND * 5) / 8), churnByZone });
    under.runFor(STEP_MICROS);
    const shareOf = (seconds: number): number => seconds / (seconds + AWAY_SECONDS);
    assertShare(under.count('held'), (shareOf(SESSION_SECONDS) + shareOf(4 * SESSION_SECONDS)) / 2, 'online');
  });

  it('are all there where they return at once, or where the level of a curve is 0', () => {
    for (const changes of [{ awayMicros: 0 }, { churnTime: Arrivals.constant(0) }]) {
      const under = started(changes);
      under.runFor(1);
      assert.equal(under.count('departures'), 0);
    }
  });

  it('return when their absence is over, also those who left late because so many leave at the start', () => {
    const under = started();
    const step = 20_000; // one turn each, so that it takes several to let them all go
    for (let n = 0; n < SECOND / step; n++) under.step(step);
    under.logins.length = 0;
    for (let n = 0; n < ((AWAY_SECONDS + 1) * SECOND) / step; n++) under.step(step);
    assert.ok(under.logins.length > PHONES / 2);
    assert.ok(Math.max(...under.logins) <= 3 * step, `${Math.max(...under.logins)} µs late`);
  });

  it('leave once there is room, and come back', () => {
    const under = started();
    under.switch.hasRoom = false;
    under.runFor(5 * STEP_MICROS, STEP_MICROS);
    under.switch.hasRoom = true;
    under.lane.stopTraffic();
    under.runFor((AWAY_SECONDS + 1) * SECOND, STEP_MICROS);
    assert.equal(under.count('held'), PHONES);
    assertShare(under.count('departures'), AWAY_SECONDS / (SESSION_SECONDS + AWAY_SECONDS), 'left');
  });

  it('are the same however slowly they leave', () => {
    const leavers = (stepMicros: number, turns: number): number[] => {
      const under = started();
      const answer = under.switch.onFrame;
      const left: number[] = [];
      under.switch.onFrame = (frame) => {
        answer(frame);
        if (frame.type === FrameType.LOGOUT) left.push(frame.row);
      };
      for (let turn = 0; turn < turns; turn++) under.step(stepMicros);
      return left;
    };
    const atOnce = leavers(1, 30);
    assertShare(atOnce.length, AWAY_SECONDS / (SESSION_SECONDS + AWAY_SECONDS), 'left');
    assert.deepEqual(leavers(SECOND / 2, 30).slice(0, atOnce.length), atOnce);
  });

  it('are the same for any number of lanes', () => {
    const leavers = (lanes: number): number[] => {
      const population = new Population(PHONES, PHONES, lanes);
      const left: number[] = [];
      for (let lane = 0; lane < lanes; lane++) {
        const under = started({ population, lane });
        const answer = under.switch.onFrame;
        under.switch.onFrame = (frame) => {
          answer(frame);
          if (frame.type === FrameType.LOGOUT) left.push(population.phoneAt(lane, frame.row));
        };
        under.runFor(STEP_MICROS);
      }
      return left.sort((a, b) => a - b);
    };
    const ofOne = leavers(1);
    assertShare(ofOne.length, AWAY_SECONDS / (SESSION_SECONDS + AWAY_SECONDS), 'left');
    assert.deepEqual(leavers(3), ofOne);
  });
});
