import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MachineInterval } from './machine-interval.ts';

/** A /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
const stat = (idle: number, steal: number): string => `cpu  10 0 10 ${idle} 0 0 0 ${steal} 0 0\n`;
/** A /proc/slabinfo with slabs of one page. */
const slabs = (count: number): string =>
  `TCP ${count} ${count} 2048 2 1 : tunables 0 0 0 : slabdata ${count} ${count} 0\n`;

/** A machine whose kernel files a test sets. */
function machine(files: Record<string, string>, hasSockets = true): MachineInterval {
  return new MachineInterval(hasSockets, (path) => files[path] ?? '');
}

describe('the machine in an interval', () => {
  it('has the share of time that was stolen in it', () => {
    const files = { '/proc/stat': stat(100, 50) };
    const interval = machine(files);
    files['/proc/stat'] = stat(175, 75);
    assert.equal(interval.next(1e6).stealShare, 0.25);
    files['/proc/stat'] = stat(275, 75);
    assert.equal(interval.next(2e6).stealShare, 0);
  });

  it('does not know the share where the kernel reports none, or no tick has passed', () => {
    assert.equal(machine({}).next(1e6).stealShare, null);
    assert.equal(machine({ '/proc/stat': stat(100, 0) }).next(1e6).stealShare, null);
  });

  it('has the growth of kernel memory since the start, read once a second at most', () => {
    const pageBytes = 4096;
    const files: Record<string, string> = { '/proc/slabinfo': slabs(100) };
    const interval = machine(files);
    files['/proc/slabinfo'] = slabs(150);
    const first = interval.next(1e6).kernelSocketBytes ?? 0;
    assert.ok(first >= 50 * pageBytes && first % pageBytes === 0);
    files['/proc/slabinfo'] = slabs(200);
    assert.equal(interval.next(1.5e6).kernelSocketBytes, first, 'too early for another reading');
    assert.equal(interval.next(2e6).kernelSocketBytes, 2 * first);
    files['/proc/slabinfo'] = slabs(250);
    assert.equal(interval.next(2.9e6).kernelSocketBytes, 2 * first, 'a second counts from the reading before');
    files['/proc/slabinfo'] = slabs(90);
    assert.equal(interval.next(3e6).kernelSocketBytes, 0, 'memory that others gave back is not negative memory');
  });

  it('has the periods of throttling and the pages swapped in it', () => {
    const at = (throttled: number, swappedIn: number, swappedOut: number): Record<string, string> => ({
      '/sys/fs/cgroup/cpu.stat': `nr_periods 900\nnr_throttled ${throttled}\n`,
      '/proc/vmstat': `pgin 4\npswpin ${swappedIn}\npswpout ${swappedOut}\n`,
    });
    const files = at(10, 100, 1000);
    const interval = machine(files);
    Object.assign(files, at(13, 102, 1005));
    const { throttledPeriods, swappedPages } = interval.next(1e6);
    assert.deepEqual([throttledPeriods, swappedPages], [3, 7]);
    assert.equal(interval.next(2e6).swappedPages, 0);
  });

  it('has what the kernel counted of connections since the start, and nothing without sockets', () => {
    const at = (pressures: number, resent: number): Record<string, string> => ({
      '/proc/net/netstat': `TcpExt: TCPMemoryPressures\nTcpExt: ${pressures}\n`,
      '/proc/net/snmp': `Tcp: OutSegs RetransSegs\nTcp: 1000 ${resent}\n`,
    });
    const files = at(5, 70);
    const interval = machine(files);
    Object.assign(files, at(6, 72));
    const { kernel } = interval.next(1e6);
    assert.deepEqual([kernel?.memoryPressures, kernel?.segmentsRetransmitted], [1, 2]);
    assert.equal(kernel?.listenDrops, null, 'this kernel does not report it');
    Object.assign(files, at(9, 80));
    assert.equal(interval.next(1.5e6).kernel?.memoryPressures, 1, 'too early for another reading');
    assert.equal(interval.next(2e6).kernel?.memoryPressures, 4);
    assert.equal(machine(files, false).next(1e6).kernel, null);
  });

  it('does not know kernel memory without sockets, or from the sum of all slabs', () => {
    assert.equal(machine({ '/proc/slabinfo': slabs(100) }, false).next(1e6).kernelSocketBytes, null);
    assert.equal(machine({ '/proc/meminfo': 'Slab: 1000 kB\n' }).next(1e6).kernelSocketBytes, null);
  });
});
