import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../../base/errors.ts';
import { parseScenario } from '../../scenario.ts';
import { longestAbsence } from './platforms-key.ts';

const BASE = `name: platforms
description: A scenario for tests
phones: {count: 100, offline: 0%, heartbeat: 10m, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const parsed = (value: string, ...settings: string[]) =>
  parseScenario(BASE, 'x.yaml', [`platforms=${value}`, ...settings]).settings.platforms;
const A = '{name: Brick, share: 75%, heartbeat: 5s, session: 1m}';

const CONTENT = 'content.kinds=[{name: text, share: 90%, payload: 64B}, {name: video, share: 10%, payload: 64B}]';
const habits = (content: string): string =>
  `[{name: Brick, share: 100%, heartbeat: 5s, session: 1m, content: ${content}}]`;

describe('the key of platforms', () => {
  it('is a list, or a preset whose shares sum to 1', () => {
    const list = parsed(
      `[${A}, {name: Slab, share: 25%, heartbeat: none, session: none, sigma: 1, away: 2s}]`,
      'phones.heartbeat=none',
    );
    assert.deepEqual(list[0], {
      name: 'Brick',
      share: 0.75,
      heartbeat: 5e6,
      session: 60e6,
      sigma: 0,
      away: 10e6,
      minor: 1,
      content: {},
    });
    assert.deepEqual(parsed('[{name: Brick, share: 100%, heartbeat: 5s, session: 1m, push: {delay: 2s}}]')[0]?.push, {
      delay: 2e6,
      sigma: 0.5,
      session: 20e6,
    });
    const seven = parsed('whatsapp-2014');
    assert.equal(seven.length, 7);
    // Connected phones and logins per second follow from the mean session and the absence: 147 million by 230,000.
    let [held, logins] = [0, 0];
    for (const { share, session, sigma, away } of seven) {
      const mean = session * Math.exp(sigma ** 2 / 2);
      held += (share * mean) / (mean + away);
      logins += share / (mean + away);
    }
    assert.ok(Math.abs(held / logins / 1e6 - 147e6 / 230e3) < 2, `a session of ${held / logins / 1e6} s`);
  });

  it('says how long phones are away at most', () => {
    const absence = (...settings: string[]) => longestAbsence(parseScenario(BASE, 'x.yaml', settings).settings);
    assert.equal(absence(), 0);
    assert.equal(absence('phones.session=1m', 'phones.away=7s'), 7e6);
    assert.equal(absence('platforms=whatsapp-2014'), 120e6);
    const two = `${A.replace('5s', '5s, away: 9s')}, {name: Slab, share: 25%, heartbeat: 5s, session: none, away: 50s}`;
    assert.equal(absence(`platforms=[${two}]`), 9e6, 'who never leaves is not away');
  });

  for (const [value, settings, message] of [
    ['palm', [], /platforms/],
    [`[${A}]`, [], /platforms: expected shares that sum to 1, found 0.7500/],
    [
      `[{name: Slab, share: 10%, heartbeat: 5s, session: none}, ${A}, {name: Brick, share: 15%, heartbeat: 5s, session: 2m}]`,
      [],
      /platforms\.2\.name: expected another name than that of platforms\.1, found Brick again/,
    ],
    [`[${A}, {name: Slab, share: 25%, heartbeat: 11m, session: none}]`, [], /platforms.1.heartbeat: expected at most/],
    [
      '[{name: Brick, share: 100%, heartbeat: 5s, session: none, push: {delay: 2s}}]',
      [],
      /platforms.0.push: expected a session/,
    ],
    ['[{name: Brick, share: 100%, heartbeat: 5s, session: 1m, minor: 2}]', [], /platforms/],
    [
      '[{name: Brick, share: 100%, heartbeat: 5s, session: 1m, minor: 0}]',
      ['content.readReceipts.share=10%'],
      /platforms.0.minor: expected 1 with content.readReceipts/,
    ],
    [
      '[{name: Brick, share: 100%, heartbeat: 5s, session: 1m, minor: 0}]',
      ['content.readReceipts.groupShare=10%', 'groups={count: 5, sizeMax: 20}'],
      /platforms.0.minor: expected 1 with content.readReceipts/,
    ],
    [habits('{audio: 2}'), [], /platforms.0.content.audio: expected a kind of content.kinds: there is none/],
    [habits('{audio: 2}'), [CONTENT], /platforms.0.content.audio: expected a kind of content.kinds: text, video/],
    [habits('{text: 0, video: 0}'), [CONTENT], /platforms.0.content: expected a factor above 0/],
    ['whatsapp-2014', ['phones.session=1m'], /phones.session: expected none/],
    ['whatsapp-2014', ['phones.departure=vanish'], /phones.departure: expected logout or drop/],
  ] as const)
    it(`refuses ${value} ${settings.join(' ')}`, () => {
      assert.throws(
        () => parsed(value, ...settings),
        (error) => error instanceof TrunklineError && error.code === 'SETTING_INVALID' && message.test(error.message),
      );
    });
});
