import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../../base/errors.ts';
import { declaredStorms } from '../../declared-storms.ts';
import { parseScenario } from '../../scenario.ts';
import { NETWORK_PRESETS } from './network-keys.ts';

const BASE = `name: mobile
description: A scenario for tests
transport: tun
platforms: [{name: Android, share: 60%, heartbeat: 10s, session: none}, {name: iPhone, share: 40%, heartbeat: 10s, session: none}]
phones: {count: 100, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
phases: {measure: 60s}
`;
const parsed = (...settings: string[]) => parseScenario(BASE, 'x.yaml', settings).settings;
const links = (list: string) => parsed(`network.links=${list}`).network.links;

describe('the keys of networks', () => {
  it('name a preset for all phones', () => {
    const [only, ...others] = links('3g');
    assert.deepEqual(others, []);
    assert.deepEqual(only, { name: '3g', share: undefined, platform: undefined, ...NETWORK_PRESETS['3g'] });
  });

  it('give shares or platforms a link each, with figures of their own in place of those of its preset', () => {
    const [slow, fast] = links(
      '[{preset: edge, share: 30%, loss: 2%, down: 100k}, {name: office, share: 50%, roundTrip: 2ms}]',
    );
    assert.deepEqual(slow, { ...links('[{preset: edge, share: 30%}]')[0], loss: 0.02, down: 100_000 });
    assert.equal(fast?.name, 'office');
    assert.equal(fast?.roundTrip, 2000);
    assert.equal(fast?.loss, 0);
    assert.equal(fast?.up, Number.POSITIVE_INFINITY, 'no limit');
    assert.equal(links('[{preset: 4g, platform: iPhone}, {preset: edge, platform: Android}]').length, 2);
  });

  it('have presets from fast to slow, each within what a lane can hold', () => {
    const { lan, '4g': fourth, '3g': third, edge, satellite } = NETWORK_PRESETS;
    const ordered = [lan, fourth, third, edge];
    for (const [n, one] of ordered.entries()) {
      const slower = ordered[n + 1];
      assert.ok(slower === undefined || (slower.roundTrip > one.roundTrip && slower.down < one.down), `${n}`);
    }
    assert.ok(satellite.roundTrip >= 558_000, 'the distance alone (RFC 2488)');
    for (const one of Object.keys(NETWORK_PRESETS)) assert.equal(links(one).length, 1);
  });

  it('have outages, which stand in one order of time with storms', () => {
    const settings = parsed(
      'network.outages=[{at: 5s, duration: 10s, cells: 30%}, {at: 30s, duration: 5s, tunnel: 2%}]',
      'storms=[{at: 10s, share: 1%}]',
    );
    assert.deepEqual(
      declaredStorms(settings).map(({ at, kind, notice }) => [at, kind, notice]),
      [
        [5e6, 'outage', 'silent'],
        [10e6, 'storm', 'reset'],
        [30e6, 'outage', 'silent'],
      ],
    );
  });

  const wrong: [what: string, settings: string[], message: RegExp][] = [
    [
      'another transport',
      ['network.links=3g', 'transport=tcp'],
      /network\.links: expected transport tun, .*found tcp: --set transport=tun/,
    ],
    [
      'another transport',
      ['network.outages=[{at: 5s, duration: 1s, cells: 1%}]', 'transport=memory'],
      /network\.outages: .*--set transport=tun/,
    ],
    ['an unknown preset', ['network.links=5g'], /network\.links/],
    [
      'neither share nor platform',
      ['network.links=[{preset: 3g}, {preset: 4g, share: 10%}]'],
      /network\.links\.0: expected either share or platform/,
    ],
    ['both', ['network.links=[{preset: 3g, share: 10%, platform: Android}]'], /expected either share or platform/],
    [
      'an unknown platform',
      ['network.links=[{preset: 3g, platform: Nokia}]'],
      /expected a platform of the scenario: Android, iPhone/,
    ],
    [
      'a platform twice',
      ['network.links=[{preset: 3g, platform: iPhone}, {preset: 4g, platform: iPhone}]'],
      /iPhone has two/,
    ],
    ['a name twice', ['network.links=[{preset: 3g, share: 10%}, {preset: 3g, share: 10%}]'], /two links are called 3g/],
    [
      'shares above 1',
      ['network.links=[{preset: 3g, share: 60%}, {preset: 4g, share: 50%}]'],
      /at most 1, found 1\.1000/,
    ],
    [
      'shares beside platforms',
      ['network.links=[{preset: 3g, share: 60%}, {preset: 4g, platform: iPhone}]'],
      /all links by share or all by platform/,
    ],
    ['a burst that never ends', ['network.links=[{share: 100%, burstLoss: 95%}]'], /burstLoss of at most 90 %/],
    ['a bare link of nothing but bursts', ['network.links=[{burstLoss: 100%}]'], /burstLoss of at most 90 %/],
    ['a delay beyond the wheel', ['network.links=[{roundTrip: 5s}]'], /a duration/],
    [
      'cells and a tunnel',
      ['network.outages=[{at: 5s, duration: 1s, cells: 1%, tunnel: 1%}]'],
      /expected either cells or tunnel/,
    ],
    ['an outage of nobody', ['network.outages=[{at: 5s, duration: 1s, tunnel: 0%}]'], /expected a share above 0/],
    [
      'no order',
      ['network.outages=[{at: 5s, duration: 1s, cells: 1%}, {at: 4s, duration: 1s, cells: 1%}]'],
      /later time/,
    ],
    [
      'an end after the measurement',
      ['network.outages=[{at: 5s, duration: 55s, cells: 1%}]'],
      /ends within the measurement/,
    ],
    [
      'a storm at the same time',
      ['network.outages=[{at: 5s, duration: 1s, cells: 1%}]', 'storms=[{at: 5s, share: 1%}]'],
      /another time than that of a storm/,
    ],
    [
      'phones that never notice',
      ['network.outages=[{at: 5s, duration: 1s, cells: 1%}]', 'phones.heartbeat=none', 'platforms=[]'],
      /expected phones\.heartbeat as well/,
    ],
  ];
  for (const [what, settings, message] of wrong)
    it(`are refused: ${what}`, () => {
      assert.throws(
        () => parsed(...settings),
        (error) => {
          assert.ok(error instanceof TrunklineError);
          assert.equal(error.code, 'SETTING_INVALID');
          assert.match(error.message, message);
          return true;
        },
      );
    });
});
