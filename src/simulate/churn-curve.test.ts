/** Phones that come and go along the curve of a day, in a whole world, against what the plan says of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Platform } from '../driver/people/platforms.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { intendedReturns, platformReturnsPerSecond, platformsConnected } from '../plan/load/intended-returns.ts';
import { churnTime } from '../plan/load/load-curve.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

const ONLINE = 1900;
const STEP_MICROS = 250_000;
const STEPS = 16;

/** A day of 4 s that is quiet for half of it; the load settles for 0.5 s. */
function churn(level: string): Arrivals {
  const hours = Array.from({ length: 24 }, (_, hour) => (hour < 10 || hour > 20 ? level : '100%')).join(', ');
  const { settings } = parseScenario(
    `name: day
description: A scenario for tests
phones: {count: 1000, offline: 0, heartbeat: 60s, session: none}
login: {rate: 1000}
traffic: {rate: 1000, payload: 64B}
curve: {hours: [${hours}], day: 4s}
phases: {settle: 500ms, measure: 4s, drain: 1s}
`,
    'day.yaml',
  );
  return churnTime(settings) ?? assert.fail('there is a curve');
}

const heartbeatMicros = Number.POSITIVE_INFINITY;
const PLATFORMS: readonly Platform[] = [
  { name: 'stays', share: 0.2, heartbeatMicros, session: { distribution: 'none' }, awayMicros: 50_000 },
  {
    name: 'leaves',
    share: 0.5,
    heartbeatMicros,
    session: { distribution: 'exponential', meanMicros: 300_000 },
    awayMicros: 100_000,
  },
  {
    name: 'varies',
    share: 0.3,
    heartbeatMicros,
    session: { distribution: 'lognormal', medianMicros: 200_000, sigma: 1 },
    awayMicros: 50_000,
  },
];
const ONE_RATE = { sessionMicros: 300_000, awayMicros: 100_000 };

/** Returns in each step from the start of traffic on, and the world after it. */
function lived(
  churnTimeOfLanes: Arrivals | undefined,
  platforms?: readonly Platform[],
): { steps: number[]; world: World } {
  const world = new World(
    smallWorld({
      turnMicros: 500,
      lane: {
        ...(platforms === undefined ? ONE_RATE : { platforms }),
        ...(churnTimeOfLanes === undefined ? {} : { churnTime: churnTimeOfLanes }),
        heartbeatMicros,
        messages: Arrivals.constant(2000),
      },
      shard: { heartbeatTimeoutMicros: Number.POSITIVE_INFINITY },
    }),
  );
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5e6));
  world.startTraffic();
  let before = 0;
  const steps = Array.from({ length: STEPS }, () => {
    world.runFor(STEP_MICROS);
    const returned = world.driver('returns') - before;
    before += returned;
    return returned;
  });
  world.stopTraffic();
  return { steps, world };
}

/** By how many standard deviations of a count the steps differ from what is intended: the most. */
function offBy(steps: readonly number[], churnTimeOfPlan: Arrivals, platforms?: readonly Platform[]): number {
  const untilMicros = 5.5e6;
  const returns = intendedReturns({ online: ONLINE, ...ONE_RATE, platforms, churnTime: churnTimeOfPlan, untilMicros });
  assert.ok(returns !== null);
  const off = steps.map((count, n) => {
    const expected = returns.countAt((n + 1) * STEP_MICROS) - returns.countAt(n * STEP_MICROS);
    return Math.abs(count - expected) / Math.sqrt(Math.max(expected, 1));
  });
  return Math.max(...off);
}

describe('phones come and go along the curve of a day', () => {
  const quiet = churn('20%');
  const sets = [
    { what: 'at one rate for all', platforms: undefined },
    { what: 'at the end of the sessions of their platforms', platforms: PLATFORMS },
  ];
  for (const { what, platforms } of sets)
    it(`${what}: as many return as the curve intends, and nothing is lost`, () => {
      const { steps, world } = lived(quiet, platforms);
      assert.ok(offBy(steps, quiet, platforms) < 4, `${steps}: ${offBy(steps, quiet, platforms)} deviations`);
      const [night, day] = [steps.slice(4, 8), steps.slice(11, 14)].map(
        (some) => some.reduce((a, b) => a + b) / some.length,
      );
      assert.ok((day ?? 0) > 3 * (night ?? 0), `${night} in a quiet step, ${day} in a busy one`);
      assert.ok(
        world.runUntil(() => worldIntegrity(world).isSound === true, 5e6),
        JSON.stringify(worldIntegrity(world)),
      );
    });

  it('and would be found out if they did not', () => {
    const { steps } = lived(undefined, PLATFORMS);
    assert.ok(offBy(steps, quiet, PLATFORMS) > 10);
    assert.ok(offBy(steps, churn('100%'), PLATFORMS) < 4, 'without a curve, the rate is constant');
  });
});

describe('phones with platforms come and go faster or more slowly', () => {
  it('as often as the plan has it in time as it passes for them', () => {
    const world = new World(
      smallWorld({
        turnMicros: 500,
        lane: { platforms: PLATFORMS, heartbeatMicros, messages: Arrivals.constant(2000) },
        shard: { heartbeatTimeoutMicros: Number.POSITIVE_INFINITY },
      }),
    );
    world.openLogins();
    assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5e6));
    world.startTraffic();
    const perSecond = platformReturnsPerSecond(ONLINE, PLATFORMS) ?? assert.fail('phones leave');
    const connected = platformsConnected(ONLINE, PLATFORMS) ?? assert.fail('phones leave');
    for (const factor of [1, 0.25, 2, 0.5]) {
      for (const lane of world.lanes) lane.changeDepartures(factor, world.clock.nowMicros());
      const before = world.driver('returns');
      world.runFor(1e6);
      const done = world.driver('returns') - before;
      const expected = perSecond * factor;
      const deviations = Math.abs(done - expected) / Math.sqrt(expected);
      assert.ok(expected > 500 * factor && deviations < 4, `${done} returned, ${expected} expected at ${factor}`);
      const away = (ONLINE - world.driver('held')) / (ONLINE - connected);
      assert.ok(Math.abs(away - 1) < 5 / Math.sqrt(ONLINE - connected), `${away} of those that are to be away`);
    }
  });
});

describe('the returns that a curve intends', () => {
  const phones = { online: 1000, ...ONE_RATE, churnTime: churn('50%'), untilMicros: 5.5e6 };

  it('are none where nobody leaves, and not known where messages wake phones', () => {
    assert.equal(intendedReturns({ ...phones, sessionMicros: Number.POSITIVE_INFINITY }), null);
    assert.equal(intendedReturns({ ...phones, platforms: PLATFORMS.slice(0, 1) }), null);
    const push = { delayMicros: 1e6, sigma: 1, sessionMicros: 1e6 };
    const woken = PLATFORMS.map((platform) => ({ ...platform, push }));
    assert.equal(intendedReturns({ ...phones, platforms: woken }), null);
    assert.equal(platformsConnected(ONLINE, woken), null);
  });

  it('settle at one return per session and absence', () => {
    const platforms = [{ ...(PLATFORMS[2] as Platform), share: 1 }];
    const flat = { ...phones, platforms, churnTime: churn('100%') };
    const rate = (returns: ReturnType<typeof intendedReturns>): number =>
      ((returns?.countAt(5e6) ?? 0) - (returns?.countAt(4e6) ?? 0)) / 1000;
    const meanSeconds = 0.2 * Math.exp(0.5) + 0.05; // of a log-normal session, and the absence
    assert.ok(Math.abs(rate(intendedReturns(flat)) * meanSeconds - 1) < 0.02);
    const { platforms: _, ...ofOneRate } = flat;
    assert.ok(Math.abs(rate(intendedReturns(ofOneRate)) * 0.4 - 1) < 0.01);
  });
});
