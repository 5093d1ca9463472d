/**
 * Finds unintended differences between results. The machine and its settings must be the same. The source (commit,
 * lockfile, version) is what a candidate changes.
 */
import type { Result } from '../../result/result-schema.ts';
import type { Environment } from '../../result/sections/environment-schema.ts';

/** Fields that may cause a difference between figures unintentionally. */
export const ENVIRONMENT_FIELDS = [
  'machineClass',
  'platform',
  'kernel',
  'cpuModel',
  'cores',
  'memoryBytes',
  'governor',
  'cgroupCpuCores',
  'cgroupMemoryBytes',
  'openFilesLimit',
  'sysctls',
  'node',
  'v8',
  'execArgv',
] as const satisfies readonly (keyof Environment)[];

/** A field of the environment that may itself be under test, such as `node`. */
export type EnvironmentField = (typeof ENVIRONMENT_FIELDS)[number];

export interface Difference {
  /** Dotted name. */
  readonly name: string;
  /** The different values as JSON, in order of first occurrence. */
  readonly values: readonly string[];
}

/** Fields in which not all results agree. */
export function environmentDifferences(results: readonly Result[]): Difference[] {
  return ENVIRONMENT_FIELDS.flatMap((name) => {
    const values = distinct(results.map(({ environment }) => environment[name]));
    return values.length > 1 ? [{ name, values }] : [];
  });
}

/** Keys of the scenarios, as written, in which not all results agree. The seed may differ. */
export function scenarioDifferences(results: readonly Result[]): Difference[] {
  const written = results.map(({ scenario }) => new Map(leaves(scenario.written, '')));
  const names = new Set(written.flatMap((leaf) => [...leaf.keys()]));
  names.delete('seed');
  return [...names].sort().flatMap((name) => {
    const values = distinct(written.map((leaf) => leaf.get(name)));
    return values.length > 1 ? [{ name, values }] : [];
  });
}

function leaves(value: unknown, prefix: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, prefix === '' ? key : `${prefix}.${key}`));
}

function distinct(values: readonly unknown[]): string[] {
  return [...new Set(values.map((value) => (value === undefined ? 'not set' : JSON.stringify(value))))];
}
