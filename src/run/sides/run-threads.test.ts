import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { NOTHING_UNDELIVERED } from '../../verdict/record/group-balance.ts';
import { RunThreads } from './run-threads.ts';
import { eventually, logIn, smallPlan } from './small-run.test-suite.ts';

const plan = smallPlan();
const settings = { side: 'both', isCalibration: false, epochNanos: currentEpochNanos() } as const;

describe('the threads of a run, over memory', () => {
  const threads = new RunThreads(plan, settings);
  before(() => threads.start());
  after(() => threads.terminate());

  it('are named by their role and have numbers of the kernel, each its own', () => {
    assert.deepEqual(
      threads.threads.map(({ name, role }) => [name, role]),
      [
        ['shard-0', 'shard'],
        ['shard-1', 'shard'],
        ['lane-0', 'lane'],
        ['lane-1', 'lane'],
      ],
    );
    const ids = threads.threads.map(({ threadId }) => threadId).filter((id) => id !== null);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('count in shared memory: a counter of a side is the sum of its threads', async () => {
    await logIn(threads);
    assert.equal(threads.driver('held'), plan.online);
    assert.equal(threads.switch('sessions'), plan.online);
    const { driver, switch: ofSwitch, driverSockets, switchSockets } = threads.counters();
    assert.deepEqual([driver['held'], ofSwitch['sessions']], [plan.online, plan.online]);
    assert.deepEqual([driverSockets, switchSockets], [{}, {}], 'no sockets over memory');
    assert.ok(
      [0, 1].every((lane) => (threads.memory.laneCounters(lane)[1] ?? 0) > 0),
      'both lanes hold phones',
    );
    assert.equal(threads.latency('login').count, plan.online);
  });

  it('say what each has on its heap and in its tables', async () => {
    const inspections = await threads.inspect(true);
    assert.deepEqual(
      [...inspections.keys()],
      threads.threads.map(({ name }) => name),
    );
    for (const { heapUsedBytes, ledger } of inspections.values()) {
      assert.ok(heapUsedBytes > 0);
      assert.ok(ledger.every(({ bytes }) => bytes >= 0) && ledger.length > 0);
    }
    const reading = await threads.readMemory(plan.online);
    assert.equal(reading.connections, plan.online);
    assert.ok((reading.switchLedgerBytes ?? 0) > 0 && reading.driverLedgerBytes > 0);
    assert.ok(reading.rssBytes > (reading.switchHeapBytes ?? 0) + reading.driverHeapBytes);
    assert.deepEqual([reading.switchRssBytes, reading.kernelBytes, reading.sockets], [null, null, null]);
  });

  it('carry messages, and know what waits in mailboxes', async () => {
    await threads.lanes({ kind: 'startTraffic', startMicros: threads.clock.nowMicros() });
    await eventually(() => threads.driver('receipts') > 200);
    await threads.lanes({ kind: 'stopTraffic' });
    await eventually(() => threads.driver('receipts') === threads.driver('messagesSent'));
    assert.deepEqual(await threads.queued(), { messages: 0, low: 0, high: 0, earlier: 0, groups: NOTHING_UNDELIVERED });
    assert.equal(threads.driver('messagesDelivered'), threads.driver('messagesSent'));
    await threads.refresh('interval');
    await eventually(async () => {
      await threads.lanes({
        kind: 'changeLoad',
        perSecond: 2000,
        departuresFactor: 1,
        startMicros: threads.clock.nowMicros(),
      });
      return true;
    });
  });

  it('end when they are told to, and none by force', async () => {
    assert.deepEqual(await threads.stop(), []);
  });
});

describe('the threads of one side', () => {
  for (const [side, names] of [
    ['switch', ['shard-0', 'shard-1']],
    ['driver', ['lane-0', 'lane-1']],
  ] as const)
    it(`are those of the ${side} alone`, async (test) => {
      const threads = new RunThreads(smallPlan('transport=node-tcp'), { ...settings, side });
      test.after(() => threads.terminate());
      await threads.start();
      assert.deepEqual(
        threads.threads.map(({ name }) => name),
        names,
      );
      const counters = threads.counters();
      const other = side === 'switch' ? 'driver' : 'switch';
      assert.ok(
        Object.values(counters[other]).every((value) => value === 0),
        'the other side has counted nothing',
      );
      assert.ok(Object.keys(counters[`${side}Sockets`]).length > 0);
    });
});

describe('threads that calibrate', () => {
  it('have a switch that answers at once and keeps nothing', async (test) => {
    const threads = new RunThreads(plan, { ...settings, isCalibration: true });
    test.after(() => threads.terminate());
    await threads.start();
    await logIn(threads);
    await threads.lanes({ kind: 'startTraffic', startMicros: threads.clock.nowMicros() });
    await eventually(() => threads.driver('receipts') > 10_000);
    const { messagesAccepted, messagesQueued } = threads.counters().switch;
    assert.deepEqual([messagesAccepted, messagesQueued], [0, 0]);
  });
});
