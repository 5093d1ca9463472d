/**
 * Phones of several countries in a whole world: at each hour those of a country send, leave and return as the curve
 * says for the time of their own clocks. Who they are is read from their numbers and the frames that they send.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Population } from '../../driver/terms/population.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { MessageAudit } from '../../simulate/checks/message-audit.ts';
import { OverheardTransport } from '../../simulate/checks/overheard-transport.ts';
import { worldIntegrity } from '../../simulate/checks/world-integrity.ts';
import { World } from '../../simulate/world/world.ts';
import { FrameType } from '../../wire/frames.ts';
import { scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { plannedWorld } from '../worker/planned-world.ts';

const PHONES = 4000;
const HOURS = 24;
/** An hour of the day passes in a second. */
const SECOND = 1e6;
const SETTLE_SECONDS = 2;
/** Long, so that a day has few turns. */
const TURN_MICROS = 2000;
/** By how many standard deviations of a Poisson count a country may differ from its curve in an hour. */
const DEVIATIONS_MAX = 5;

interface Country {
  readonly name: string;
  readonly prefix: string;
  readonly share: number;
  readonly utcOffset: number;
}

const COUNTRIES: readonly Country[] = [
  { name: 'West', prefix: '521', share: 0.5, utcOffset: -6 },
  { name: 'Middle', prefix: '447', share: 0.3, utcOffset: 0 },
  { name: 'East', prefix: '919', share: 0.2, utcOffset: 5.5 },
];
/** Quiet by night, busy in the evening. */
const LEVELS = Array.from({ length: HOURS }, (_, hour) => (hour < 7 ? 10 : 10 + 5 * (hour - 6)) / 100);

/** The mean level of a country in an hour of the measurement, which begins at 0:00 UTC. */
function levelIn({ utcOffset }: Country, second: number): number {
  const levelAt = (hour: number): number => {
    const inDay = (hour + HOURS) % HOURS;
    const [from = 0, to = 0] = [LEVELS[Math.floor(inDay)], LEVELS[(Math.floor(inDay) + 1) % HOURS]];
    return from + (to - from) * (inDay % 1);
  };
  const parts = 60;
  const hours = Array.from({ length: parts }, (_, part) => second + utcOffset + (part + 0.5) / parts);
  return hours.reduce((sum, hour) => sum + levelAt(hour), 0) / parts;
}

function planOf(lanes: number, ...settings: string[]): RunPlan {
  const list = COUNTRIES.map(
    ({ name, prefix, share, utcOffset }) =>
      `{name: ${name}, prefix: "${prefix}", length: 12, share: ${share * 100}%, utcOffset: ${utcOffset}}`,
  );
  return scriptedPlan(
    `phones.count=${PHONES}`,
    `driver.lanes=${lanes}`,
    `countries=[${list.join(', ')}]`,
    `curve={hours: [${LEVELS.join(', ')}], day: 24s}`,
    `phases={settle: ${SETTLE_SECONDS}s, measure: 24s, drain: 1s}`,
    ...settings,
  );
}

/** What was heard of the phones of each country in each second of the day. */
interface Heard {
  readonly world: World;
  /** By type of frame, country and second. */
  readonly counts: ReadonlyMap<number, readonly (readonly number[])[]>;
  readonly digest: string;
}

function lived(plan: RunPlan): Heard {
  const settings = plannedWorld(plan, TURN_MICROS);
  const { lanes, phones, online } = settings;
  const population = new Population(phones, online, lanes);
  const counted = new Map<number, number[][]>();
  let beginMicros = Number.POSITIVE_INFINITY;
  const hear = (phone: number, isUp: boolean, type: number): void => {
    const second = Math.floor((world.clock.nowMicros() - beginMicros) / SECOND);
    if (!isUp || !(second >= 0 && second < HOURS)) return;
    const number = String(world.plan.numberOf(phone));
    const country = COUNTRIES.findIndex(({ prefix }) => number.startsWith(prefix));
    const counts = counted.get(type) ?? COUNTRIES.map(() => new Array<number>(HOURS).fill(0));
    const ofCountry = counts[country] ?? assert.fail(`${number} is of no country`);
    ofCountry[second] = (ofCountry[second] ?? 0) + 1;
    counted.set(type, counts);
  };
  const audit = new MessageAudit(phones, false, () => world.clock.nowMicros());
  const transports: OverheardTransport[] = [];
  const world: World = new World({
    ...settings,
    wrapTransport: (transport, lane) => {
      const overheard = new OverheardTransport(transport, {
        audit,
        plan: () => world.plan,
        phoneAt: (row) => population.phoneAt(lane, row),
        onFrame: hear,
      });
      transports.push(overheard);
      return overheard;
    },
  });
  world.openLogins();
  assert.ok(
    world.runUntil(() => world.driver('held') === PHONES, 10 * SECOND),
    'all log in',
  );
  world.startTraffic();
  beginMicros = world.clock.nowMicros() + SETTLE_SECONDS * SECOND;
  world.runFor((SETTLE_SECONDS + HOURS) * SECOND);
  world.stopTraffic();
  assert.ok(
    world.runUntil(() => worldIntegrity(world).isSound === true, 10 * SECOND),
    'nothing is lost',
  );
  assert.deepEqual(audit.violations, []);
  return { world, counts: counted, digest: transports.map(({ digest }) => digest.join()).join(' ') };
}

/** Asserts the count of each country in each second, and their sum. */
function assertCounts(
  counts: readonly (readonly number[])[] | undefined,
  expectedOf: (country: Country, second: number) => number,
): void {
  const near = (count: number, expected: number, what: string): void => {
    const deviations = Math.abs(count - expected) / Math.sqrt(expected);
    assert.ok(deviations < DEVIATIONS_MAX, `${what}: ${count}, ${expected.toFixed(1)} expected`);
  };
  for (let second = 0; second < HOURS; second++) {
    let [sum, expectedSum] = [0, 0];
    COUNTRIES.forEach((country, place) => {
      const [count, expected] = [counts?.[place]?.[second] ?? 0, expectedOf(country, second)];
      near(count, expected, `${country.name} at ${second}:00 UTC`);
      sum += count;
      expectedSum += expected;
    });
    near(sum, expectedSum, `all at ${second}:00 UTC`);
  }
}

describe('phones of several countries', () => {
  const rate = 4000;
  const sent = ({ counts }: Heard) => counts.get(FrameType.SEND);

  it('send by the clocks of their own country, and together as many as the curve of all has', () => {
    const heard = lived(planOf(2, `traffic.rate=${rate}`));
    assertCounts(sent(heard), (country, second) => rate * country.share * levelIn(country, second));
  });

  it('do the same again with the same seed, and with any number of lanes the same phones send in each hour', () => {
    const [one, again] = [lived(planOf(2, 'traffic.rate=1000')), lived(planOf(2, 'traffic.rate=1000'))];
    assert.equal(again.digest, one.digest);
    const three = lived(planOf(3, 'traffic.rate=1000'));
    // Sent a turn later at most: some are counted in the next second.
    COUNTRIES.forEach((_, country) => {
      for (let second = 0; second < HOURS; second++) {
        const [count, other] = [one, three].map((heard) => sent(heard)?.[country]?.[second] ?? 0) as [number, number];
        assert.ok(Math.abs(other - count) <= 3, `${count} with two lanes, ${other} with three`);
      }
    });
  });

  it('send more in an event of their country, and the others do not', () => {
    const event = '{name: New Year, at: 18s, rise: 0s, duration: 2s, messages: +200%, countries: [East, West]}';
    const heard = lived(planOf(2, `traffic.rate=${rate}`, `events=[${event}]`));
    assertCounts(sent(heard), (country, second) => {
      const isIn = country.name !== 'Middle' && second >= 18 && second < 20;
      return rate * country.share * levelIn(country, second) * (isIn ? 3 : 1);
    });
  });

  it('leave by the clocks of their own country, at one rate for all', () => {
    const { counts } = lived(planOf(2, 'traffic.rate=500', 'phones.session=4s', 'phones.away=1s'));
    // Those who are away are those who left in the second before: of the others the curve lets so many leave.
    const leave = (country: Country): number[] => {
      const steps = 100;
      const phones = PHONES * country.share;
      const perStep = (second: number): number => levelIn(country, second) / 4 / steps;
      const first = phones / (1 + 4 / levelIn(country, -0.5)) / steps;
      const left: number[] = new Array<number>(steps).fill(first);
      for (let step = 0; step < HOURS * steps; step++) {
        const away = left.slice(-steps).reduce((sum, count) => sum + count, 0);
        left.push((phones - away) * perStep(Math.floor(step / steps)));
      }
      return Array.from({ length: HOURS }, (_, second) =>
        left.slice(steps * (second + 1), steps * (second + 2)).reduce((sum, count) => sum + count, 0),
      );
    };
    const expected = new Map(COUNTRIES.map((country) => [country, leave(country)]));
    assertCounts(counts.get(FrameType.LOGOUT), (country, second) => expected.get(country)?.[second] ?? 0);
  });

  it('leave and return by the clocks of their own country, at the end of the sessions of their platforms', () => {
    const platforms =
      '[{name: A, share: 70%, heartbeat: 60s, session: 3s, away: 1s}, {name: B, share: 30%, heartbeat: 60s, session: none}]';
    const { counts } = lived(planOf(2, 'traffic.rate=500', 'phones.heartbeat=60s', `platforms=${platforms}`));
    for (const type of [FrameType.LOGOUT, FrameType.LOGIN])
      assertCounts(
        counts.get(type),
        (country, second) => (0.7 * PHONES * country.share * levelIn(country, second)) / (3 + 1),
      );
  });
});
