import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedSides } from '../../sides/scripted-sides.test-suite.ts';
import { RunControl } from '../control/run-control.ts';
import { withoutWaiting } from '../without-waiting.test-suite.ts';
import { drain, rest } from './drain.ts';

const LIMIT_MICROS = 5e6;

function controlOf(sides: ScriptedSides, interrupted = new AbortController().signal): RunControl {
  return new RunControl(interrupted, sides.failure);
}

/** Ten messages of a run at rest: all acknowledged and delivered. */
function restingSides(): ScriptedSides {
  const sides = new ScriptedSides();
  Object.assign(sides.ofDriver, { held: 1000, messagesSent: 10, messagesAcknowledged: 10, messagesDelivered: 10 });
  return sides;
}

/** @param hasSwitch false if the switch is not part of the run, so that its mailboxes are unknown. */
function drained(sides: ScriptedSides, hasSwitch = true, limitMicros = LIMIT_MICROS) {
  if (!hasSwitch) sides.waiting = null;
  return withoutWaiting(() => drain(sides, controlOf(sides), limitMicros, hasSwitch));
}

describe('the drain', () => {
  it('stops traffic before it waits, and finds a run sound whose messages all arrived', async () => {
    const sides = restingSides();
    const { isSound, lost, sent } = await drained(sides);
    assert.deepEqual({ isSound, lost, sent }, { isSound: true, lost: 0, sent: 10 });
    assert.deepEqual(sides.calls, ['stopTraffic', 'inspect false']);
  });

  it('counts what waits in mailboxes', async () => {
    const sides = restingSides();
    sides.ofDriver.messagesDelivered = 7;
    sides.waiting = { messages: 3, low: 0, high: 0 };
    const { isSound, queued } = await drained(sides);
    assert.deepEqual([isSound, queued], [true, 3]);
  });

  it('waits for what is still on its way', async () => {
    const sides = restingSides();
    Object.assign(sides.ofDriver, { messagesDelivered: 9, messagesUnanswered: 1 });
    let reads = 0;
    sides.onRead = () => {
      if (++reads === 50) Object.assign(sides.ofDriver, { messagesDelivered: 10, messagesUnanswered: 0 });
    };
    const { isSound, unanswered } = await drained(sides);
    assert.deepEqual([isSound, unanswered], [true, 0]);
  });

  it('says that messages are lost where all is at rest and they are nowhere', async () => {
    const sides = restingSides();
    sides.ofDriver.messagesDelivered = 8;
    sides.script = () => sides.pass(1e6);
    const { isSound, lost } = await drained(sides);
    assert.deepEqual([isSound, lost], [false, 2]);
  });

  it('does not call lost what was still moving when the time was up', async () => {
    const sides = restingSides();
    sides.ofDriver.messagesDelivered = 8;
    sides.onRead = () => {
      sides.ofSwitch.hopsIn = (sides.ofSwitch.hopsIn ?? 0) + 1;
      sides.pass(1e6);
    };
    const { isSound, lost, digestsMatch } = await drained(sides);
    assert.deepEqual([isSound, lost, digestsMatch], [null, 0, null]);
  });

  it('does not call lost what a thread that had no turn for long still has', async () => {
    const sides = restingSides();
    sides.ofDriver.messagesDelivered = 8;
    sides.script = () => sides.pass(1e6);
    const { queued } = sides;
    let answers = 0;
    sides.queued = () => {
      // Long after the time limit the starved thread has a turn, and so it answers.
      if (++answers === 9) sides.ofSwitch.hopsIn = 1;
      return queued.call(sides);
    };
    const { isSound, lost, digestsMatch } = await drained(sides);
    assert.ok(answers >= 9);
    assert.deepEqual([isSound, lost, digestsMatch], [null, 0, null]);
  });

  it('calls nobody in a group lost whom a switch may have rejected before it was killed', async () => {
    const sides = restingSides();
    const groups = { queued: 0, queuedLow: 0, queuedHigh: 0, rejected: 0, rejectedLow: 0, rejectedHigh: 0 };
    sides.waiting = { messages: 0, low: 0, high: 0, groups };
    Object.assign(sides.ofDriver, { messagesSent: 11, messagesAcknowledged: 11, groupMessagesSent: 1 });
    Object.assign(sides.ofDriver, { groupMessagesAcknowledged: 1, groupRecipients: 5, groupDeliveries: 3 });
    sides.ofSwitch.groupRejected = 2;
    sides.script = () => sides.pass(1e6);
    const found = async (kills: number) => {
      const nothing = async () => null;
      const control = { kill: async () => {}, startAgain: nothing, suspend: () => {}, resume: () => {} };
      sides.switchControl = { kills, ...control };
      const { isSound, groups: balance } = await drained(sides);
      return { isSound, lost: balance?.lost, maybeRejected: balance?.maybeRejected };
    };
    assert.deepEqual(await found(1), { isSound: true, lost: null, maybeRejected: 2 });
    assert.deepEqual(await found(0), { isSound: false, lost: 2, maybeRejected: 0 });
    sides.ofSwitch.groupRejected = 0; // no process of the switch has rejected anybody
    assert.deepEqual(await found(1), { isSound: false, lost: 2, maybeRejected: 0 });
  });

  it('hands on the findings of lanes', async () => {
    const sides = restingSides();
    const finding = { kind: 'duplicated', sender: 3, recipient: 4, number: 5 } as const;
    sides.inspect = async () =>
      new Map([
        [
          'lane-0',
          {
            heapUsedBytes: 0,
            ledger: [],
            collections: 0,
            pauseMicros: 0,
            allocatedBytes: 0,
            findings: [finding],
          },
        ],
      ]);
    sides.ofDriver.pairDuplicated = 1;
    sides.script = () => sides.pass(1e6);
    const { isSound, findings } = await drained(sides);
    assert.equal(isSound, false);
    assert.deepEqual(findings, [finding]);
  });

  it('goes on although the run was interrupted, and not where a worker has failed', async () => {
    const interrupted = AbortSignal.abort();
    const sides = restingSides();
    assert.equal(
      (await withoutWaiting(() => drain(sides, controlOf(sides, interrupted), LIMIT_MICROS, true))).isSound,
      true,
    );
    const failing = restingSides();
    failing.fail(new Error('shard-0 threw'));
    await assert.rejects(drained(failing), /shard-0 threw/);
  });
});

describe('the drain beside a switch elsewhere', () => {
  it('waits for phones that are away and may bring the answer, as long as there is time', async () => {
    const sides = restingSides();
    Object.assign(sides.ofDriver, { held: 999 });
    let looks = 0;
    sides.script = () => {
      if (++looks === 2) sides.ofDriver.held = 1000;
    };
    const { isSound } = await drained(sides, false);
    assert.equal(isSound, true);
    assert.equal(sides.calls.filter((call) => call.startsWith('inspect')).length, 2, 'checked again when it was back');
  });

  it('does not wait for phones that have given up', async () => {
    const sides = restingSides();
    Object.assign(sides.ofDriver, { held: 990, loginsGivenUp: 10 });
    await drained(sides, false);
    assert.equal(sides.calls.filter((call) => call.startsWith('inspect')).length, 1);
  });

  it('leaves open what absent phones may have kept, when the time is up', async () => {
    const sides = restingSides();
    Object.assign(sides.ofDriver, { held: 900, messagesDelivered: 9, digestAcknowledgedLow: 1 });
    sides.script = () => sides.pass(3e6);
    const { isSound } = await drained(sides, false);
    assert.equal(isSound, null);
  });

  it('says that messages are lost where every phone is there', async () => {
    const sides = restingSides();
    sides.ofDriver.messagesDelivered = 6;
    sides.script = () => sides.pass(3e6);
    const { isSound, lost, queued } = await drained(sides, false);
    assert.deepEqual([isSound, lost, queued], [false, 4, null]);
  });
});

describe('the rest of a switch', () => {
  const isAtRest = (sides: ScriptedSides): Promise<boolean> =>
    withoutWaiting(() => rest(sides, controlOf(sides), 1e6, true));

  for (const moving of ['messagesDelivered', 'messagesAcknowledged', 'receipts'] as const)
    it(`has not come while phones still count ${moving}`, async () => {
      const sides = restingSides();
      sides.onRead = () => {
        sides.ofDriver[moving] = (sides.ofDriver[moving] ?? 0) + 1;
        sides.pass(3e5);
      };
      assert.equal(await isAtRest(sides), false);
    });

  for (const moving of ['messagesConfirmed', 'deliveries', 'messagesQueued', 'hopsIn'] as const)
    it(`has not come while shards still count ${moving}`, async () => {
      const sides = restingSides();
      sides.onRead = () => {
        sides.ofSwitch[moving] = (sides.ofSwitch[moving] ?? 0) + 1;
        sides.pass(3e5);
      };
      assert.equal(await isAtRest(sides), false);
    });

  it('has not come while a message is unanswered, though nothing moves', async () => {
    const sides = restingSides();
    sides.ofDriver.messagesUnanswered = 1;
    sides.script = () => sides.pass(3e5);
    assert.equal(await isAtRest(sides), false);
  });

  it('may still come when the time is up and nothing has moved since', async () => {
    const sides = restingSides();
    sides.pass(2e6);
    assert.equal(await isAtRest(sides), true);
  });
});
