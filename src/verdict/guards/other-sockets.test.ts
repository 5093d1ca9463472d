import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kernelMemory } from '../../measure/kernel-memory.ts';
import { reading } from '../made-evidence.test-suite.ts';
import type { MemoryReading } from '../record/memory-reading.ts';
import { kernelDisturbance, otherSocketsGuard } from './other-sockets.ts';

describe('sockets of others', () => {
  it('are fine while they stay, and where few of them come and go', () => {
    const still = [reading(1000, 5000), reading(4000, 5000), reading(8000, 5060)];
    assert.equal(otherSocketsGuard(still).verdict, 'ok');
    assert.equal(kernelDisturbance(still), null);
    const large = [reading(100_000, 0), reading(1_000_000, 15_000)];
    assert.equal(otherSocketsGuard(large).verdict, 'ok', 'less than 1 % of two million');
  });

  it('take the figure from kernel memory where they come or go, not the run its validity', () => {
    for (const readings of [
      [reading(1000, 100), reading(4000, 2100)],
      [reading(1000, 2100), reading(4000, 100)],
    ]) {
      const { verdict, sentence, figure, limit } = otherSocketsGuard(readings);
      assert.deepEqual([verdict, figure, limit], ['warning', 2000, 80]);
      assert.match(
        sentence,
        /2,000 sockets of other programs.*at most 80; kernel memory has no figure: stop other programs/,
      );
      assert.match(kernelDisturbance(readings) ?? '', /^not measured: 2,000 sockets of other programs/);
    }
  });

  it('cannot be judged where the kernel does not count them', () => {
    const readings = [{ ...reading(1000), sockets: null }];
    assert.equal(otherSocketsGuard(readings).verdict, 'unknown');
    assert.equal(kernelDisturbance(readings), null);
  });

  it('are what the kernel counts beside ours, of TCP and of any kind', () => {
    /** A reading of a machine on which others have so many TCP sockets, and so many of other kinds. */
    const counted = (connections: number, strangers: number, otherKinds: number): MemoryReading => {
      const own = 2 * connections; // both ends
      const tcp = own + strangers;
      const sockstat = `sockets: used ${tcp + otherKinds}\nTCP: inuse ${tcp} orphan 0 tw 9999 alloc ${tcp} mem 3\n`;
      const { sockets } = kernelMemory((path) => (path === '/proc/net/sockstat' ? sockstat : ''));
      assert.ok(sockets !== null);
      return { ...reading(connections), sockets: { own, tcp: sockets.tcpAllocated, all: sockets.used } };
    };
    const before = counted(0, 20, 300);
    for (const [after, verdict, figure] of [
      [counted(1000, 20, 300), 'ok', 0],
      [counted(1000, 84, 300), 'ok', 64],
      [counted(1000, 85, 300), 'warning', 65],
      [counted(1000, 20, 365), 'warning', 65],
      [counted(1000, 0, 235), 'warning', 85],
      [counted(10_000, 220, 300), 'ok', 200],
      [counted(10_000, 221, 300), 'warning', 201],
    ] as const) {
      const found = otherSocketsGuard([before, after]);
      assert.deepEqual([found.verdict, found.figure], [verdict, figure]);
    }
  });
});
