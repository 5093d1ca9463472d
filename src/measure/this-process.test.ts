/** What this process and this thread measure of themselves, held against what they really do. */
import assert from 'node:assert/strict';
import { arch, availableParallelism, platform, totalmem } from 'node:os';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RESERVE_BYTES } from '../base/reserve-bytes.ts';
import { cgroupLimits } from './cgroup-limits.ts';
import { CollectionCounter, collectGarbage, heapUsedBytes } from './collect-garbage.ts';
import { fingerprint, packageVersion } from './fingerprint.ts';
import { isLoopback, isOwnAddress } from './is-own-address.ts';
import { machineCpu } from './machine-cpu.ts';
import { currentEpochNanos, epochTag, MonotonicClock } from './monotonic-clock.ts';
import { processCpuMicros } from './process-cpu-micros.ts';
import { allocatableBytes, freeMemoryBytes, processMemory, roughRssBytes } from './process-memory.ts';
import { readOrEmpty } from './read-or-empty.ts';
import { currentThreadId, readThreadCpu } from './thread-cpu.ts';

const IS_LINUX = platform() === 'linux';
const MEBIBYTE = 2 ** 20;

/** Works until the kernel has counted so much processor time of this process. */
function work(micros: number): number {
  let sum = 0;
  for (const until = processCpuMicros() + micros; processCpuMicros() < until; ) for (let n = 0; n < 1e5; n++) sum += n;
  return sum;
}

describe('garbage', () => {
  it('is gone after it was collected, and what is in use is not', () => {
    let kept: unknown[] | null = Array.from({ length: 200_000 }, (_, n) => ({ n }));
    collectGarbage();
    const full = heapUsedBytes();
    assert.equal(kept.length, 200_000);
    kept = null;
    collectGarbage();
    assert.ok(full - heapUsedBytes() > 200_000 * 8, `${full - heapUsedBytes()} bytes`);
  });

  it('is counted between two readings: collections, their pauses, and the bytes that were made', () => {
    const counter = new CollectionCounter();
    let kept: unknown = null;
    for (let n = 0; n < 20_000; n++) kept = new Array(100).fill(n);
    assert.notEqual(kept, null);
    collectGarbage();
    const { collections, pauseMicros, allocatedBytes } = counter.read();
    assert.ok(collections >= 1 && pauseMicros > 0);
    assert.ok(allocatedBytes > 20_000 * 100 * 4, `${allocatedBytes} bytes`);
    const quiet = counter.read();
    assert.equal(quiet.collections, 0);
    assert.ok(quiet.allocatedBytes < MEBIBYTE, 'counted from the last reading on');
  });

  it('is counted since the start as well, whoever reads, without what is left out', () => {
    const counter = new CollectionCounter();
    collectGarbage();
    const first = counter.total();
    assert.ok(first.collections >= 1);
    collectGarbage();
    counter.leaveOut();
    assert.deepEqual(counter.total().collections, first.collections);
    collectGarbage();
    const all = counter.total();
    assert.ok(all.collections > first.collections && all.pauseMicros > first.pauseMicros);
    assert.equal(counter.read().collections, all.collections, 'totals take nothing away from readings');
    assert.equal(counter.read().collections, 0);
  });
});

describe('processor time', () => {
  it('of a process grows by what it does', () => {
    const before = processCpuMicros();
    work(20_000);
    assert.ok(processCpuMicros() - before >= 20_000);
  });

  it('of a thread is its own, not that of another', { skip: !IS_LINUX }, async () => {
    const id = currentThreadId();
    assert.notEqual(id, null);
    const before = readThreadCpu(id);
    const script = `
      const { parentPort } = require('node:worker_threads');
      const until = Date.now() + 200;
      while (Date.now() < until) {}
      parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));`;
    const worker = new Worker(script, { eval: true });
    const link = await new Promise<string>((resolve) => worker.once('message', resolve));
    await worker.terminate();
    assert.notEqual(Number(link.split('/').at(-1)), id);
    work(30_000);
    const after = readThreadCpu(id);
    const micros = (after?.cpuMicros ?? 0) - (before?.cpuMicros ?? 0);
    assert.ok(micros > 0 && (after?.waitMicros ?? 0) >= (before?.waitMicros ?? 0));
  });

  it('is unknown of no thread, and of one that is not there', () => {
    assert.equal(readThreadCpu(null), null);
    assert.equal(readThreadCpu(2 ** 30), null);
  });

  it('of the machine only grows', { skip: !IS_LINUX }, () => {
    const before = machineCpu();
    work(30_000);
    const after = machineCpu();
    assert.ok(after.totalTicks > before.totalTicks);
    for (const key of ['idleTicks', 'stealTicks', 'throttledPeriods', 'swappedPages'] as const)
      assert.ok(after[key] >= before[key], key);
  });
});

describe('memory', () => {
  it('of the process grows by what it touches', { skip: !IS_LINUX }, () => {
    const before = processMemory();
    const touched = Buffer.alloc(64 * MEBIBYTE, 1);
    const after = processMemory();
    assert.ok(after.rssBytes - before.rssBytes > 56 * MEBIBYTE, `${after.rssBytes - before.rssBytes} bytes`);
    assert.ok((after.pageTableBytes ?? 0) > (before.pageTableBytes ?? 0));
    assert.ok(Math.abs(roughRssBytes() - after.rssBytes) < 32 * MEBIBYTE);
    assert.equal(touched[touched.length - 1], 1);
  });

  it('that may be taken is what is free less a reserve', () => {
    const [free, allocatable] = [freeMemoryBytes(), allocatableBytes()];
    if (free === null) assert.equal(allocatable, null);
    else assert.ok(free < totalmem() && (allocatable ?? 0) <= totalmem() - RESERVE_BYTES);
  });

  it('is read as empty from a file that is not there', () => {
    assert.equal(readOrEmpty('/nowhere/at/all'), '');
  });
});

describe('the clock of a run', () => {
  it('is one for all who are told its beginning, and goes forwards', () => {
    const epoch = currentEpochNanos();
    const [first, second] = [new MonotonicClock(epoch), new MonotonicClock(epoch)];
    const told = new Float64Array(1);
    const readings = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? first : second).nowMicros());
    first.tell(told);
    assert.ok((readings[0] ?? -1) >= 0, 'not before the beginning');
    // A thread may be interrupted between the two readings that an offset is taken from.
    for (let n = 1; n < readings.length; n++) assert.ok((readings[n] ?? 0) > (readings[n - 1] ?? 0) - 1000);
    assert.ok((told[0] ?? 0) >= (readings.at(-1) ?? 0) - 1000);
  });

  it('is that of the process: it counts from the beginning, not from when it was made', () => {
    const nanos = (process.hrtime.bigint() - 5_000_000_000n).toString();
    const micros = new MonotonicClock(nanos).nowMicros();
    assert.ok(micros >= 5e6 && micros < 65e6, `${micros} µs`);
  });

  it('has a tag of sixteen bits that tells runs apart', () => {
    const tags = Array.from({ length: 500 }, (_, n) =>
      epochTag(String(1_700_000_000_000_000_000n + BigInt(n) * 1_000_000n)),
    );
    assert.ok(tags.every((tag) => Number.isInteger(tag) && tag >= 0 && tag < 2 ** 16));
    assert.ok(new Set(tags).size > 450, `${new Set(tags).size} of 500`);
    assert.equal(epochTag('123456789'), epochTag('123456789'));
  });
});

describe('addresses', () => {
  it('that only this machine reaches are known as such', () => {
    for (const host of ['127.0.0.1', '127.9.8.7', '::1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])
      assert.ok(isLoopback(host) && isOwnAddress(host), host);
    for (const host of ['128.0.0.1', '10.0.0.1', 'localhost.example.org', '::2', '0.0.0.0', '1127.0.0.1', ''])
      assert.equal(isLoopback(host), false, host);
    assert.equal(isOwnAddress('192.0.2.1'), false, 'kept for documents: nobody has it');
  });
});

describe('the fingerprint', () => {
  it('names what figures depend on, as the machine says it', () => {
    const found = fingerprint();
    assert.equal(found.node, process.version);
    assert.equal(found.platform, `${platform()} ${arch()}`);
    assert.deepEqual([found.cores, found.memoryBytes], [availableParallelism(), totalmem()]);
    assert.match(found.trunkline, /^\d+\.\d+\.\d+/);
    assert.equal(found.trunkline, packageVersion());
    assert.ok(found.machineClass.includes(`×${found.cores} `) && found.machineClass.includes(found.cpuModel));
    assert.ok(found.commit === null || /^[0-9a-f]{40}$/.test(found.commit));
    assert.equal(found.commit === null, found.isDirty === null);
    assert.ok(Object.keys(found.sysctls).every((name) => /^[a-z_.]+$/.test(name)));
  });

  it('is of the same class each time', () => {
    assert.equal(fingerprint().machineClass, fingerprint().machineClass);
  });
});

describe('the limits of this control group', () => {
  it('are null or above 0', () => {
    for (const limit of Object.values(cgroupLimits())) assert.ok(limit === null || limit > 0);
  });
});
