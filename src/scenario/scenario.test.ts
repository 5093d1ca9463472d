import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { parseScenario } from './scenario.ts';
import { scenarioReference } from './scenario-reference.ts';
import { parseSteps } from './scenario-step.ts';

const GOOD = `name: test
description: A scenario for tests
phones:
  count: 10k
  offline: 5%
  heartbeat: 60s
  session: none
login:
  rate: 20k/s
traffic:
  rate: 1_000
  payload: 64B
thresholds:
  latency.delivery: [p(99)<5ms, avg<1ms]
  integrity.lost: value==0
`;

function errorOf(text: string, settings: readonly string[] = []): TrunklineError {
  try {
    parseScenario(text, 'x.yaml', settings);
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  assert.fail('an error was expected');
}

describe('a scenario', () => {
  it('is read with units, defaults and thresholds', () => {
    const { settings, thresholds } = parseScenario(GOOD, 'x.yaml');
    assert.equal(settings.phones.count, 10_000);
    assert.equal(settings.phones.offline, 0.05);
    assert.equal(settings.phones.heartbeat, 60e6);
    assert.equal(settings.phones.session, Number.POSITIVE_INFINITY);
    assert.equal(settings.traffic.rate, 1000);
    assert.equal(settings.switch.shards, 2, 'a default');
    assert.deepEqual(
      thresholds.map((one) => [one.metric, one.aggregation, one.percent, one.operator, one.limit]),
      [
        ['latency.delivery', 'p', 99, '<', 5000],
        ['latency.delivery', 'avg', 0, '<', 1000],
        ['integrity.lost', 'value', 0, '==', 0],
      ],
    );
  });

  it('takes settings from the command line, also for keys the file leaves out', () => {
    const { settings } = parseScenario(GOOD, 'x.yaml', ['phones.count=2_000', 'switch.mailbox.deliveryWindow=4']);
    assert.equal(settings.phones.count, 2000);
    assert.equal(settings.switch.mailbox.deliveryWindow, 4);
  });

  it('takes for best-real what the machine allows, and keeps that, not the wish', () => {
    const asked: string[] = [];
    const real = (): 'tun' => {
      asked.push('asked');
      return 'tun';
    };
    assert.equal(parseScenario(GOOD, 'x.yaml', [], real).settings.transport, 'memory');
    assert.equal(parseScenario(`${GOOD}transport: ws\n`, 'x.yaml', [], real).settings.transport, 'ws');
    assert.deepEqual(asked, [], 'finding out takes time');
    for (const { settings, written } of [
      parseScenario(`${GOOD}transport: best-real\n`, 'x.yaml', [], real),
      parseScenario(`${GOOD}transport: ws\n`, 'x.yaml', ['transport=best-real'], real),
    ]) {
      assert.equal(settings.transport, 'tun');
      assert.equal((written as { transport: string }).transport, 'tun', 'the hash of the scenario covers it');
    }
    assert.equal(parseScenario(GOOD, 'x.yaml', ['transport=best-real']).settings.transport, 'tcp', 'runs anywhere');
    const steps =
      'steps: [{name: a, set: {transport: best-real}}, {name: b, set: {transport: ws}}, {name: c, set: {}}]';
    assert.deepEqual(
      parseSteps(`${GOOD}transport: best-real\n${steps}\n`, 'x.yaml', [], real).map(
        ({ scenario }) => scenario.settings.transport,
      ),
      ['tun', 'ws', 'tun'],
    );
    assert.match(
      errorOf(GOOD, ['transport=best']).message,
      /expected one of memory, tcp, tun, .*best-real, found "best"/,
    );
  });

  const wrong: [what: string, text: string, code: string, message: RegExp][] = [
    [
      'an unknown key',
      GOOD.replace('offline', 'ofline'),
      'SCENARIO_INVALID',
      /x\.yaml:5:3: unknown key "phones.ofline"; did you mean "offline"\?/,
    ],
    [
      'a missing key',
      GOOD.replace('  offline: 5%\n', ''),
      'SCENARIO_INVALID',
      /the key "phones.offline" is missing; expected a share/,
    ],
    [
      'a wrong type',
      GOOD.replace('10k', '[1, 2]'),
      'SCENARIO_INVALID',
      /x\.yaml:4:10: phones.count: expected a whole number .*found \[1,2\]/,
    ],
    [
      'a negative number',
      GOOD.replace('10k', '-5'),
      'SCENARIO_INVALID',
      /x\.yaml:4:10: phones.count: expected a whole number.*found -5/,
    ],
    ['an absurd number', GOOD.replace('10k', '9e12'), 'SCENARIO_INVALID', /from 8 to 500000000, found 9000000000000/],
    [
      'a size without a unit',
      GOOD.replace('64B', '64'),
      'SCENARIO_INVALID',
      /traffic.payload: expected a size with its unit/,
    ],
    [
      'a duration without a unit',
      GOOD.replace('60s', '60'),
      'SCENARIO_INVALID',
      /phones.heartbeat: expected a duration/,
    ],
    ['an empty file', '', 'SCENARIO_INVALID', /x\.yaml: the file is empty/],
    ['a file that is no map', '- 1\n- 2\n', 'SCENARIO_INVALID', /expected keys and values, found \[1,2\]/],
    ['a file that is not YAML', 'a: [1, 2\nb: }', 'SCENARIO_INVALID', /x\.yaml:2:\d+: not YAML/],
    [
      'a misspelt metric',
      GOOD.replace('  integrity.lost:', '  integrity.lots:'),
      'THRESHOLD_INVALID',
      /x\.yaml:15:\d+: there is no metric "integrity\.lots"; did you mean "integrity\.lost"\?/,
    ],
    [
      'a threshold without grammar',
      GOOD.replace('value==0', 'zero'),
      'THRESHOLD_INVALID',
      /expected something like value==0, found "zero"/,
    ],
    [
      'an aggregation the metric has not',
      GOOD.replace('value==0', 'p(99)<1'),
      'THRESHOLD_INVALID',
      /integrity\.lost has value, found/,
    ],
    [
      'overlapping numbers',
      `${GOOD}numbering: [{first: 100, count: 20k}, {first: 200, count: 5}]\n`,
      'SCENARIO_INVALID',
      /overlap/,
    ],
    [
      'too few numbers',
      `${GOOD}numbering: [{first: 100, count: 20}]\n`,
      'SCENARIO_INVALID',
      /20 numbers are too few for 10000 phones/,
    ],
    ['nobody online', GOOD.replace('5%', '100%'), 'SCENARIO_INVALID', /leaves at least one phone online/],
  ];
  for (const [what, text, code, message] of wrong) {
    it(`says what is wrong with ${what}`, () => {
      const error = errorOf(text);
      assert.match(error.message, message);
      assert.equal(error.code, code);
      assert.equal(error.kind, 'usage');
    });
  }

  const wrongSettings: [setting: string, message: RegExp][] = [
    ['phones.cuont=5', /--set phones.cuont=5: unknown key "phones.cuont"; did you mean "count"\?/],
    ['phone.count=5', /--set phone.count=5: unknown key "phone"; did you mean "phones"\?/],
    ['phones.count=many', /--set phones.count=many: phones.count: expected a whole number/],
    ['phones.count', /expected key=value/],
    ['=5', /expected key=value/],
    ['phones.count=*other', /--set phones.count=\*other: expected a value in YAML, found text that is none/],
    ['phones.count=<<: *other', /expected a value in YAML/],
    ['phones.count.x=5', /is a value and has no keys inside/],
  ];
  for (const [setting, message] of wrongSettings) {
    it(`says what is wrong with --set ${setting}`, () => {
      const error = errorOf(GOOD, [setting]);
      assert.match(error.message, message);
      assert.equal(error.code, 'SETTING_INVALID');
    });
  }

  it('names several faults at once', () => {
    const { message } = errorOf(GOOD.replace('10k', 'x').replace('60s', 'y'));
    assert.equal(message.split('\n').length, 2);
  });
});

describe('the scenarios that are shipped', () => {
  const folder = new URL('../../scenarios/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    it(`${file} is right, and named as its file`, () => {
      assert.equal(`${parseScenario(readFileSync(new URL(file, folder), 'utf8'), file).name}.yaml`, file);
    });
  }

  it('have a reference that names every key', () => {
    const reference = scenarioReference();
    for (const key of ['phones.count', 'switch.mailbox.messagesPerAccount', 'numbering[].first', 'idle.nap']) {
      assert.ok(reference.includes(`\`${key}\``), key);
    }
    assert.equal(
      readFileSync(new URL('README.md', folder), 'utf8'),
      reference,
      'the committed reference is the built one',
    );
  });
});
