/** The limits of a group against a made hierarchy: the smallest of the group and of all above it, of either version. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cgroupLimits } from './cgroup-limits.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,6}$/);
/** The limits of the groups from the root to that of the process; null is none. */
const limits = fc.array(fc.option(fc.integer({ min: 1, max: 2 ** 40 })), { minLength: 1, maxLength: 5 });

interface Files {
  readonly [path: string]: string;
}

function reader(files: Files): (path: string) => string {
  return (path) => files[path] ?? '';
}

/** The folders from the root of a hierarchy to the group. */
function folders(root: string, names: readonly string[]): string[] {
  return Array.from({ length: names.length + 1 }, (_, depth) => [root, ...names.slice(0, depth)].join('/'));
}

function smallest(values: readonly (number | null)[]): number | null {
  const stated = values.filter((value) => value !== null);
  return stated.length === 0 ? null : Math.min(...stated);
}

describe('the limits of control groups', () => {
  it('are the smallest from the group up to the root (version 2)', () => {
    fc.assert(
      fc.property(limits, limits, fc.array(name, { minLength: 4, maxLength: 4 }), (pids, memory, names) => {
        const depth = Math.max(pids.length, memory.length) - 1;
        const path = names.slice(0, depth);
        const files: Record<string, string> = { '/proc/self/cgroup': `0::/${path.join('/')}\n` };
        folders('/sys/fs/cgroup', path).forEach((folder, i) => {
          if (i < pids.length) files[`${folder}/pids.max`] = `${pids[i] ?? 'max'}\n`;
          if (i < memory.length) files[`${folder}/memory.max`] = `${memory[i] ?? 'max'}\n`;
        });
        const found = cgroupLimits(reader(files));
        assert.deepEqual([found.pids, found.memoryBytes, found.cpuCores], [smallest(pids), smallest(memory), null]);
      }),
    );
  });

  it('are the smallest of each controller, whose groups may differ (version 1)', () => {
    fc.assert(
      fc.property(limits, name, name, (memory, inner, other) => {
        const path = [inner, other, inner, other].slice(0, memory.length - 1);
        const files: Record<string, string> = {
          '/proc/self/cgroup': `5:memory:/${path.join('/')}\n3:pids:/${other}\n`,
          '/sys/fs/cgroup/pids/pids.max': 'max',
          [`/sys/fs/cgroup/pids/${other}/pids.max`]: '321',
        };
        folders('/sys/fs/cgroup/memory', path).forEach((folder, i) => {
          files[`${folder}/memory.limit_in_bytes`] = `${memory[i] ?? 9223372036854771712n}\n`;
        });
        const found = cgroupLimits(reader(files));
        assert.deepEqual([found.pids, found.memoryBytes], [321, smallest(memory)]);
      }),
    );
  });

  it('of processor time are a share of cores: the smallest quota, in whatever period', () => {
    const quota = fc.option(
      fc.record({ quota: fc.integer({ min: 1000, max: 1e6 }), period: fc.constantFrom(10_000, 100_000) }),
    );
    fc.assert(
      fc.property(fc.array(quota, { minLength: 1, maxLength: 4 }), (quotas) => {
        const path = ['a', 'b', 'c'].slice(0, quotas.length - 1);
        const files: Record<string, string> = { '/proc/self/cgroup': `0::/${path.join('/')}\n` };
        folders('/sys/fs/cgroup', path).forEach((folder, i) => {
          const one = quotas[i] ?? null;
          files[`${folder}/cpu.max`] = one === null ? 'max 100000\n' : `${one.quota} ${one.period}\n`;
        });
        const expected = smallest(quotas.map((one) => (one === null ? null : one.quota / one.period)));
        assert.equal(cgroupLimits(reader(files)).cpuCores, expected);
      }),
    );
  });
});
