import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { ProcessSides } from './process-sides.ts';
import { eventually, logIn, smallPlan } from './small-run.test-suite.ts';

const plan = smallPlan('transport=node-tcp');

describe('the sides of a run, each in a process of its own', () => {
  const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
  before(() => sides.start());
  after(() => sides.stop());

  it('are two processes, and neither is this one', () => {
    const { switch: ofSwitch, driver } = sides.processIds;
    assert.equal(new Set([ofSwitch, driver, process.pid]).size, 3);
    assert.deepEqual(
      sides.threads.map(({ name }) => name),
      ['shard-0', 'shard-1', 'lane-0', 'lane-1'],
      'shards first, as in a run in one process',
    );
  });

  it('send their counters without being asked, until nobody watches', async () => {
    await logIn(sides);
    await eventually(() => sides.switch('sessions') === plan.online);
    await sides.watch(false);
    await sides.refresh('counters');
    const sent = sides.driver('framesOut');
    await sides.lanes({ kind: 'startTraffic', startMicros: sides.clock.nowMicros() });
    await new Promise((resolve) => setTimeout(resolve, 200)); // ten times the interval of a watched side
    assert.equal(sides.driver('framesOut'), sent, 'as of the last refresh');
    await eventually(async () => {
      await sides.refresh('counters');
      return sides.driver('framesOut') > sent;
    });
    await sides.watch(true);
    await eventually(() => sides.driver('receipts') > 100);
  });

  it('bring latencies and processor time with a whole refresh only', async () => {
    await sides.refresh('all');
    const { delivery, login } = sides.latencies();
    assert.equal(login.count, plan.online);
    assert.ok(delivery.count > 0);
    const { switchMicros, driverMicros, sharedMicros } = sides.processCpu();
    assert.ok((switchMicros ?? 0) > 0 && (driverMicros ?? 0) > 0);
    assert.equal(sharedMicros, null);
    assert.deepEqual([...sides.cpu().keys()].sort(), ['lane-0', 'lane-1', 'shard-0', 'shard-1']);
  });

  it('have counters of their sockets, each side its own', () => {
    const { switchSockets, driverSockets } = sides.counters();
    assert.equal(switchSockets['connectionsAccepted'], plan.online);
    assert.equal(driverSockets['connectionsAccepted'], 0);
    assert.equal(sides.inboxRefusals(), 0);
  });

  it('have memory of their own each', async () => {
    const reading = await sides.readMemory(plan.online);
    const { rssBytes, switchRssBytes, driverRssBytes } = reading;
    assert.equal(rssBytes, (switchRssBytes ?? 0) + (driverRssBytes ?? 0));
    assert.ok((reading.switchLedgerBytes ?? 0) > 0 && reading.driverLedgerBytes > 0);
    if (reading.sockets !== null) {
      assert.equal(reading.sockets.own, 2 * plan.online, 'both ends are on this machine');
      assert.ok(reading.sockets.tcp >= reading.sockets.own);
    }
  });

  it('say at the end of an interval what each side has, and what each thread used', async () => {
    assert.deepEqual(sides.intervalReading.threads, [], 'none has ended yet');
    const wanted = await sides.readMemory(plan.online);
    await eventually(async () => {
      await sides.refresh('interval'); // a thread without a processor answers in the next
      const { switchLedgerBytes, driverLedgerBytes } = sides.intervalReading;
      return switchLedgerBytes === wanted.switchLedgerBytes && driverLedgerBytes === wanted.driverLedgerBytes;
    });
    assert.deepEqual(
      sides.intervalReading.threads.map(({ name, role }) => `${role} ${name}`),
      sides.threads.map(({ name, role }) => `${role} ${name}`),
    );
    assert.ok(sides.intervalReading.threads.every(({ cpuMicros }) => cpuMicros === null || cpuMicros > 0));
    const { switchRssBytes, driverRssBytes } = sides.sideRss();
    assert.ok((switchRssBytes ?? 0) > 1e6 && (driverRssBytes ?? 0) > 1e6);
  });

  it('end together, and report which threads had to be ended by force', async () => {
    const { switch: ofSwitch, driver } = sides.processIds;
    assert.deepEqual(await sides.stop(), []);
    for (const id of [ofSwitch, driver]) assert.throws(() => process.kill(id ?? 0, 0), { code: 'ESRCH' });
  });
});

describe('a side that is killed', () => {
  it('fails the run by its name, settles whoever waits, and lets the other be stopped', async () => {
    const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
    await sides.start();
    process.kill(sides.processIds.switch ?? 0, 'SIGKILL');
    const failure = await sides.failure;
    assert.match(failure.message, /^The process of the switch ended unexpectedly \(SIGKILL\)/);
    await assert.rejects(sides.refresh('all'), { code: 'SIDE_FAILED' });
    await assert.rejects(sides.inspect(false), { code: 'SIDE_FAILED' });
    await sides.stop();
    assert.throws(() => process.kill(sides.processIds.driver ?? 0, 0), { code: 'ESRCH' });
  });
});

describe('a driver whose switch is elsewhere', () => {
  it('is one process, counts connects that are refused, and knows nothing of mailboxes', async (test) => {
    const targets = [{ host: '127.0.0.1', port: await freePort() }];
    const sides = new ProcessSides(plan, { isCalibration: false, targets });
    test.after(() => sides.stop());
    await sides.start();
    assert.equal(sides.processIds.switch, undefined);
    await sides.lanes({ kind: 'openLogins', phones: 20, before: 0, startMicros: sides.clock.nowMicros() });
    await eventually(() => (sides.counters().driverSockets['connectsFailedRefused'] ?? 0) >= 20);
    assert.deepEqual([await sides.queued(), sides.inboxRefusals()], [null, null]);
    const { switchLedgerBytes, switchRssBytes } = await sides.readMemory(0);
    assert.deepEqual([switchLedgerBytes, switchRssBytes], [null, null]);
    assert.deepEqual(sides.counters().switch, {});
  });
});
