/** Steps against the same scenario written out: what a step sets, and what the command line sets over it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TrunklineError } from '../base/errors.ts';
import { parseScenario, type Scenario } from './scenario.ts';
import { parseSteps } from './scenario-step.ts';

const BASE = `name: ladder
description: A ladder for tests
phones: {count: 1k, offline: 0%, heartbeat: 60s, session: none}
login: {rate: 20k/s}
traffic: {rate: 100, payload: 64B}
thresholds: {integrity.lost: value==0}
`;

/** Keys with values that suit any other of them, and some that are wrong. */
const RIGHT: Readonly<Record<string, readonly unknown[]>> = {
  'phones.count': [200, '2k', 5000],
  'phones.heartbeat': ['10s', 'none'],
  'switch.shards': [1, 7],
  'switch.mailbox.blocks': [1000, '2M'],
  'sockets.noDelay': [true, false],
  transport: ['tcp', 'ws'],
  traffic: [{ rate: 5, payload: '100B' }],
  'thresholds.latency.delivery': ['p(99)<5ms'],
  'thresholds.integrity.lost': [['value==0', 'value<1']],
};
const WRONG: Readonly<Record<string, readonly unknown[]>> = { 'phones.count': ['many'], 'switch.shrads': [3] };

const entries = (table: Readonly<Record<string, readonly unknown[]>>): [string, unknown][] =>
  Object.entries(table).flatMap(([key, values]) => values.map((value): [string, unknown] => [key, value]));
const right = fc.constantFrom(...entries(RIGHT));
const some = fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: fc.constantFrom(...entries(WRONG)) });
const settings = fc.uniqueArray(some, { maxLength: 4, selector: ([key]) => key });
/** `traffic` as a whole and a key inside it: the order would matter. */
const steps = fc.array(settings, { minLength: 1, maxLength: 4 });

const asSetting = ([key, value]: readonly [string, unknown]): string => `${key}=${JSON.stringify(value)}`;
const fileOf = (list: readonly (readonly [string, unknown][])[]): string =>
  `${BASE}steps:\n${list.map((set, n) => `  - name: s${n}\n    set: ${JSON.stringify(Object.fromEntries(set))}\n`).join('')}`;

/** A scenario as it runs: what is said of keys without effect depends on who set them. */
const withoutPlaces = ({ unused: _, ...scenario }: Scenario): Omit<Scenario, 'unused'> => scenario;

describe('the steps of a scenario', () => {
  it('are what the scenario is with the settings of each, and those of the command line over them', () => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(steps, fc.uniqueArray(right, { maxLength: 2, selector: ([key]) => key }), (list, line) => {
        const commandLine = line.map(asSetting);
        const model = list.map((set) => {
          try {
            return parseScenario(BASE, 'x.yaml', [...set.map(asSetting), ...commandLine]);
          } catch (error) {
            assert.ok(error instanceof TrunklineError);
            return error;
          }
        });
        const wrong = model.flatMap((one, n) => (one instanceof TrunklineError ? [`step "s${n}": `] : []));
        try {
          const read = parseSteps(fileOf(list), 'x.yaml', commandLine);
          assert.deepEqual(wrong, []);
          seen.read++;
          assert.deepEqual(
            read.map(({ scenario }) => withoutPlaces(scenario)),
            model.map((one) => (one instanceof TrunklineError ? one : withoutPlaces(one))),
          );
          assert.deepEqual(
            read.map(({ name }) => name),
            list.map((_, n) => `s${n}`),
          );
        } catch (error) {
          assert.ok(error instanceof TrunklineError, String(error));
          seen.refused++;
          assert.equal(error.code, 'SCENARIO_INVALID', 'the file is wrong, not the command line');
          assert.notEqual(wrong.length, 0, error.message);
          const lines = error.message.split('\n');
          assert.equal(new Set(lines.map((text) => /step "s\d"/.exec(text)?.[0])).size, wrong.length, 'each is named');
          for (const words of wrong)
            assert.ok(
              lines.some((text) => text.includes(words)),
              `${words} in ${error.message}`,
            );
          for (const text of lines) assert.match(text, /^x\.yaml:\d+:\d+: step "s\d": /);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(seen.read > 5 && seen.refused > 2, JSON.stringify(seen));
  });
});
