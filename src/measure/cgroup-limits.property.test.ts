/** The limits of a group against a made hierarchy: the smallest of the group and of all above it, of either version. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cgroupLimits } from './cgroup-limits.ts';
import { freeMemoryBytes } from './process-memory.ts';

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

describe('free memory', () => {
  const MACHINE_FREE = 2 ** 36;
  /** A group's limit and what it and the groups in it use; either may not be stated. */
  const group = fc.record({
    limit: fc.option(fc.integer({ min: 1, max: 2 ** 40 })),
    used: fc.option(fc.integer({ min: 0, max: 2 ** 36 }), { freq: 10 }),
  });
  const VERSIONS = [
    { cgroup: '0::', folder: '/sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', none: 'max' },
    {
      cgroup: '0::/\n5:cpu,memory:',
      folder: '/sys/fs/cgroup/memory',
      limit: 'memory.limit_in_bytes',
      used: 'memory.usage_in_bytes',
      none: '9223372036854771712',
    },
  ];

  for (const [n, names] of VERSIONS.entries())
    it(`is what the group with the least room leaves, from the root down (version ${2 - n})`, () => {
      fc.assert(
        fc.property(fc.array(group, { minLength: 1, maxLength: 5 }), (groups) => {
          const path = ['user.slice', 'session', 'shell', 'run'].slice(0, groups.length - 1);
          const files: Record<string, string> = {
            '/proc/meminfo': `MemFree: ${MACHINE_FREE / 1024} kB\n`,
            '/proc/self/cgroup': `${names.cgroup}/${path.join('/')}\n`,
          };
          folders(names.folder, path).forEach((folder, depth) => {
            const { limit, used } = groups[depth] ?? {};
            files[`${folder}/${names.limit}`] = `${limit ?? names.none}\n`;
            if (used !== null) files[`${folder}/${names.used}`] = `${used}\n`;
          });
          const rooms = groups.map(({ limit, used }) => (limit === null || used === null ? null : limit - used));
          assert.equal(freeMemoryBytes(reader(files)), Math.min(MACHINE_FREE, smallest(rooms) ?? MACHINE_FREE));
        }),
      );
    });
});
