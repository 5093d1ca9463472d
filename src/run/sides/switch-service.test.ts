import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { isListening } from '../../measure/leftovers.test-suite.ts';
import { ProcessSides } from './process-sides.ts';
import { eventually, logIn, smallPlan } from './small-run.test-suite.ts';
import { SwitchService } from './switch-service.ts';

const plan = smallPlan('transport=node-tcp');

describe('a switch alone', () => {
  it('serves phones of another process, says what it does, and tells each that it stops', async (test) => {
    const service = new SwitchService(plan);
    const targets = await service.start();
    const phones = new ProcessSides(plan, { isCalibration: false, targets });
    test.after(() => phones.stop());
    await phones.start();
    await logIn(phones);
    await phones.lanes({ kind: 'startTraffic', startMicros: phones.clock.nowMicros() });
    await eventually(() => phones.driver('receipts') > 100);
    await phones.lanes({ kind: 'stopTraffic' });
    const interval = service.interval();
    assert.deepEqual([interval.sessions, interval.connections], [plan.online, plan.online]);
    assert.ok(interval.loginsPerSecond > 0 && interval.messagesPerSecond > 0 && interval.rssBytes > 0);
    const next = service.interval();
    assert.equal(next.loginsPerSecond, 0, 'counted from the last look on');
    assert.ok(next.atSeconds >= interval.atSeconds);

    const end = await service.stop();
    assert.deepEqual([end.drainedSessions, end.cutConnections], [plan.online, 0]);
    assert.equal(end.counters['loginsAccepted'], plan.online);
    assert.equal(end.sockets['connectionsAccepted'], plan.online);
    for (const { port } of targets) assert.equal(await isListening(port), false);
  });

  it('closes a connection that never logged in when it stops', async () => {
    const service = new SwitchService(plan);
    const [target] = await service.start();
    const socket = connect(target?.port ?? 0, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.resume();
    await eventually(() => service.interval().connections === 1);
    const { drainedSessions, cutConnections } = await service.stop();
    await closed;
    assert.deepEqual([drainedSessions, cutConnections], [0, 0]);
  });

  it('leaves no thread behind where it cannot listen', async (test) => {
    const port = await freePort(4);
    const first = new SwitchService(smallPlan('transport=node-tcp', `sockets.port=${port}`));
    test.after(() => first.stop());
    await first.start();
    const second = new SwitchService(smallPlan('transport=node-tcp', `sockets.port=${port}`));
    await assert.rejects(second.start(), { code: 'LISTEN_FAILED' });
    assert.equal(
      await Promise.race([second.failure, Promise.resolve('none')]),
      'none',
      'it was stopped, it did not fail',
    );
  });
});
