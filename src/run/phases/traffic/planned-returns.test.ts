/**
 * The reference for logins, from plans whose phones come and go: against rates that follow from sessions and absences.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { plannedConnected, plannedCurveReturns, plannedReturnsPerSecond } from './planned-returns.ts';

const START_MICROS = 7e6;
const ONLINE = 800;
/** A fifth of the phones never connects. */
const PHONES = ['phones.offline=20%', 'phones.heartbeat=1m'];
const LEAVING = ['phones.session=20s', 'phones.away=5s'];
const PHASES = ['phases.settle=60s', 'phases.measure=100s', 'phases.drain=60s'];
const curveOf = (level: string): string => `curve.hours=[${Array.from({ length: 24 }, () => level).join(', ')}]`;
const PLATFORMS =
  'platforms=[{name: A, share: 60%, heartbeat: 5s, session: 20s, away: 5s}, {name: B, share: 40%, heartbeat: 6s, session: none}]';

const isNear = (found: number | null | undefined, wanted: number, share: number): void =>
  assert.ok(Math.abs((found ?? Number.NaN) / wanted - 1) <= share, `${found} instead of ${wanted}`);

describe('the returns that a curve intends', () => {
  const of = (...settings: string[]) =>
    plannedCurveReturns(scriptedPlan(...PHONES, ...PHASES, ...settings), START_MICROS);
  const seconds = (from: number, to: number): [number, number] => [START_MICROS + from * 1e6, START_MICROS + to * 1e6];

  it('are none without a curve, or where nobody leaves', () => {
    assert.equal(of(...LEAVING), null);
    assert.equal(of(curveOf('100%')), null);
  });

  it('are as many as phones leave, from the start to the end of the drain', () => {
    const intended = of(...LEAVING, curveOf('100%'));
    // In balance a phone leaves once per session and absence.
    const perSecond = ONLINE / (20 + 5);
    for (let second = 0; second < 60; second++) isNear(intended?.(...seconds(second, second + 1)), perSecond, 0.01);
    isNear(intended?.(...seconds(60, 100)), 40 * perSecond, 0.01);
    isNear(intended?.(...seconds(180, 220)), 40 * perSecond, 0.01);
  });

  it('are fewer at a lower level of the curve, while absences take as long as ever', () => {
    // At half of the level sessions are twice as long.
    const intended = of(...LEAVING, curveOf('50%'));
    isNear(intended?.(...seconds(0, 5)), (5 * ONLINE) / (40 + 5), 0.01);
    isNear(intended?.(...seconds(60, 160)), (100 * ONLINE) / (40 + 5), 0.01);
  });

  it('are those of each country by its own clocks', () => {
    // It is day in one half of the world while it is night in the other, for the whole run.
    const country = (name: string, prefix: string, utcOffset: number): string =>
      `{name: ${name}, prefix: "${prefix}", length: 9, share: 50%, utcOffset: ${utcOffset}}`;
    const hours = Array.from({ length: 24 }, (_, hour) => (hour < 12 ? '100%' : '25%')).join(', ');
    const countries = `countries=[${country('Day', '1', 0)}, ${country('Night', '2', 12)}]`;
    const intended = of(...LEAVING, countries, `curve={hours: [${hours}], start: 4h}`);
    const perSecond = ONLINE / 2 / (20 + 5) + ONLINE / 2 / (80 + 5);
    isNear(intended?.(...seconds(0, 5)), 5 * perSecond, 0.01);
    isNear(intended?.(...seconds(60, 160)), 100 * perSecond, 0.01);
  });

  it('are those of platforms where phones have some', () => {
    // Both sessions and absences of platforms follow the curve, and phones without end stay.
    const flat = of(curveOf('100%'), PLATFORMS);
    for (let second = 0; second < 60; second++)
      isNear(flat?.(...seconds(second, second + 1)), (0.6 * ONLINE) / (20 + 5), 0.01);
    isNear(flat?.(...seconds(60, 160)), (100 * 0.6 * ONLINE) / (20 + 5), 0.01);
    isNear(of(curveOf('50%'), PLATFORMS)?.(...seconds(60, 160)), (100 * 0.6 * ONLINE) / (40 + 10), 0.01);
  });
});

describe('the returns of trials', () => {
  const of = (...settings: string[]) => plannedReturnsPerSecond(scriptedPlan(...PHONES, ...settings));

  it('are as many as sessions and absences end', () => {
    isNear(of(PLATFORMS), (0.6 * ONLINE) / (20 + 5), 0.01);
  });

  it('are not known without platforms, where nobody leaves, or where messages wake phones', () => {
    assert.equal(of(...LEAVING), null);
    assert.equal(of('platforms=[{name: A, share: 100%, heartbeat: 5s, session: none}]'), null);
    const woken = '{name: A, share: 100%, heartbeat: 5s, session: 20s, push: {delay: 1s, sigma: 0.5, session: 5s}}';
    assert.equal(of(`platforms=[${woken}]`), null);
  });
});

describe('the phones that are connected in the long run', () => {
  const of = (...settings: string[]) => plannedConnected(scriptedPlan(...PHONES, ...settings));

  it('are all but those that are away', () => {
    isNear(of(PLATFORMS), ONLINE - (0.6 * ONLINE * 5) / (20 + 5), 0.001);
  });

  it('are not known where returns are not', () => {
    assert.equal(of(...LEAVING), null);
    assert.equal(of('platforms=[{name: A, share: 100%, heartbeat: 5s, session: none}]'), null);
  });
});
