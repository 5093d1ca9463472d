import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { chooseSteps, parseSteps } from './scenario-step.ts';

const BASE = `name: ladder
description: A ladder for tests
phones: {count: 1k, offline: 0%, heartbeat: 60s, session: none}
login: {rate: 20k/s}
traffic: {rate: 100, payload: 64B}
`;
const GOOD = `${BASE}steps:
  - name: small
    set: {phones.count: 200, thresholds.connections.held: 'value>=200'}
    published: {figure: 200 phones, source: a book, metric: connections.held, value: 2k, within: 5%}
  - name: 2.28M
    set:
      phones: {count: 2_280_000, offline: 5%, heartbeat: 10m, session: none}
      transport: tcp
`;

function errorOf(text: string, settings: readonly string[] = []): TrunklineError {
  try {
    parseSteps(text, 'x.yaml', settings);
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  assert.fail('an error was expected');
}

describe('the steps of a scenario', () => {
  it('are scenarios of their own: what is common, and what each sets', () => {
    const [small, large] = parseSteps(GOOD, 'x.yaml');
    assert.equal(small?.name, 'small');
    assert.deepEqual(small?.published, {
      figure: '200 phones',
      source: 'a book',
      metric: 'connections.held',
      value: 2000,
      within: 0.05,
    });
    assert.equal(small?.scenario.settings.phones.count, 200);
    assert.equal(small?.scenario.settings.phones.heartbeat, 60e6);
    assert.deepEqual(
      small?.scenario.thresholds.map((one) => [one.metric, one.limit]),
      [['connections.held', 200]],
    );
    assert.equal(large?.published, null);
    assert.equal(large?.scenario.settings.phones.count, 2_280_000);
    assert.equal(large?.scenario.settings.transport, 'tcp');
    assert.deepEqual(large?.scenario.thresholds, [], 'nothing of the step before');
  });

  it('are quoted as they ran, without the other steps', () => {
    const [small] = parseSteps(GOOD, 'x.yaml');
    const alone = `${BASE.replace('1k', '200')}thresholds: {connections.held: 'value>=200'}\n`;
    assert.deepEqual(small?.scenario.written, {
      name: 'ladder',
      description: 'A ladder for tests',
      phones: { count: 200, offline: '0%', heartbeat: '60s', session: 'none' },
      login: { rate: '20k/s' },
      traffic: { rate: 100, payload: '64B' },
      thresholds: { 'connections.held': 'value>=200' },
    });
    assert.deepEqual(parseSteps(alone, 'x.yaml'), [], 'a scenario without steps has none');
  });

  it('give way to the command line', () => {
    const [small, large] = parseSteps(GOOD, 'x.yaml', ['phones.count=50', 'transport=ws']);
    for (const step of [small, large]) assert.equal(step?.scenario.settings.phones.count, 50);
    assert.equal(large?.scenario.settings.transport, 'ws');
    assert.equal(large?.scenario.settings.phones.offline, 0.05, 'what is not set there stays');
  });

  const wrong: [what: string, text: string, message: RegExp][] = [
    [
      'an unknown key in a step',
      GOOD.replace('phones.count: 200', 'phones.cuont: 200'),
      /^x\.yaml:8:11: step "small": unknown key "phones.cuont"; did you mean "count"\?$/,
    ],
    [
      'a wrong value in a step',
      GOOD.replace('transport: tcp', 'transport: tpc'),
      /^x\.yaml:13:7: step "2.28M": transport: expected one of memory, tcp, tun, node-tcp, ws, best-real, found "tpc"; did you mean "tcp"\?$/,
    ],
    [
      'a value inside a value',
      GOOD.replace('phones.count: 200', 'phones.count.x: 200'),
      /^x\.yaml:8:11: step "small": phones.count is a value and has no keys inside$/,
    ],
    [
      'a step that sets steps',
      GOOD.replace('phones.count: 200', 'steps: []'),
      /^x\.yaml:8:11: step "small": a step cannot set "steps"$/,
    ],
    [
      'a step that does not go with the rest',
      GOOD.replace('phones.count: 200', 'phones.offline: 100%'),
      /^x\.yaml:8:11: step "small": phones.offline: expected a share that leaves at least one phone online$/,
    ],
    ['a name taken twice', GOOD.replace('2.28M', 'small'), /^x\.yaml:10:11: another step is named "small" as well$/],
    [
      'a key that steps do not have',
      GOOD.replace('set: {', 'sets: {'),
      /x\.yaml:8:5: unknown key "steps.0.sets"; did you mean "set"/,
    ],
    [
      'a step without settings',
      `${BASE}steps: [{name: a}]\n`,
      /the key "steps.0.set" is missing; expected keys and values/,
    ],
    ['a name with spaces', GOOD.replace('name: small', 'name: a b'), /steps.0.name: expected a name of letters/],
    [
      'a figure without its source',
      GOOD.replace(', source: a book', ''),
      /the key "steps.0.published.source" is missing/,
    ],
  ];
  for (const [what, text, message] of wrong) {
    it(`say what is wrong with ${what}`, () => {
      const error = errorOf(text);
      assert.match(error.message, message);
      assert.equal(error.code, 'SCENARIO_INVALID');
    });
  }

  it('say where a misspelt threshold stands', () => {
    const { code, message } = errorOf(GOOD.replace('thresholds.connections.held', 'thresholds.connections.hled'));
    assert.equal(code, 'THRESHOLD_INVALID');
    assert.match(
      message,
      /^x\.yaml:8:30: step "small": there is no metric "connections\.hled"; did you mean "connections\.held"\?$/,
    );
  });

  it('blame the command line for what came from there', () => {
    const { code, message } = errorOf(GOOD, ['phones.count=many']);
    assert.equal(code, 'SETTING_INVALID');
    assert.match(message, /^--set phones.count=many: /);
  });

  it('name the faults of several steps at once', () => {
    const { message } = errorOf(GOOD.replace('200,', 'x,').replace('transport: tcp', 'transport: 5'));
    assert.equal(message.split('\n').length, 2);
  });

  it('can be chosen by name, in the order of the scenario', () => {
    const steps = parseSteps(GOOD, 'x.yaml');
    const names = (only: string[]): string[] => chooseSteps(steps, only).map((step) => step.name);
    assert.deepEqual(names([]), ['small', '2.28M']);
    assert.deepEqual(names(['2.28M', 'small']), ['small', '2.28M']);
    assert.throws(() => names(['smal']), /--step smal: the steps are small, 2.28M; did you mean "small"\?/);
    assert.throws(() => chooseSteps([], ['a']), { code: 'ARGUMENT_INVALID' });
  });

  const folder = new URL('../../scenarios/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    it(`of the shipped ${file} are right`, () => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      assert.equal(parseSteps(text, file).length > 0, /^steps:/m.test(text));
    });
  }
});
