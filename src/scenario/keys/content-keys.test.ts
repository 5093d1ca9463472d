import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { parseScenario } from '../scenario.ts';

const BASE = `name: content
description: A scenario for tests
phones: {count: 1k, offline: 0%, heartbeat: 10m, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const parsed = (kinds: string, ...settings: string[]) =>
  parseScenario(BASE, 'x.yaml', [`content.kinds=${kinds}`, ...settings]).settings.content.kinds;
const TEXT = '{name: text, share: 75%, payload: 64B}';
const kind = (payload: string, blob = '') => `[{name: a, share: 1, payload: ${payload}${blob}}]`;

describe('the key of kinds of messages', () => {
  it('is a list of sizes or distributions, or a preset whose shares sum to 1', () => {
    const image =
      '{name: image, share: 25%, payload: {median: 1KiB, sigma: 0.2, max: 2027B}, blob: {median: 90kB, sigma: 1, max: 16MB}}';
    assert.deepEqual(parsed(`[${TEXT}, ${image}]`), [
      { name: 'text', share: 0.75, payload: 64 },
      {
        name: 'image',
        share: 0.25,
        payload: { median: 1024, sigma: 0.2, max: 2027 },
        blob: { median: 90_000, sigma: 1, max: 16_000_000 },
      },
    ]);
    assert.deepEqual(
      parsed('whatsapp-2014', 'groups={count: 5}').map(({ name }) => name),
      ['text', 'location', 'contact', 'voice', 'image', 'video'],
    );
    assert.deepEqual(parseScenario(BASE, 'x.yaml').settings.content.kinds, [], 'off by default');
    const { share, groupShare } = parseScenario(BASE, 'x.yaml').settings.content.readReceipts;
    assert.deepEqual([share, groupShare], [0, 0], 'nobody reads');
  });

  for (const [kinds, settings, message] of [
    ['telegram', [], /content/],
    [`[${TEXT}]`, [], /content\.kinds: expected shares that sum to 1, found 0\.7500/],
    [
      `[${TEXT}, {name: clip, share: 15%, payload: 64B}, {name: text, share: 10%, payload: 99B}]`,
      [],
      /content\.kinds\.2\.name: expected another name than that of content\.kinds\.0, found text again/,
    ],
    [kind('15B'), [], /content\.kinds\.0\.payload: expected at least 16 B, found 15 B/],
    [kind('2038B'), [], /content\.kinds\.0\.payload: expected at most 2037 B, found 2038 B/],
    [
      kind('{median: 64B, sigma: 1, max: 3kB}'),
      [],
      /content\.kinds\.0\.payload: expected at most 2037 B, found 3000 B/,
    ],
    [kind('{median: 9B, sigma: 1, max: 64B}'), [], /content\.kinds\.0\.payload: expected at least 16 B, found 9 B/],
    [kind('{median: 65B, sigma: 1, max: 64B}'), [], /payload: expected a median of at most max, 64 B, found 65 B/],
    [
      kind('{median: 65B, sigma: -1, max: 99B}'),
      [],
      /content\.kinds\.0\.payload\.sigma: expected at least 0, found -1/,
    ],
    [kind('2037B'), ['groups={count: 5}'], /payload: expected at most 2021 B with groups, .* found 2037 B/],
    [kind('96B', ', blob: {median: 1MiB, sigma: 1, max: 2GiB}'), [], /content\.kinds\.0\.blob: expected at most/],
    [
      kind('95B', ', blob: {median: 1MiB, sigma: 1, max: 16MB}'),
      [],
      /content\.kinds\.0\.payload: expected at least 96 B with a blob, for its hash, size and link, found 95 B/,
    ],
  ] as const)
    it(`refuses ${kinds} ${settings.join(' ')}`, () => {
      assert.throws(
        () => parsed(kinds, ...settings),
        (error) => error instanceof TrunklineError && error.code === 'SETTING_INVALID' && message.test(error.message),
      );
    });

  it('names file and line of a fault', () => {
    const text = `${BASE}content:\n  kinds:\n    - {name: a, share: 1, payload: 2038B}\n`;
    assert.throws(
      () => parseScenario(text, 'x.yaml'),
      (error) =>
        error instanceof TrunklineError &&
        error.code === 'SCENARIO_INVALID' &&
        /^x\.yaml:8:\d+: content\.kinds\.0\.payload: expected at most 2037 B/.test(error.message),
    );
  });
});
