import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { portCount } from '../base/port-range.ts';
import { RESERVE_BYTES } from '../base/reserve-bytes.ts';
import { cgroupLimits, parseCgroupPaths, parseLimit } from './cgroup-limits.ts';
import { machineCpu } from './machine-cpu.ts';
import {
  machineLimits,
  parseCapabilities,
  parseHugePages,
  parsePortRange,
  parseProcessLimit,
  parseTriple,
} from './machine-limits.ts';
import { allocatableBytes, freeMemoryBytes, machineFreeBytes, parseKibibytes } from './process-memory.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max processes             96364                96364                processes 
Max open files            1024                 20000                files     
Max address space         unlimited            unlimited            bytes     
`;

const from = (files: Record<string, string>) => (path: string) => files[path] ?? '';

describe('machine limits', () => {
  it('include where the kernel uses huge pages', () => {
    assert.equal(parseHugePages('always [madvise] never\n'), 'madvise');
    assert.equal(parseHugePages('[always] madvise never\n'), 'always');
    assert.equal(parseHugePages('always madvise [never]\n'), 'never');
    assert.equal(parseHugePages(''), null);
  });

  it('are null, and nothing throws, where no file can be read', () => {
    const limits = machineLimits(() => '');
    for (const name of [
      'openFilesHard',
      'nrOpen',
      'fileMax',
      'ports',
      'somaxconn',
      'tcpMemoryPages',
      'mapCount',
      'hugePages',
    ] as const)
      assert.equal(limits[name], null, name);
    assert.deepEqual(limits.cgroup, { pids: null, memoryBytes: null, cpuCores: null });
    assert.equal(limits.mayRaiseHardLimit, false);
    assert.ok(limits.cores >= 1 && limits.memoryTotalBytes > 0);
  });

  it('come from the kernel as it writes them', () => {
    const limits = machineLimits(
      from({
        '/proc/self/limits': LIMITS,
        '/proc/self/status': 'Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n',
        '/proc/self/uid_map': '         0          0 4294967295\n',
        '/proc/sys/fs/nr_open': '1048576\n',
        '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
        '/proc/sys/net/ipv4/tcp_mem': '287898\t383865\t575796\n',
        '/proc/sys/fs/epoll/max_user_watches': '5491489\n',
        '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'kvm-clock\n',
      }),
    );
    assert.equal(limits.openFilesSoft, 1024);
    assert.equal(limits.openFilesHard, 20_000);
    assert.equal(limits.nrOpen, 1_048_576);
    assert.deepEqual(limits.ports, { first: 32_768, last: 60_999 });
    assert.deepEqual(limits.tcpMemoryPages, [287_898, 383_865, 575_796]);
    assert.equal(limits.epollWatches, 5_491_489);
    assert.equal(limits.clocksource, 'kvm-clock');
    assert.equal(limits.mayPassFileMax, true);
    assert.equal(limits.mayRaiseHardLimit, false, 'bit 24 is the one that is missing');
  });

  it('know a limit that is none', () => {
    assert.deepEqual(parseProcessLimit(LIMITS, 'Max cpu time'), {
      soft: Number.POSITIVE_INFINITY,
      hard: Number.POSITIVE_INFINITY,
    });
    assert.equal(parseProcessLimit(LIMITS, 'Max open'), null, 'only whole names');
    assert.equal(parseLimit('max\n'), null);
    assert.equal(
      parseLimit('9223372036854771712\n'),
      null,
      'the largest number of pages: version 1 has no word for it',
    );
  });

  it('count both ends of a range of ports', () => {
    assert.equal(portCount({ first: 32_768, last: 60_999 }), 28_232);
    assert.equal(parsePortRange('60999 32768'), null);
    assert.equal(parsePortRange(''), null);
  });

  it('take no other number of words for three', () => {
    assert.equal(parseTriple('4096 131072'), null);
    assert.deepEqual(parseTriple('4096\t131072\t33554432\n'), [4096, 131_072, 33_554_432]);
  });

  it("do not take root of a container with users of its own for the machine's", () => {
    const status = 'CapEff:\t000001ffffffffff\n';
    const ofRoot = (map: string) => machineLimits(from({ '/proc/self/status': status, '/proc/self/uid_map': map }));
    assert.equal(ofRoot('0 0 4294967295\n').mayPassFileMax, true);
    assert.equal(ofRoot('0 100000 65536\n').mayPassFileMax, false);
  });

  it('see no capability in a text without them', () => {
    assert.equal(parseCapabilities('Name: node'), 0n);
  });
});

describe('limits of control groups', () => {
  it('are the least of a group and those above it (version 2)', () => {
    const limits = cgroupLimits(
      from({
        '/proc/self/cgroup': '0::/work/job\n',
        '/sys/fs/cgroup/work/job/pids.max': 'max\n',
        '/sys/fs/cgroup/work/pids.max': '500\n',
        '/sys/fs/cgroup/work/job/memory.max': '1073741824\n',
        '/sys/fs/cgroup/memory.max': '4294967296\n',
        '/sys/fs/cgroup/work/job/cpu.max': '150000 100000\n',
      }),
    );
    assert.deepEqual(limits, { pids: 500, memoryBytes: 2 ** 30, cpuCores: 1.5 });
  });

  it('are read for each controller (version 1)', () => {
    const limits = cgroupLimits(
      from({
        '/proc/self/cgroup': '9:name=systemd:/\n8:pids:/\n4:memory:/a/b\n2:cpu,cpuacct:/a\n0::/\n',
        '/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': '9223372036854771712\n',
        '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': '2147483648\n',
        '/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
      }),
    );
    assert.deepEqual(limits, { pids: null, memoryBytes: 2 ** 31, cpuCores: null });
  });

  it('come with their paths', () => {
    const paths = parseCgroupPaths('4:memory:/a/b\n2:cpu,cpuacct:/a\n0::/c\n');
    assert.equal(paths.get('cpuacct'), '/a');
    assert.equal(paths.get(''), '/c');
  });
});

describe('free memory', () => {
  it('counts cached pages but not what lies in shared memory, whatever MemAvailable says', () => {
    const info = parseKibibytes('MemFree: 100 kB\nMemAvailable: 900 kB\nBuffers: 10 kB\nCached: 50 kB\nShmem: 20 kB\n');
    assert.equal(machineFreeBytes(info), 140 * 1024);
    assert.equal(machineFreeBytes(parseKibibytes('')), null);
  });

  const GIBIBYTE = 2 ** 30;
  /** A machine with eight gibibytes free, and a control group. */
  const machine = (limit: string, used: string) =>
    from({
      '/proc/meminfo': `MemFree: ${4 * 2 ** 20} kB\nCached: ${3 * 2 ** 20} kB\nBuffers: ${2 ** 20} kB\n`,
      '/sys/fs/cgroup/memory.max': limit,
      '/sys/fs/cgroup/memory.current': used,
    });

  it('is at most what is left to the control group', () => {
    assert.equal(freeMemoryBytes(machine('max\n', `${GIBIBYTE}\n`)), 8 * GIBIBYTE);
    assert.equal(freeMemoryBytes(machine(`${5 * GIBIBYTE}\n`, `${2 * GIBIBYTE}\n`)), 3 * GIBIBYTE);
    assert.equal(
      freeMemoryBytes(machine(`${50 * GIBIBYTE}\n`, `${2 * GIBIBYTE}\n`)),
      8 * GIBIBYTE,
      'the machine has less',
    );
    assert.equal(
      freeMemoryBytes(machine(`${5 * GIBIBYTE}\n`, '')),
      8 * GIBIBYTE,
      'it is not known what the group has used',
    );
  });

  it('is unknown where the machine says nothing, whatever the control group says', () => {
    const read = from({ '/sys/fs/cgroup/memory.max': '1000\n', '/sys/fs/cgroup/memory.current': '10\n' });
    assert.deepEqual([freeMemoryBytes(read), allocatableBytes(read)], [null, null]);
  });

  it('can be taken but for the reserve, which leaves less than nothing where there is little', () => {
    assert.equal(allocatableBytes(machine('max', '')), 8 * GIBIBYTE - RESERVE_BYTES);
    assert.equal(allocatableBytes(machine(`${GIBIBYTE}`, '0')), GIBIBYTE - RESERVE_BYTES);
  });

  it('is among the limits, from the same files as the others', () => {
    assert.equal(machineLimits(machine(`${2 * GIBIBYTE}`, '0')).memoryFreeBytes, 2 * GIBIBYTE);
    assert.equal(machineLimits(() => '').memoryFreeBytes, null);
  });
});

describe('limits that depend on the user', () => {
  const LOCKED = 'Max locked memory         65536                65536                bytes     \n';
  const limits = (effective: string) =>
    machineLimits(
      from({
        '/proc/self/limits': LIMITS + LOCKED,
        '/proc/self/status': `CapEff:\t${effective}\n`,
        '/proc/self/uid_map': '0 0 4294967295\n',
      }),
    );

  it('are raised by one capability each, and by no other', () => {
    const of = (bit: bigint) => {
      const { lockedBytes, mayPassFileMax, mayRaiseHardLimit } = limits((1n << bit).toString(16).padStart(16, '0'));
      return { lockedBytes, mayPassFileMax, mayRaiseHardLimit };
    };
    const none = { lockedBytes: 65_536, mayPassFileMax: false, mayRaiseHardLimit: false };
    assert.deepEqual(of(14n), { ...none, lockedBytes: Number.POSITIVE_INFINITY });
    assert.deepEqual(of(21n), { ...none, mayPassFileMax: true });
    assert.deepEqual(of(24n), { ...none, mayRaiseHardLimit: true });
    for (const other of [0n, 13n, 15n, 20n, 22n, 23n, 25n, 40n]) assert.deepEqual(of(other), none, `bit ${other}`);
  });

  it('have threads for all users but root, who is exempt', () => {
    assert.equal(limits('0').userThreads, process.getuid?.() === 0 ? null : 96_364);
  });
});

describe('the disturbances of a machine', () => {
  it('are sums of what the kernel counts, and 0 where it counts nothing', () => {
    const none = machineCpu(() => '');
    assert.deepEqual([none.stealTicks, none.throttledPeriods, none.swappedPages, none.idleTicks], [0, 0, 0, 0]);
    const found = machineCpu(
      from({
        '/proc/stat': 'cpu  1 2 3 4 5 6 7 8 90 100\ncpu0 9 9 9 9 9 9 9 9 9 9\n',
        '/sys/fs/cgroup/cpu.stat': 'usage_usec 5\nnr_periods 7\nnr_throttled 11\nthrottled_usec 13\n',
        '/proc/vmstat': 'pgpgin 1\npswpin 17\npswpout 19\npswpin_total 1000\nxpswpin 1000\n',
      }),
    );
    assert.deepEqual(found, {
      totalTicks: 36, // guest time is part of the time of users
      idleTicks: 4 + 5,
      stealTicks: 8,
      throttledPeriods: 11,
      swappedPages: 17 + 19,
    });
  });
});
