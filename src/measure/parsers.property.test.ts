/** What the kernel writes, put together at random and read back: no reader may take one field for another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { portCount } from '../base/port-range.ts';
import { cgroupCores, parseCgroupPaths, parseLimit } from './cgroup-limits.ts';
import { parseNetworkTables } from './kernel-counters.ts';
import { parseSlabinfo, parseSockstat } from './kernel-memory.ts';
import { parseStat } from './machine-cpu.ts';
import { parseCapabilities, parsePortRange, parseProcessLimit, parseTriple } from './machine-limits.ts';
import { machineFreeBytes, parseKibibytes } from './process-memory.ts';
import { parseSchedstat } from './thread-cpu.ts';

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/);
const count = fc.nat(2 ** 31);
/** Texts that are none of the kernel's. */
const noise = fc.oneof(fc.string(), fc.constant('max'), fc.constant('-1'), fc.constant('\n\n'));

describe('the files of the kernel', () => {
  it('read back as they are written: tables of /proc/net', () => {
    const table = fc.tuple(word, fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.integer()));
    fc.assert(
      fc.property(fc.uniqueArray(table, { maxLength: 5, selector: ([group]) => group }), (tables) => {
        const wanted = new Map<string, number>();
        const text = tables.map(([group, names, stream]) => {
          const values = names.map(() => Number(stream.next().value ?? 0));
          names.forEach((name, i) => void wanted.set(`${group}.${name}`, values[i] ?? 0));
          return `${group}: ${names.join(' ')}\n${group}: ${values.join(' ')}\n`;
        });
        assert.deepEqual(parseNetworkTables(text.join('')), wanted);
      }),
    );
  });

  it('read back as they are written: caches of slabinfo, with tunables or without', () => {
    const cache = fc.tuple(
      word,
      fc.tuple(count, count, fc.nat(10_000), fc.nat(64), fc.nat(64), fc.nat(10_000), fc.nat(10_000)),
    );
    fc.assert(
      fc.property(fc.uniqueArray(cache, { selector: ([name]) => name }), (caches) => {
        const lines = caches.map(
          ([name, [active, all, size, perSlab, pages, activeSlabs, slabs]]) =>
            `${name}  ${active} ${all} ${size} ${perSlab} ${pages} : tunables 0 0 0 : slabdata ${activeSlabs} ${slabs} 0`,
        );
        const found = parseSlabinfo(`slabinfo - version: 2.1\n${lines.join('\n')}\n`, 4096);
        assert.equal(found.size, caches.length);
        for (const [name, [active, , size, , pages, , slabs]] of caches) {
          assert.deepEqual(found.get(name), {
            activeObjects: active,
            objectBytes: size,
            activeBytes: active * size,
            slabBytes: slabs * pages * 4096,
          });
        }
      }),
    );
  });

  it('read back as they are written: sockets, memory, processor time', () => {
    fc.assert(
      fc.property(fc.array(count, { minLength: 12, maxLength: 12 }), (figures) => {
        const [used = 0, a = 0, b = 0, c = 0, d = 0, e = 0, ...ticks] = figures;
        assert.deepEqual(
          parseSockstat(`sockets: used ${used}\nTCP: inuse ${a} orphan ${b} tw ${c} alloc ${d} mem ${e}\n`),
          {
            used,
            tcpInUse: a,
            tcpOrphans: b,
            tcpTimeWait: c,
            tcpAllocated: d,
            tcpMemoryPages: e,
          },
        );
        const info = parseKibibytes(
          `MemFree: ${a} kB\nMemAvailable: 9 kB\nBuffers: ${b} kB\nCached: ${c} kB\nShmem: ${d} kB\nHugePages_Total: 7\n`,
        );
        assert.equal(machineFreeBytes(info), (a + b + c - d) * 1024);
        assert.equal(info.has('HugePages_Total'), false, 'no bytes');
        assert.deepEqual(parseSchedstat(`${a} ${b} ${c}\n`), { cpuMicros: a / 1000, waitMicros: b / 1000 });
        const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, steal = 0] = ticks;
        const stat = parseStat(
          `cpu  ${user} ${nice} ${system} ${idle} ${wait} 0 0 ${steal} 99 99\ncpu0 1 1 1 1 1 1 1 1\n`,
        );
        assert.deepEqual(stat, {
          totalTicks: user + nice + system + idle + wait + steal,
          idleTicks: idle + wait,
          stealTicks: steal,
        });
      }),
    );
  });

  it('read back as they are written: limits of a process, ranges and triples', () => {
    const limit = fc.oneof(count.map(String), fc.constant('unlimited'));
    const value = (text: string): number => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text));
    fc.assert(
      fc.property(limit, limit, count, count, count, (soft, hard, a, b, c) => {
        const text = `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}    ${hard}   files\n`;
        assert.deepEqual(parseProcessLimit(text, 'Max open files'), { soft: value(soft), hard: value(hard) });
        assert.equal(parseProcessLimit(text, 'Max processes'), null);
        const range = parsePortRange(`${a}\t${b}\n`);
        assert.deepEqual(range, a <= b ? { first: a, last: b } : null);
        if (range !== null) assert.equal(portCount(range), b - a + 1);
        assert.deepEqual(parseTriple(`${a}\t${b}  ${c}\n`), [a, b, c]);
        assert.equal(parseLimit(`${a}\n`), a);
        assert.equal(cgroupCores(`${a} ${b}\n`), a > 0 && b > 0 ? a / b : null);
        assert.equal(cgroupCores(`max ${b}\n`), null);
      }),
    );
  });

  it('read back as they are written: control groups and capabilities', () => {
    const group = fc.tuple(fc.uniqueArray(word, { maxLength: 3 }), fc.array(word, { maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(group, { maxLength: 6 }), fc.bigInt({ min: 0n, max: 2n ** 41n }), (groups, capabilities) => {
        const text = groups.map(([names, path], n) => `${n}:${names.join()}:/${path.join('/')}\n`).join('');
        const paths = parseCgroupPaths(text);
        const last = groups.at(-1);
        if (last !== undefined) {
          const [names, path] = last;
          for (const name of names.length === 0 ? [''] : names) assert.equal(paths.get(name), `/${path.join('/')}`);
        }
        assert.equal(parseCapabilities(`Name:\tnode\nCapEff:\t${capabilities.toString(16)}\n`), capabilities);
      }),
    );
  });

  it('are null or empty, and nothing throws, where a system writes something else', () => {
    fc.assert(
      fc.property(noise, (text) => {
        for (const read of [
          parseNetworkTables,
          parseKibibytes,
          parseCgroupPaths,
          parseSockstat,
          parseSchedstat,
          parseStat,
        ])
          assert.doesNotThrow(() => read(text));
        assert.doesNotThrow(() => parseSlabinfo(text, 4096));
        assert.doesNotThrow(() => parseProcessLimit(text, 'Max open files'));
        assert.equal(parseSlabinfo(text, 4096).size, 0);
      }),
    );
  });
});
