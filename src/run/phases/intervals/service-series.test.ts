/**
 * The intervals of a switch that runs alone: rates over the time that has really passed, and nothing that only phones
 * know.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedSides } from '../../sides/scripted-sides.test-suite.ts';
import { ServiceSeries } from './service-series.ts';

/** Time that each reading of the scripted clock takes. */
const LOOK_MICROS = 1000;
const MACHINE = {
  next: () => ({ stealShare: 0.25, kernelSocketBytes: 4096, throttledPeriods: 3, swappedPages: 5, kernel: null }),
};

function started(): { readonly sides: ScriptedSides; readonly series: ServiceSeries } {
  const sides = new ScriptedSides();
  return { sides, series: new ServiceSeries(sides, MACHINE) };
}

describe('the intervals of a switch that runs alone', () => {
  it('count what the shards did since the one before', async () => {
    const { sides, series } = started();
    Object.assign(sides.ofSwitch, { sessions: 90, loginsAccepted: 100, messagesAccepted: 400, messagesConfirmed: 300 });
    Object.assign(sides.ofSwitch, { groupMessagesAccepted: 20, groupConfirmed: 60, presenceNotices: 40 });
    Object.assign(sides.intervalReading, { switchLedgerBytes: 9000 });
    sides.rssBytes = [5e6];
    sides.pass(2e6 - LOOK_MICROS);
    const first = await series.next();
    assert.deepEqual(
      { ...first, atSeconds: 0 },
      {
        atSeconds: 0,
        seconds: 2,
        phase: 'serve',
        held: 90,
        loginsPerSecond: 50,
        messagesPerSecond: 210,
        sentPerSecond: 0,
        deliveriesPerSecond: 180,
        groupDeliveriesPerSecond: 30,
        presenceNoticesPerSecond: 20,
        stormDropsPerSecond: 0,
        returnsPerSecond: 0,
        deliveryP50Micros: null,
        deliveryP99Micros: null,
        backlogMessages: 0,
        stealShare: 0.25,
        rssBytes: 5e6,
        switchRssBytes: null,
        driverRssBytes: null,
        kernelSocketBytes: 4096,
        switchLedgerBytes: 9000,
        driverLedgerBytes: null,
        threads: [],
      },
    );
    sides.ofSwitch.messagesAccepted = 500;
    sides.ofSwitch.sessions = 80;
    sides.pass(1e6 - LOOK_MICROS);
    const second = await series.next();
    assert.deepEqual([second.held, second.loginsPerSecond, second.messagesPerSecond], [80, 0, 100]);
    assert.ok(Math.abs(second.atSeconds - first.atSeconds - 1) < 1e-9);
  });

  it('say how busy each thread was, once it was read twice', async () => {
    const { sides, series } = started();
    const shard = { name: 'shard-0', role: 'shard', collections: 3, pauseMicros: 500 } as const;
    Object.assign(sides.intervalReading, { threads: [{ ...shard, cpuMicros: 2e6 }] });
    sides.pass(1e6 - LOOK_MICROS);
    assert.equal((await series.next()).threads[0]?.busyShare, null);
    Object.assign(sides.intervalReading, {
      threads: [{ ...shard, cpuMicros: 2.5e6, collections: 5, pauseMicros: 900 }],
    });
    sides.pass(1e6 - LOOK_MICROS);
    assert.deepEqual((await series.next()).threads, [
      { name: 'shard-0', role: 'shard', busyShare: 0.5, collections: 2, pauseMicros: 400 },
    ]);
  });
});
