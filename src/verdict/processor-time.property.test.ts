/** Processor time of a run from made threads and processes: no time is counted for both sides, and none is lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { TransportName } from '../scenario/terms/transports.ts';
import { Histogram } from '../stats/histogram.ts';
import { processorTime } from './processor-time.ts';
import { eachLatency } from './record/latencies.ts';
import type { RunRecord, ThreadInfo } from './record/run-record.ts';
import { type ProcessCpu, type Snapshot, Window } from './record/window.ts';

type Times = ReadonlyMap<string, number | null>;
const WAIT_SHARE = 0.25;
const SPAN_MICROS = 1e6;
const NO_PROCESS: ProcessCpu = { switchMicros: null, driverMicros: null, sharedMicros: null };

function snapshot(atMicros: number, messages: number, threads: Times, processCpu: ProcessCpu): Snapshot {
  const cpu = [...threads].map(
    ([name, cpuMicros]) =>
      [name, cpuMicros === null ? null : { cpuMicros, waitMicros: WAIT_SHARE * atMicros }] as const,
  );
  return {
    atMicros,
    driver: { messagesAcknowledged: messages },
    switch: {},
    latencies: eachLatency(() => new Histogram()),
    platformLatencies: [],
    cpu: new Map(cpu),
    processCpu,
    controllerMicros: 0,
    machine: { totalTicks: 0, idleTicks: 0, stealTicks: 0, throttledPeriods: 0, swappedPages: 0 },
  };
}

/** The parts of a record that processor time is read from. */
function recordOf(window: Window | null, names: readonly string[], transport: TransportName = 'tcp'): RunRecord {
  const threads = names.map(
    (name): ThreadInfo => ({ name, role: name.startsWith('lane') ? 'lane' : 'shard', threadId: 1 }),
  );
  const order = { plan: { settings: { transport } } };
  const part: Pick<RunRecord, 'measured' | 'threads' | 'inspections'> & { order: typeof order } = {
    order,
    measured: window === null ? null : { window, intervals: [] },
    threads,
    inspections: new Map([
      ['shard-0', { heapUsedBytes: 7, ledger: [], collections: 2, pauseMicros: 30, allocatedBytes: 99, findings: [] }],
    ]),
  };
  return part as unknown as RunRecord; // it reads nothing else
}

const micros = fc.integer({ min: 0, max: 1_000_000 });
const threadTimes = fc
  .record({
    shards: fc.array(micros, { minLength: 1, maxLength: 4 }),
    lanes: fc.array(micros, { minLength: 1, maxLength: 4 }),
  })
  .map(({ shards, lanes }) => {
    const named = (role: string, times: readonly number[]): [string, number][] =>
      times.map((time, i) => [`${role}-${i}`, time]);
    return new Map([...named('shard', shards), ...named('lane', lanes)]);
  });
const sum = (times: Times, role: string): number =>
  [...times].reduce((total, [name, time]) => (name.startsWith(role) ? total + (time ?? 0) : total), 0);
const zeros = (times: Times): Times => new Map([...times.keys()].map((name) => [name, 0]));

describe('processor time per message', () => {
  it('with a process for each side is all of that process, and the runtime is what its threads did not use', () => {
    fc.assert(
      fc.property(
        threadTimes,
        micros,
        micros,
        fc.integer({ min: 1, max: 10_000 }),
        (times, ofSwitch, ofDriver, messages) => {
          const [shards, lanes] = [sum(times, 'shard'), sum(times, 'lane')];
          const processCpu = { switchMicros: shards + ofSwitch, driverMicros: lanes + ofDriver, sharedMicros: null };
          const start = snapshot(0, 0, zeros(times), { switchMicros: 0, driverMicros: 0, sharedMicros: null });
          const window = new Window(start, snapshot(SPAN_MICROS, messages, times, processCpu));
          const cpu = processorTime(recordOf(window, [...times.keys()]));
          assert.equal(cpu.switchMicrosPerMessage, (shards + ofSwitch) / messages);
          assert.equal(cpu.driverMicrosPerMessage, (lanes + ofDriver) / messages);
          assert.equal(cpu.switchRuntimeMicrosPerMessage, ofSwitch / messages);
          assert.equal(cpu.driverRuntimeMicrosPerMessage, ofDriver / messages);
          assert.equal(cpu.sharedRuntimeMicrosPerMessage, null, 'nothing is shared');
        },
      ),
    );
  });

  it('is one figure of both sides where the kernel receives for one while the other writes', () => {
    const times = new Map([
      ['shard-0', 300],
      ['lane-0', 500],
    ]);
    const processCpu = { switchMicros: 400, driverMicros: 700, sharedMicros: null };
    const start = snapshot(0, 0, zeros(times), { switchMicros: 0, driverMicros: 0, sharedMicros: null });
    const window = new Window(start, snapshot(SPAN_MICROS, 10, times, processCpu));
    const { threads, bothMicrosPerMessage, ...sides } = processorTime(recordOf(window, [...times.keys()], 'tun'));
    assert.equal(bothMicrosPerMessage, 110);
    assert.deepEqual(new Set(Object.values(sides)), new Set([null]), 'neither side has a figure that could be quoted');
    assert.equal(threads.length, 2);
    const unmeasured = processorTime(recordOf(null, ['shard-0'], 'tun'));
    assert.equal(unmeasured.bothMicrosPerMessage, null);
  });

  it('counts messages of HTTP clients as well, also where no phone sends any', () => {
    const times = new Map([
      ['shard-0', 300],
      ['lane-0', 0],
    ]);
    const start = snapshot(0, 0, zeros(times), NO_PROCESS);
    for (const [ofPhones, ofHttp, each] of [
      [10, 20, 10],
      [0, 30, 10],
      [30, 0, 10],
    ] as const) {
      const window = new Window(start, snapshot(SPAN_MICROS, ofPhones, times, NO_PROCESS));
      const record = Object.assign(recordOf(window, [...times.keys()]), { http: { acknowledged: ofHttp } });
      assert.equal(processorTime(record).switchMicrosPerMessage, each, `${ofPhones} and ${ofHttp}`);
    }
  });

  it('in one process is that of the threads of a side, and the runtime belongs to neither', () => {
    fc.assert(
      fc.property(threadTimes, micros, fc.integer({ min: 1, max: 10_000 }), (times, runtime, messages) => {
        const [shards, lanes] = [sum(times, 'shard'), sum(times, 'lane')];
        const shared = (sharedMicros: number): ProcessCpu => ({ ...NO_PROCESS, sharedMicros });
        const start = snapshot(0, 0, zeros(times), shared(0));
        const window = new Window(start, snapshot(SPAN_MICROS, messages, times, shared(shards + lanes + runtime)));
        const cpu = processorTime(recordOf(window, [...times.keys()]));
        assert.deepEqual(
          [cpu.switchMicrosPerMessage, cpu.driverMicrosPerMessage, cpu.sharedRuntimeMicrosPerMessage],
          [shards / messages, lanes / messages, runtime / messages],
        );
        assert.deepEqual([cpu.switchRuntimeMicrosPerMessage, cpu.driverRuntimeMicrosPerMessage], [null, null]);
      }),
    );
  });

  it('is unknown, and not 0, without messages, without a window, or where the kernel names no times', () => {
    const times = new Map<string, number | null>([
      ['shard-0', 5],
      ['lane-0', null],
    ]);
    const start = snapshot(0, 0, zeros(times), NO_PROCESS);
    const idle = processorTime(recordOf(new Window(start, snapshot(SPAN_MICROS, 0, times, NO_PROCESS)), ['shard-0']));
    const unmeasured = processorTime(recordOf(null, ['shard-0']));
    for (const { threads: _, ...sides } of [idle, unmeasured]) {
      assert.deepEqual(new Set(Object.values(sides)), new Set([null]));
    }
    const busy = processorTime(recordOf(new Window(start, snapshot(SPAN_MICROS, 10, times, NO_PROCESS)), ['lane-0']));
    assert.deepEqual([busy.switchMicrosPerMessage, busy.driverMicrosPerMessage], [0.5, null]);
  });

  it('has a row for each thread, with its shares, and what it said of its heap', () => {
    const times = new Map([
      ['shard-0', 400_000],
      ['lane-0', 100_000],
    ]);
    const start = snapshot(0, 0, zeros(times), NO_PROCESS);
    const window = new Window(start, snapshot(SPAN_MICROS, 10, times, NO_PROCESS));
    const { threads } = processorTime(recordOf(window, ['shard-0', 'lane-0', 'lane-9']));
    assert.deepEqual(
      threads.map(({ name, role, busyShare, waitShare, heapUsedBytes }) => [
        name,
        role,
        busyShare,
        waitShare,
        heapUsedBytes,
      ]),
      [
        ['shard-0', 'shard', 0.4, WAIT_SHARE, 7],
        ['lane-0', 'lane', 0.1, WAIT_SHARE, 0],
        ['lane-9', 'lane', null, null, 0],
      ],
    );
  });
});
