/** Differences between results: found wherever two disagree, and nowhere else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Result } from '../../result/result-schema.ts';
import { ENVIRONMENT_FIELDS, environmentDifferences, scenarioDifferences } from './environment-differences.ts';
import { madeResult } from './made-results.test-suite.ts';

const OTHER = {
  machineClass: 'another class',
  platform: 'linux arm64',
  kernel: '7.0',
  cpuModel: 'Another CPU',
  cores: 64,
  memoryBytes: 2 ** 36,
  governor: 'powersave',
  cgroupCpuCores: 1.5,
  cgroupMemoryBytes: 2 ** 30,
  openFilesLimit: 20_000,
  sysctls: { 'vm.swappiness': '10' },
  node: 'v24.0.0',
  v8: '13.6',
  execArgv: ['--max-old-space-size=100'],
} as const satisfies Partial<Result['environment']>;

const fields = fc.subarray([...ENVIRONMENT_FIELDS]);
const changed = (names: readonly (keyof typeof OTHER)[]): Result =>
  madeResult({ environment: Object.fromEntries(names.map((name) => [name, OTHER[name]])) });

describe('differences of environments', () => {
  it('are the fields that were changed, in a fixed order, with both values', () => {
    fc.assert(
      fc.property(fields, (names) => {
        const found = environmentDifferences([madeResult(), madeResult(), changed(names), madeResult()]);
        const expected = ENVIRONMENT_FIELDS.filter((name) => names.includes(name));
        assert.deepEqual(
          found.map(({ name }) => name),
          expected,
        );
        for (const { name, values } of found) {
          const before = madeResult().environment;
          const pair = [before, { ...before, ...OTHER }].map((one) =>
            JSON.stringify(new Map(Object.entries(one)).get(name)),
          );
          assert.deepEqual(values, pair);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are not what a candidate changes, nor the load of the moment', () => {
    const other = madeResult({
      commit: 'b'.repeat(40),
      environment: { loadBefore: 9, isDirty: true, lockfileHash: 'x' },
    });
    assert.deepEqual(environmentDifferences([madeResult(), other]), []);
    assert.deepEqual(environmentDifferences([madeResult()]), []);
    assert.deepEqual(environmentDifferences([]), []);
  });
});

type Settings = { [key: string]: number | number[] | Settings };
const leaf = fc.oneof(fc.nat(3), fc.array(fc.nat(2), { maxLength: 2 }));
const settings = fc.letrec<{ tree: Settings; value: Settings[string] }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('tree')),
})).tree;

/** Every path to a value that is no object, as JSON. */
function flat(tree: Settings, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'number' || Array.isArray(value)) found.set(`${prefix}${key}`, JSON.stringify(value));
    else for (const [path, inner] of flat(value, `${prefix}${key}.`)) found.set(path, inner);
  }
  return found;
}

describe('differences of scenarios', () => {
  it('are the settings on which not all agree, one that is missing included', () => {
    fc.assert(
      fc.property(fc.array(settings, { minLength: 1, maxLength: 3 }), (several) => {
        const results = several.map((written) => madeResult({ written }));
        const maps = several.map((written) => flat(written));
        const expected = [...new Set(maps.flatMap((map) => [...map.keys()]))]
          .filter((path) => new Set(maps.map((map) => map.get(path))).size > 1)
          .sort();
        assert.deepEqual(
          scenarioDifferences(results).map(({ name }) => name),
          expected,
        );
      }),
    );
  });

  it('say what each side has, and leave the seed alone', () => {
    const results = [
      { seed: 1, traffic: { rate: '1k' } },
      { seed: 2, traffic: { rate: '2k', payload: '64B' } },
    ];
    assert.deepEqual(scenarioDifferences(results.map((written) => madeResult({ written }))), [
      { name: 'traffic.payload', values: ['not set', '"64B"'] },
      { name: 'traffic.rate', values: ['"1k"', '"2k"'] },
    ]);
  });
});
