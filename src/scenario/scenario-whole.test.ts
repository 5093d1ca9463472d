/** What the keys of a scenario demand of each other, and the schema that editors check scenario files with. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { TrunklineError } from '../base/errors.ts';
import { changedDocuments } from '../result/changed-documents.test-suite.ts';
import { publishedValidator, readPublishedSchema } from '../result/published-schema.test-suite.ts';
import { parseScenario, type Scenario } from './scenario.ts';
import { scenarioSchema } from './scenario-schema.ts';

const BASE = `name: whole
description: A scenario for tests
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const read = (settings: readonly string[], text = BASE): Scenario => parseScenario(text, 'x.yaml', settings);

function errorOf(act: () => unknown): TrunklineError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  return assert.fail('an error was expected');
}

describe('the keys of a scenario together', () => {
  const bounds: [what: string, fits: string[], exceeds: string[], message: string][] = [
    [
      'messages go between phones that exist',
      ['traffic.activePhones=100'],
      ['traffic.activePhones=101'],
      'traffic.activePhones: expected at most phones.count, 100',
    ],
    [
      'a lane has a phone',
      ['driver.lanes=100'],
      ['driver.lanes=101'],
      'driver.lanes: expected at most one lane per phone',
    ],
    [
      'a login ends before the run',
      ['login.timeout=30m'],
      ['login.timeout=31m'],
      'login.timeout: expected at most 30m',
    ],
    [
      'an event ends within the measurement',
      ['events=[{name: goal, at: 5s, duration: 10s, messages: +35%}]', 'phases.measure=15s'],
      ['phases.measure=15s', 'events=[{name: goal, at: 6s, duration: 10s, messages: +35%}]'],
      'events.0.duration: expected an event that ends within the measurement (phases.measure)',
    ],
    [
      'the rate rises in at most half of an event',
      ['events=[{name: goal, at: 1s, rise: 5s, duration: 10s, messages: +35%}]'],
      ['events=[{name: goal, at: 1s, rise: 6s, duration: 10s, messages: +35%}]'],
      'events.0.rise: expected at most half of the duration, 5.00 s, found 6.00 s',
    ],
    [
      'the longest wait for the next login is at least the first',
      ['login.backoff=full-jitter', 'login.retryMax=2s', 'login.retry=2s'],
      ['login.backoff=full-jitter', 'login.retry=3s', 'login.retryMax=2s'],
      'login.retryMax: expected at least login.retry',
    ],
    [
      'a curve has 24 hours',
      [`curve.hours=[${new Array(24).fill('50%')}]`],
      [`curve.hours=[${new Array(23).fill('50%')}]`],
      'curve.hours: expected a level for each of the 24 hours of a day, found 23 levels: a curve has no holes',
    ],
    [
      'a curve has a level for each of them',
      [`curve.hours=[${new Array(24).fill('50%')}]`],
      [`curve.hours=[${[...new Array(11).fill('50%'), 'null', ...new Array(12).fill('50%')]}]`],
      'curve.hours.11: expected a share such as 0.05 or 5%, found nothing',
    ],
    [
      'a day has messages',
      [`curve.hours=[${new Array(23).fill('0%')}, 1%]`],
      [`curve.hours=[${new Array(24).fill('0%')}]`],
      'curve.hours: expected at least one hour with messages',
    ],
    [
      'an event takes at most all messages away',
      ['events=[{name: quiet, at: 0s, duration: 1s, messages: -100%}]'],
      ['events=[{name: quiet, at: 0s, duration: 1s, messages: -101%}]'],
      'events.0.messages: expected a change of the rate of messages such as +35%, from -1 to 100',
    ],
    [
      'somebody is online',
      ['phones.offline=99%'],
      ['phones.offline=99.5%'],
      'phones.offline: expected a share that leaves at least one phone online',
    ],
    [
      'there is a number for each phone',
      ['numbering=[{first: 1, count: 60}, {first: 61, count: 40}]'],
      ['numbering=[{first: 1, count: 60}, {first: 61, count: 39}]'],
      'numbering: 99 numbers are too few for 100 phones',
    ],
    [
      'a number is served once, wherever its block stands in the list',
      ['numbering=[{first: 100, count: 100}, {first: 1, count: 99}]'],
      ['numbering=[{first: 100, count: 100}, {first: 1, count: 100}]'],
      'numbering: the blocks that start at 1 and 100 overlap',
    ],
    [
      'a number has at most 15 digits, also the last of a block',
      ['numbering=[{first: 999999999999900, count: 100}]'],
      ['numbering=[{first: 999999999999900, count: 101}]'],
      'numbering: expected numbers of at most 15 digits; 101 from 999999999999900 on do not fit',
    ],
  ];
  for (const [what, fits, exceeds, expected] of bounds)
    it(`agree that ${what}`, () => {
      read(fits);
      const { code, message } = errorOf(() => read(exceeds));
      assert.equal(code, 'SETTING_INVALID');
      assert.ok(message.includes(`: ${expected}`), message);
      assert.ok(message.startsWith(`--set ${exceeds.at(-1)}: `), message);
    });

  it('shorten the rise of an event that has none of its own, and ask for no longest wait that nobody waits', () => {
    const { settings } = read(['events=[{name: brief, at: 0s, duration: 1s, messages: +35%}]', 'login.retry=1m']);
    assert.deepEqual([settings.events.length, settings.login.retry], [1, 60e6]);
  });

  it('are the fault of the file where the file has the value that is wrong', () => {
    const text = BASE.replace('count: 100,', 'count: 8,').replace('rate: 100,', 'rate: 100, activePhones: 9,');
    const { code, message } = errorOf(() => read([], text));
    assert.equal(code, 'SCENARIO_INVALID');
    assert.match(message, /^x\.yaml:5:36: traffic\.activePhones: expected at most phones\.count, 8$/);
  });
});

describe('the published schema of scenarios', () => {
  const complaints = publishedValidator(readPublishedSchema('scenario'));
  const folder = new URL('../../scenarios/', import.meta.url);

  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml')))
    it(`accepts ${file}, as an editor reads it`, () => {
      assert.deepEqual(complaints(parse(readFileSync(new URL(file, folder), 'utf8'))), []);
    });

  it('refuses nothing that the program accepts, with any value of a scenario changed', () => {
    const written: unknown = parse(`${BASE}switch: {shards: 2, mailbox: {blocks: 1M}}
sockets: {listen: auto, sendBuffer: 8KiB, noDelay: true}
numbering: [{first: 1, count: 100}]
thresholds: {integrity.lost: value==0, latency.login: [p(99)<5s]}
steps: [{name: a, set: {phones.count: 50}, published: {figure: many, source: a book}}]
`);
    assert.ok(typeof written === 'object' && written !== null);
    const seen = { accepted: 0, refused: 0 };
    for (const candidate of changedDocuments(written)) {
      const wrong = complaints(candidate);
      if (scenarioSchema.safeParse(candidate).success) {
        seen.accepted++;
        assert.deepEqual(wrong, [], JSON.stringify(candidate));
      } else if (wrong.length > 0) seen.refused++;
    }
    assert.ok(seen.accepted > 10 && seen.refused > 100, JSON.stringify(seen));
  });
});
