/**
 * Every key of a scenario, as the published schema lists them: its default is the one that the reference prints, a
 * wrong value is refused at its place in the file or with its setting, and a misspelt key is recognised.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { TrunklineError } from '../base/errors.ts';
import { parseScenario, type Scenario } from './scenario.ts';
import { scenarioJsonSchema, scenarioReference } from './scenario-reference.ts';

const MINIMUM = `name: test
description: A scenario for tests
phones: {count: 1k, offline: 0%, heartbeat: none, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;

interface Key {
  readonly path: readonly string[];
  readonly name: string;
  readonly fallback: unknown;
  readonly isRequired: boolean;
}

const nodeSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  default: z.unknown().optional(),
});

/** Keys that hold values, also lists, in the order of the schema. */
function keysOf(schema: unknown, path: readonly string[] = [], isRequired = true): Key[] {
  const { properties, required = [], default: fallback } = nodeSchema.parse(schema);
  if (properties === undefined) return [{ path, name: path.join('.'), fallback, isRequired }];
  return Object.entries(properties).flatMap(([key, inner]) => keysOf(inner, [...path, key], required.includes(key)));
}

const KEYS = keysOf(scenarioJsonSchema());
const LISTS = [
  ...[
    'thresholds',
    'steps',
    'numbering',
    'traffic.stages',
    'storms',
    'faults',
    'network.outages',
    'curve.hours',
    'events',
  ],
  'published',
];
const SCALARS = KEYS.filter(({ name }) => !LISTS.includes(name));

const parse = (...settings: string[]): Scenario => parseScenario(MINIMUM, 'x.yaml', settings);

function errorOf(read: () => unknown): TrunklineError {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  return assert.fail('an error was expected');
}

/** A file with these keys, each on a line of its own. @returns the place of each value as well. */
function fileOf(values: ReadonlyMap<Key, unknown>): { text: string; places: Map<Key, string> } {
  const lines: string[] = [];
  const places = new Map<Key, string>();
  let open: readonly string[] = [];
  for (const [key, value] of values) {
    const parents = key.path.slice(0, -1);
    let shared = 0;
    while (shared < parents.length && open[shared] === parents[shared]) shared++;
    for (let level = shared; level < parents.length; level++) lines.push(`${'  '.repeat(level)}${parents[level]}:`);
    open = parents;
    const before = `${'  '.repeat(parents.length)}${key.path.at(-1)}: `;
    lines.push(before + JSON.stringify(value));
    places.set(key, `x.yaml:${lines.length}:${before.length + 1}`);
  }
  return { text: `${lines.join('\n')}\n`, places };
}

describe('the keys of a scenario', () => {
  it('have the defaults that the reference prints: a file that states them all is the same scenario', () => {
    const printed = new Map(
      [...scenarioReference().matchAll(/^\| `([\w.]+)` \| `([^`]*)` \|/gm)].map(([, name = '', text = '']) => [
        name,
        text,
      ]),
    );
    const defaulted = SCALARS.filter(({ fallback }) => fallback !== undefined);
    assert.ok(defaulted.length > 50, `${defaulted.length} keys have a default`);
    for (const { name } of defaulted) assert.ok(printed.has(name), `the reference prints the default of ${name}`);
    const settings = defaulted.map(({ name }) => `${name}=${printed.get(name)}`);
    assert.deepEqual(parse(...settings).settings, parse().settings);
  });

  it('that are required are missed by name, with what was expected', () => {
    const needed = SCALARS.filter(({ isRequired }) => isRequired);
    assert.deepEqual(
      needed.map(({ name }) => name),
      [
        ...['name', 'description', 'phones.count', 'phones.offline', 'phones.heartbeat', 'phones.session'],
        ...['login.rate', 'traffic.rate', 'traffic.payload'],
      ],
    );
    const lines = errorOf(() => parseScenario('phones: {}\nlogin: {}\ntraffic: {}\n', 'x.yaml')).message.split('\n');
    assert.deepEqual(
      lines.map((line) => /the key "([\w.]+)" is missing; expected \w/.exec(line)?.[1]),
      needed.map(({ name }) => name),
    );
  });

  it('refuse a value of another kind with the setting, what was expected, and what was found', () => {
    for (const { name } of SCALARS) {
      const { code, message } = errorOf(() => parse(`${name}=[1, 2]`));
      assert.equal(code, 'SETTING_INVALID', name);
      assert.ok(message.startsWith(`--set ${name}=[1, 2]: ${name}: expected `), message);
      assert.ok(message.endsWith(', found [1,2]'), message);
      assert.doesNotMatch(message, /undefined|Invalid|NaN/);
    }
  });

  it('refuse a wrong value at its line and column of the file', () => {
    const right = new Map(
      SCALARS.map((key): [Key, unknown] => [
        key,
        key.fallback ?? { name: 'a', description: 'b', 'traffic.payload': '64B' }[key.name] ?? '1k',
      ]),
    );
    for (const name of ['phones.offline', 'phones.heartbeat', 'phones.session'])
      for (const key of SCALARS) if (key.name === name) right.set(key, name === 'phones.offline' ? '5%' : 'none');
    parseScenario(fileOf(right).text, 'x.yaml');
    for (const key of SCALARS) {
      const { text, places } = fileOf(new Map([...right, [key, { wrong: true }]]));
      const { code, message } = errorOf(() => parseScenario(text, 'x.yaml'));
      assert.equal(code, 'SCENARIO_INVALID');
      assert.ok(message.startsWith(`${places.get(key)}: ${key.name}: expected `), `${places.get(key)}: ${message}`);
    }
  });

  it('are recognised where their last letter is doubled', () => {
    for (const { name, path } of KEYS) {
      const last = path.at(-1) ?? '';
      const { message } = errorOf(() => parse(`${name}${last.at(-1)}=5`));
      if (path[0] === 'thresholds') continue;
      assert.ok(message.endsWith(`unknown key "${name}${last.at(-1)}"; did you mean "${last}"?`), message);
    }
  });
});
