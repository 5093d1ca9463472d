import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kernelMemory, parsePageBytes, parseSlabinfo, parseSockstat, SOCKET_CACHES } from './kernel-memory.ts';

const PAGE = 4096;
const SLABINFO = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
btrfs_delayed_node      0      0    312   13    1 : tunables    0    0    0 : slabdata      0      0      0
TCP                   30     39   2368   13    8 : tunables    0    0    0 : slabdata      3      3      0
eventpoll_epi        200    224    128   32    1 : tunables    0    0    0 : slabdata      7      7      0
sock_inode_cache      76     76    832   19    4 : tunables    0    0    0 : slabdata      4      4      0
`;
const SOCKSTAT = `sockets: used 18
TCP: inuse 3 orphan 1 tw 7 alloc 5 mem 78
UDP: inuse 0 mem 0
`;
const MEMINFO =
  'MemFree: 100 kB\nSlab:              62332 kB\nSReclaimable:      39424 kB\nSUnreclaim:        22908 kB\n';

const from = (files: Record<string, string>) => (path: string) => files[path] ?? '';

describe('memory of the kernel for sockets', () => {
  it('is counted by cache, in objects and in whole slabs', () => {
    const tcp = parseSlabinfo(SLABINFO, PAGE).get('TCP');
    assert.deepEqual(tcp, { activeObjects: 30, objectBytes: 2368, activeBytes: 30 * 2368, slabBytes: 3 * 8 * PAGE });
    const memory = kernelMemory(
      from({ '/proc/slabinfo': SLABINFO, '/proc/net/sockstat': SOCKSTAT, '/proc/meminfo': MEMINFO }),
      PAGE,
    );
    assert.equal(memory.source, 'slabinfo');
    assert.equal(memory.socketBytes, (3 * 8 + 7 * 1 + 4 * 4) * PAGE);
    assert.equal(memory.activeSocketBytes, 30 * 2368 + 200 * 128 + 76 * 832);
    assert.equal(memory.tcpBufferBytes, 78 * PAGE);
    assert.equal(memory.unreclaimableSlabBytes, 22_908 * 1024);
    assert.ok(!('btrfs_delayed_node' in memory.caches), 'only what sockets take');
    const unseen = memory.cannotSee.join('\n');
    assert.match(unseen, /eventpoll_pwq.*merged/);
    assert.match(unseen, /tables of sockets/);
  });

  it('falls back to the sum of all slabs, and says so', () => {
    const memory = kernelMemory(from({ '/proc/meminfo': MEMINFO, '/proc/net/sockstat': SOCKSTAT }), PAGE);
    assert.equal(memory.source, 'meminfo');
    assert.equal(memory.socketBytes, 62_332 * 1024);
    assert.equal(memory.activeSocketBytes, null);
    assert.match(memory.cannotSee[0] ?? '', /root only/);
  });

  it('is unknown, and nothing throws, where nothing can be read', () => {
    const memory = kernelMemory(() => '', PAGE);
    assert.equal(memory.source, 'none');
    assert.equal(memory.socketBytes, null);
    assert.equal(memory.sockets, null);
    assert.equal(memory.cannotSee.length, 1);
  });

  it('names the row of TCP among those of other protocols', () => {
    assert.deepEqual(parseSockstat(SOCKSTAT), {
      used: 18,
      tcpInUse: 3,
      tcpOrphans: 1,
      tcpTimeWait: 7,
      tcpAllocated: 5,
      tcpMemoryPages: 78,
    });
    assert.equal(parseSockstat('UDP: inuse 0 mem 0'), null);
  });

  it('takes the size of a page from the auxiliary vector', () => {
    const vector = Buffer.alloc(48);
    vector.writeBigUInt64LE(33n, 0);
    vector.writeBigUInt64LE(6n, 16);
    vector.writeBigUInt64LE(65_536n, 24);
    assert.equal(parsePageBytes(vector), 65_536);
    assert.equal(parsePageBytes(Buffer.alloc(16)), null);
  });

  it('looks for the page size in every entry, and in no half one', () => {
    const entry = (key: bigint, value: bigint): Buffer => {
      const bytes = Buffer.alloc(16);
      bytes.writeBigUInt64LE(key, 0);
      bytes.writeBigUInt64LE(value, 8);
      return bytes;
    };
    assert.equal(parsePageBytes(entry(6n, 4096n)), 4096, 'the first');
    assert.equal(
      parsePageBytes(Buffer.concat([entry(33n, 6n), entry(3n, 6n), entry(6n, 16_384n)])),
      16_384,
      'the last',
    );
    assert.equal(parsePageBytes(entry(6n, 4096n).subarray(0, 15)), null);
    assert.equal(parsePageBytes(Buffer.concat([entry(1n, 6n), entry(6n, 4096n).subarray(0, 8)])), null);
  });

  it('says why it cannot see a part, and names no part that it sees', () => {
    const whole = SOCKET_CACHES.map((name) => `${name} 10 10 100 40 1 : tunables 0 0 0 : slabdata 1 1 0\n`).join('');
    const all = kernelMemory(from({ '/proc/slabinfo': whole, '/proc/net/sockstat': SOCKSTAT }), PAGE);
    assert.equal(all.cannotSee.length, 2);
    assert.doesNotMatch(all.cannotSee.join('\n'), /merged/);
    assert.equal(all.socketBytes, SOCKET_CACHES.length * PAGE);
    assert.equal(all.activeSocketBytes, SOCKET_CACHES.length * 1000);
    const blind = kernelMemory(from({ '/proc/slabinfo': whole }), PAGE);
    assert.match(blind.cannotSee.join('\n'), /sockstat cannot be read/);
    assert.deepEqual([blind.tcpBufferBytes, blind.sockets], [null, null]);
  });
});
