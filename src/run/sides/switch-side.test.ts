/**
 * The process of a switch that is killed and started again, or stopped, as the phones of its run and its observers see
 * it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProcessSides } from './process-sides.ts';
import { eventually, logIn, smallPlan } from './small-run.test-suite.ts';

const plan = smallPlan('transport=node-tcp', 'login.retry=50ms', 'login.retryMax=500ms', 'login.attempts=1000');

async function loggedIn(): Promise<ProcessSides> {
  const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
  await sides.start();
  await logIn(sides);
  await sides.refresh('all');
  return sides;
}

describe('the process of a switch', () => {
  it('that is killed has phones again after its start, and its run keeps what it had counted', async (test) => {
    const sides = await loggedIn();
    test.after(() => sides.stop());
    const control = sides.switchControl;
    assert.ok(control !== null);
    const { switch: first } = sides.processIds;
    await control.kill();
    assert.throws(() => process.kill(first ?? 0, 0), { code: 'ESRCH' });
    await sides.refresh('interval'); // nobody waits for a process that is away
    assert.equal(await control.startAgain(), null, 'it has no store');
    assert.notEqual(sides.processIds.switch, first);
    await eventually(async () => {
      await sides.refresh('all');
      return sides.switch('sessions') === plan.online && sides.driver('held') === plan.online;
    });
    assert.equal(control.kills, 1);
    assert.equal(sides.switch('loginsAccepted'), 2 * plan.online, 'logins of both processes');
    assert.ok((sides.processCpu().switchMicros ?? 0) > 0);
    assert.equal((await sides.queued())?.messages, 0);
  });

  it('that is killed leaves the processor time of its threads, also for who asks while it is away', async (test) => {
    const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
    test.after(() => sides.stop());
    await sides.start();
    await logIn(sides);
    assert.equal(sides.cpu().has('shard-0'), false, 'nobody has asked');
    await sides.switchControl?.kill();
    await sides.refresh('all');
    assert.ok((sides.cpu().get('shard-0')?.cpuMicros ?? 0) > 0);
  });

  it('that is killed before it answers is asked again after its start', async (test) => {
    const sides = await loggedIn();
    test.after(() => sides.stop());
    const control = sides.switchControl;
    assert.ok(control !== null);
    let isOver = false;
    const askers = Array.from({ length: 8 }, async () => {
      let answers = 0;
      for (; !isOver; answers++) assert.equal((await sides.queued())?.messages, 0);
      return answers;
    });
    const asked = Promise.all(askers);
    await control.kill(); // there always are open questions
    await control.startAgain();
    isOver = true;
    for (const answers of await asked) assert.ok(answers > 0);
  });

  it('that is stopped answers once it goes on, and its phones stay', async (test) => {
    const sides = await loggedIn();
    test.after(() => sides.stop());
    const control = sides.switchControl;
    assert.ok(control !== null);
    control.suspend();
    await sides.refresh('interval');
    let isAnswered = false;
    const queued = sides.queued().then(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(isAnswered, false);
    control.resume();
    await queued;
    await sides.refresh('all');
    assert.deepEqual([sides.switch('sessions'), sides.switch('loginsAccepted')], [plan.online, plan.online]);
  });

  it('that is killed starts no more once its run has ended', async () => {
    const sides = await loggedIn();
    await sides.switchControl?.kill();
    await sides.stop();
    await assert.rejects(async () => sides.switchControl?.startAgain(), { code: 'SIDE_FAILED' });
  });

  it('that is stopped can be ended', async () => {
    const sides = await loggedIn();
    const { switch: processId } = sides.processIds;
    sides.switchControl?.suspend();
    await sides.stop();
    assert.throws(() => process.kill(processId ?? 0, 0), { code: 'ESRCH' });
  });
});
