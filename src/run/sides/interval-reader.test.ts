/**
 * What the reader of an interval makes of threads that answer, answer late, or not at all. The threads are rows of real
 * shared memory; the test answers for them.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentThreadId } from '../../measure/thread-cpu.ts';
import type { RunShape } from '../../plan/sizes/run-shape.ts';
import { RANGE_BITS_MIN } from '../../stats/histogram.ts';
import { THREADS_PER_ROLE_MAX } from '../../verdict/record/interval.ts';
import type { ThreadInfo } from '../../verdict/record/run-record.ts';
import { RunMemory } from '../worker/memory/run-memory.ts';
import type { ThreadGauges } from '../worker/memory/thread-gauges.ts';
import { IntervalReader } from './interval-reader.ts';

const SMALL: RunShape = {
  shards: 2,
  lanes: 2,
  gateways: 1,
  connectionRingBytes: 0,
  inboxBytes: 65_536,
  latencyRangeBits: RANGE_BITS_MIN,
  platforms: 0,
  hasPushes: false,
  stores: 0,
  logRingBytes: 0,
  recalledAccounts: 0,
};

interface World {
  readonly memory: RunMemory;
  readonly threads: readonly ThreadInfo[];
  /** One per thread, as the thread itself has it. */
  readonly gauges: readonly ThreadGauges[];
}

function worldOf(shape: RunShape): World {
  const memory = RunMemory.allocate(shape, null);
  const named = (role: ThreadInfo['role'], count: number): ThreadInfo[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${role}-${i}`, role, threadId: null }));
  const threads = [...named('shard', shape.shards), ...named('lane', shape.lanes), ...named('gateway', shape.gateways)];
  return { memory, threads, gauges: threads.map((_, place) => memory.gauges(place)) };
}

const figures = (place: number): Parameters<ThreadGauges['answer']>[0] => ({
  collections: 10 + place,
  pauseMicros: 100 * (1 + place),
  switchLedgerBytes: 2 ** place,
  driverLedgerBytes: 1000 * 2 ** place,
});

/** Answers of the threads that have been asked; returns their places. */
function answer(gauges: readonly ThreadGauges[]): number[] {
  return gauges.flatMap((one, place) => {
    if (!one.isRequested()) return [];
    one.answer(figures(place));
    return [place];
  });
}

describe('the reading of an interval', () => {
  it('has each thread by its own name with its own figures, and the sum of the tables', async () => {
    const { memory, threads, gauges } = worldOf(SMALL);
    const reader = new IntervalReader(memory, 'both');
    const end = reader.next(threads);
    assert.deepEqual(answer(gauges), [0, 1, 2, 3, 4], 'all are asked before the reader waits');
    await end;
    const { reading } = reader;
    assert.deepEqual(
      reading.threads.map(({ name, role, collections, pauseMicros }) => [name, role, collections, pauseMicros]),
      [
        ['shard-0', 'shard', 10, 100],
        ['shard-1', 'shard', 11, 200],
        ['lane-0', 'lane', 12, 300],
        ['lane-1', 'lane', 13, 400],
        ['gateway-0', 'gateway', 14, 500],
      ],
    );
    assert.equal(reading.switchLedgerBytes, 1 + 2 + 4 + 8 + 16);
    assert.equal(reading.driverLedgerBytes, 1000 * (1 + 2 + 4 + 8 + 16));
  });

  it('leaves the tables out of the side that is in another process', async () => {
    for (const side of ['switch', 'driver'] as const) {
      const { memory, threads, gauges } = worldOf(SMALL);
      const reader = new IntervalReader(memory, side);
      const end = reader.next(threads);
      answer(gauges);
      await end;
      assert.equal(reader.reading.switchLedgerBytes, side === 'switch' ? 31 : null);
      assert.equal(reader.reading.driverLedgerBytes, side === 'driver' ? 31_000 : null);
    }
  });

  it('keeps the last answer of a thread that is late, and has the new one in the next interval', async () => {
    const { memory, threads, gauges } = worldOf(SMALL);
    const reader = new IntervalReader(memory, 'both');
    await reader.next(threads);
    assert.equal(reader.reading.threads[0]?.collections, 0, 'nobody has answered yet');
    assert.equal(reader.reading.switchLedgerBytes, 0);
    answer(gauges);
    assert.equal(reader.reading.threads[0]?.collections, 0, 'an interval that has ended does not change');
    await reader.next(threads);
    assert.equal(reader.reading.threads[0]?.collections, 10);
  });

  it('has the deliveries since the interval before, of all lanes together', async () => {
    const { memory, threads } = worldOf(SMALL);
    const reader = new IntervalReader(memory, 'both');
    const record = (lane: number, micros: number): void => {
      for (let n = 0; n < 2000; n++) memory.latency(lane, 'delivery').record(micros);
    };
    record(0, 100);
    record(1, 900);
    await reader.next(threads);
    const first = reader.reading;
    assert.ok((first.deliveryP50Micros ?? 0) >= 100 && (first.deliveryP50Micros ?? 0) < 110, 'one half by one lane');
    assert.ok((first.deliveryP99Micros ?? 0) >= 900 && (first.deliveryP99Micros ?? 0) < 990, 'the other by the other');
    record(0, 300);
    await reader.next(threads);
    for (const micros of [reader.reading.deliveryP50Micros, reader.reading.deliveryP99Micros]) {
      assert.ok((micros ?? 0) >= 300 && (micros ?? 0) < 330, `${micros}: those of the interval before are left out`);
    }
    await reader.next(threads);
    assert.deepEqual([reader.reading.deliveryP50Micros, reader.reading.deliveryP99Micros], [null, null]);
  });

  it('has how late messages were sent since the interval before', async () => {
    const { memory, threads } = worldOf(SMALL);
    const reader = new IntervalReader(memory, 'driver');
    for (let n = 0; n < 2000; n++) memory.latency(1, 'sendDelay').record(5000);
    await reader.next(threads);
    const late = reader.reading.sendDelayP99Micros ?? 0;
    assert.ok(late >= 5000 && late < 5500, String(late));
    assert.equal(reader.reading.deliveryP99Micros, null);
    await reader.next(threads);
    assert.equal(reader.reading.sendDelayP99Micros, null);
  });

  it('has the processor time of a thread that the kernel knows', { skip: currentThreadId() === null }, async () => {
    const { memory, threads } = worldOf({ ...SMALL, gateways: 0 });
    const [first, ...others] = threads;
    const reader = new IntervalReader(memory, 'both');
    await reader.next([{ ...first, threadId: currentThreadId() } as ThreadInfo, ...others]);
    assert.ok((reader.reading.threads[0]?.cpuMicros ?? 0) > 0);
    assert.equal(reader.reading.threads[1]?.cpuMicros, null);
  });
});

describe('the reading of an interval with many threads', () => {
  const many: RunShape = { ...SMALL, shards: THREADS_PER_ROLE_MAX + 30, lanes: THREADS_PER_ROLE_MAX + 3, gateways: 1 };

  it('lists the first of each role, and never more', async () => {
    const { memory, threads } = worldOf(many);
    const reader = new IntervalReader(memory, 'both');
    await reader.next(threads);
    const names = reader.reading.threads.map(({ name }) => name);
    const first = (role: string): string[] => Array.from({ length: THREADS_PER_ROLE_MAX }, (_, i) => `${role}-${i}`);
    assert.deepEqual(names, [...first('shard'), ...first('lane'), 'gateway-0']);
  });

  it('asks those that it lists each time, and the others in turns until all have had theirs', async () => {
    const { memory, threads, gauges } = worldOf(many);
    const reader = new IntervalReader(memory, 'both');
    const listed = new Set(reader.reading.threads.map(({ name }) => name));
    assert.equal(listed.size, 0, 'nothing is read before the first interval');
    const turns: number[][] = [];
    for (let interval = 0; interval < 4; interval++) {
      const end = reader.next(threads);
      turns.push(answer(gauges));
      await end;
    }
    const isListed = (place: number): boolean =>
      reader.reading.threads.some(({ name }) => name === threads[place]?.name);
    for (const turn of turns) assert.equal(turn.filter(isListed).length, 2 * THREADS_PER_ROLE_MAX + 1);
    const others = turns.map((turn) => turn.filter((place) => !isListed(place)));
    for (const turn of others) assert.ok(turn.length <= 16, `${turn.length} at once`);
    assert.deepEqual(new Set(others.slice(0, 3).flat()).size, 33, 'three turns reach all 33');
    assert.equal(others.slice(0, 3).flat().length, 33, 'and none of them twice');
    assert.deepEqual(others[3], others[0], 'then the first come again');
  });

  it('has the tables of all threads in its sum, those that it does not list as well', async () => {
    const { memory, threads, gauges } = worldOf(many);
    for (const one of gauges) {
      one.answer({ collections: 0, pauseMicros: 0, switchLedgerBytes: 3, driverLedgerBytes: 5 });
    }
    const reader = new IntervalReader(memory, 'both');
    await reader.next(threads);
    assert.equal(reader.reading.switchLedgerBytes, 3 * threads.length);
    assert.equal(reader.reading.driverLedgerBytes, 5 * threads.length);
  });
});
