/** A lane whose phones have platforms when traffic begins: who is away, and who returns. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, readSerial } from '../wire/frames.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { type Platform, PlatformShares } from './people/platforms.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';
import { Population } from './terms/population.ts';

const PHONES = 4000;
const SECOND = 1e6;
const STEP_MICROS = 10_000;
/** By how many standard deviations a count may differ from its mean. */
const DEVIATIONS_MAX = 5;

const platform = (share: number, sessionSeconds: number, awaySeconds: number): Platform => ({
  name: 'of a test',
  share,
  heartbeatMicros: Number.POSITIVE_INFINITY,
  session: { distribution: 'exponential', meanMicros: sessionSeconds * SECOND },
  awayMicros: awaySeconds * SECOND,
});
/** Of their cycles, phones of the first are away for 3/5, those of the second for 1/6. */
const PLATFORMS = [platform(0.5, 8, 12), platform(0.5, 25, 5)] as const;

/** A lane whose phones have logged in, and whose traffic begins. */
function started(changes: Partial<LaneSettings> = {}): LaneUnderTest {
  const under = new LaneUnderTest(PHONES, { platforms: PLATFORMS, messages: Arrivals.constant(0), ...changes });
  under.logAllIn(PHONES);
  under.logins.length = 0;
  under.lane.startTraffic(under.nowMicros);
  return under;
}

/** Phones in the order in which they log out from now on. */
function leaversOf(under: LaneUnderTest): number[] {
  const answer = under.switch.onFrame;
  const left: number[] = [];
  under.switch.onFrame = (frame) => {
    answer(frame);
    if (frame.type === FrameType.LOGOUT) left.push(frame.row);
  };
  return left;
}

/** Whether a count of phones, each of which is in it with this probability, is as expected. */
function assertShare(count: number, phones: number, share: number, what: string): void {
  const [mean, deviation] = [phones * share, Math.sqrt(phones * share * (1 - share))];
  assert.ok(Math.abs(count - mean) < DEVIATIONS_MAX * deviation, `${what}: ${count} phones, ${mean} expected`);
}

const shares = new PlatformShares(1, PLATFORMS);
const ofFirst = Array.from({ length: PHONES }, (_, phone) => phone).filter((phone) => shares.of(phone) === 0).length;

describe('phones of platforms', () => {
  it('are away in the share of theirs and return at its rate from the start of traffic on', () => {
    const under = started();
    under.runFor(2 * STEP_MICROS);
    for (let second = 0; second < 40; second++) {
      assertShare(under.count('platformHeld0'), ofFirst, 2 / 5, `online of the first after ${second} s`);
      assertShare(under.count('platformHeld1'), PHONES - ofFirst, 5 / 6, `online of the second after ${second} s`);
      const before = under.count('returns');
      under.runFor(SECOND, STEP_MICROS);
      assertShare(under.count('returns') - before, PHONES, (1 / 20 + 1 / 30) / 2, `back in second ${second}`);
    }
  });

  it('are away in the same share where time passes more slowly for them at the start of a curve', () => {
    const under = started({ churnTime: Arrivals.constant(SECOND / 4) });
    under.runFor(2 * STEP_MICROS);
    assertShare(under.count('platformHeld0'), ofFirst, 2 / 5, 'online');
    const before = under.count('returns');
    under.runFor(4 * SECOND, STEP_MICROS);
    assertShare(under.count('returns') - before, PHONES, (1 / 20 + 1 / 30) / 2, 'back in 4 s');
  });

  it('leave a few per turn, and others leave and come back when they have left, as often as ever', () => {
    const under = started({ platforms: [platform(1, 1, 1)] });
    const step = 20_000;
    let before = 0;
    for (let turn = 0; under.count('lanesBeginning') > 0; turn++) {
      assert.ok(turn < 30, 'it comes to an end');
      under.step(step);
      const left = under.count('departures') - before;
      assert.ok(left <= 256 && (left > 200 || before > PHONES / 3), `${left} leave in turn ${turn}`);
      before += left;
    }
    assertShare(under.count('departures'), PHONES, 1 / 2, 'left before traffic');
    assert.ok(under.count('returns') < 10, `${under.count('returns')} are back`);
    for (let second = 0; second < 3; second++) {
      assertShare(under.count('held'), PHONES, 1 / 2, `online after ${second} s`);
      const returned = under.count('returns');
      under.runFor(SECOND, step);
      assertShare(under.count('returns') - returned, PHONES, 1 / 2, `back in second ${second}`);
    }
  });

  it('leave once there is room, and come back', () => {
    const under = started();
    under.switch.hasRoom = false;
    under.runFor(5 * STEP_MICROS, STEP_MICROS);
    assert.ok(under.count('departures') < 2 * 256, 'most wait while those that left first find no room');
    assert.equal(under.count('lanesBeginning'), 1);
    under.switch.hasRoom = true;
    under.runFor(5 * STEP_MICROS, STEP_MICROS);
    assertShare(under.count('departures'), PHONES, (3 / 5 + 1 / 6) / 2, 'left');
    assert.equal(under.count('lanesBeginning'), 0);
    under.lane.stopTraffic();
    under.runFor(13 * SECOND, STEP_MICROS);
    assert.equal(under.count('held'), PHONES);
  });

  it('stay where traffic ends before they have left, and leave after a pause where there is one', () => {
    const stopped = started();
    stopped.step(1);
    const left = stopped.count('departures');
    assert.ok(left > 0 && left <= 256);
    stopped.lane.stopTraffic();
    stopped.runFor(13 * SECOND, STEP_MICROS);
    assert.deepEqual([stopped.count('departures'), stopped.count('held')], [left, PHONES]);

    const paused = started();
    paused.step(1);
    paused.lane.pauseLoad();
    paused.runFor(SECOND);
    assert.equal(paused.count('departures'), left, 'nobody leaves in a pause');
    assert.equal(paused.lane.untilDueMicros(500), 500, 'the thread may sleep');
    paused.lane.resumeLoad(SECOND);
    paused.runFor(STEP_MICROS);
    assertShare(paused.count('held'), PHONES, (2 / 5 + 5 / 6) / 2, 'online');
  });

  it('are the same for any number of lanes, and however slowly they leave', () => {
    const leavers = (lanes: number, stepMicros: number): number[] => {
      const population = new Population(PHONES, PHONES, lanes);
      const left: number[] = [];
      for (let lane = 0; lane < lanes; lane++) {
        const under = started({ population, lane, platforms: [platform(1, 1e5, 1e5)] });
        const rows = leaversOf(under);
        for (let turn = 0; turn < 100; turn++) under.step(stepMicros);
        for (const row of rows) left.push(population.phoneAt(lane, row));
      }
      return left.sort((a, b) => a - b);
    };
    const ofOne = leavers(1, 1);
    assertShare(ofOne.length, PHONES, 1 / 2, 'left');
    assert.deepEqual(leavers(3, 1), ofOne);
    assert.deepEqual(leavers(1, 5000), ofOne);
  });

  it('are woken by messages also where they left before traffic', () => {
    const push = { delayMicros: 50_000, sigma: 0, sessionMicros: 100_000 };
    const under = started({ platforms: [{ ...platform(1, 1e5, 1e5), push }], messages: Arrivals.constant(1000) });
    const answer = under.switch.onFrame;
    under.switch.onFrame = (frame) => {
      answer(frame);
      if (frame.type === FrameType.SEND)
        under.switch.saySerial(frame.row, FrameType.ACKNOWLEDGED, readSerial(frame.body, 0));
    };
    under.runFor(SECOND);
    const [pushes, woken] = [under.count('platformPushes0'), under.count('platformWoken0')];
    assert.ok(pushes > 100 && woken > 0.7 * pushes, `${pushes} pushes, ${woken} woken`);
    assert.ok(under.count('departures') > PHONES / 2 - 300 + woken / 2, 'and sleep again');
  });
});
