import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgroupLimits, parseCgroupPaths, parseLimit } from './cgroup-limits.ts';
import {
  machineLimits,
  parseCapabilities,
  parseHugePages,
  parsePortRange,
  parseProcessLimit,
  parseTriple,
  portCount,
} from './machine-limits.ts';
import { machineFreeBytes, parseKibibytes } from './process-memory.ts';

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
});
