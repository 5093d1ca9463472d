/** Short trials on phones that log in once, with real threads over memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { resultSchema } from '../../result/result-schema.ts';
import { smallScenario } from '../sides/small-run.test-suite.ts';
import { prepareRun } from './order/prepare-run.ts';
import { type TrialRates, TrialRun } from './trial-run.ts';
import { TrialWaits } from './trial-waits.ts';

const ONLINE = 300;
const TRIAL_MICROS = 200_000;
/** Few enough for any machine. */
const RATE = 500;
const never = new AbortController().signal;

/** A run whose phones have logged in, and what it said meanwhile. */
async function started(settings: readonly string[], rates: TrialRates | null = null, interrupted = never) {
  const { order } = prepareRun(
    smallScenario('phases.settle=0s', 'phases.calibrate=false', ...settings),
    'small.yaml',
    null,
  );
  const phases: string[] = [];
  const run = await TrialRun.start(order, { phase: (name) => phases.push(name) }, interrupted, rates);
  return { order, phases, run };
}

describe('trials', () => {
  it('have a result each, of the messages of that trial and of the logins before all of them', async () => {
    const { order, phases, run } = await started([]);
    try {
      assert.deepEqual(phases, ['ramp']);
      assert.equal(run.offeredMax, null, 'without calibration no rate is known to be too much');
      const first = await run.trial(RATE, TRIAL_MICROS);
      const second = await run.trial(2 * RATE, TRIAL_MICROS);
      for (const [n, { result, intendedReturnsPerSecond }] of [first, second].entries()) {
        assert.equal(result.id, `${order.id}-trial-${n + 1}`);
        assert.ok(resultSchema.safeParse(result).success);
        assert.equal(result.connections.held, ONLINE);
        assert.equal(result.latency.login.count, ONLINE);
        assert.ok((result.throughput.messagesPerSecond ?? 0) > 0);
        assert.deepEqual(result.memory.connections.at(-1), ONLINE, 'memory was read while they logged in');
        assert.deepEqual(result.cpu.threads.map(({ name }) => name).sort(), ['lane-0', 'lane-1', 'shard-0', 'shard-1']);
        assert.equal(intendedReturnsPerSecond, null, 'nobody leaves');
        assert.equal(result.integrity.isSound, null, 'only a run that drains can say so');
      }
      const sent = [first, second].map(({ result }) => result.latency.acknowledgement.count);
      const [all = 0, later = 0] = [second.result.counters.driver['messagesAcknowledged'], sent[1]];
      assert.ok(later > 0 && later < all, 'the latencies of a trial are those of its own messages');
    } finally {
      await run.stop();
    }
  });

  it('may offer 70 % of what the driver can do, less a margin, where it was calibrated', async () => {
    const { phases, run } = await started(['phases.calibrate=true']);
    try {
      assert.deepEqual(phases, ['calibrate', 'ramp']);
      const { result } = await run.trial(RATE, TRIAL_MICROS);
      const capacity = result.calibration?.messagesPerSecond ?? 0;
      assert.ok(capacity > 0);
      const share = (run.offeredMax ?? 0) / capacity;
      assert.ok(share > 0.6 && share < 0.7, `${share} of the capacity`);
    } finally {
      await run.stop();
    }
  });

  it('begin when those have left that are away when traffic begins, and not at all where they do not', async (test) => {
    const stuck = new TrunklineError('RUN_FAILED', 'phones still left');
    test.mock.method(TrialWaits.prototype, 'begin', () => Promise.reject(stuck));
    await assert.rejects(started([]), stuck);
  });

  it('wait each for what came before it, and so does the drain; what is then missing is said of the trial', async (test) => {
    const missing = '20 phones had not come back';
    const asked: boolean[] = [];
    test.mock.method(TrialWaits.prototype, 'returns', async (isBeforeTrials: boolean) => {
      asked.push(isBeforeTrials);
      return asked.length === 2 ? missing : null;
    });
    const { run } = await started([]);
    try {
      const { disturbedBy: first } = await run.trial(RATE, TRIAL_MICROS);
      const { disturbedBy: second } = await run.trial(RATE, TRIAL_MICROS);
      await run.drain(() => {});
      assert.deepEqual([first, second, asked], [null, missing, [true, false, false]]);
    } finally {
      await run.stop();
    }
  });

  it('are followed by a drain, which accounts for every message of all of them', async () => {
    const platforms = 'platforms=[{name: A, share: 100%, heartbeat: 10m, session: 20s, away: 300ms}]';
    const rates = { ownPerSecond: 2 * RATE, settlePerSecond: RATE };
    const thresholds = 'thresholds={integrity.lost: "value==0", integrity.reordered: "value==0"}';
    const { order, run } = await started([platforms, 'phones.heartbeat=10m', 'phases.settle=200ms', thresholds], rates);
    try {
      await run.trial(RATE, TRIAL_MICROS);
      const last = await run.trial(2 * RATE, TRIAL_MICROS);
      const begun: string[] = [];
      const { result, limit } = await run.drain((text) => begun.push(text));
      assert.deepEqual(begun, [limit]);
      assert.match(limit, /up to 20\.6 s: phases\.drain, and 600 ms for which phones may be away/, 'twice as long');
      assert.ok(resultSchema.safeParse(result).success);
      assert.equal(result.id, `${order.id}-trial-3`);
      const { sent, delivered, queued, rejected, isSound, digestsMatch } = result.integrity;
      assert.ok(sent >= (last.result.counters.driver['messagesSent'] ?? 0) && sent > 0, 'of both trials');
      assert.equal(result.counters.driver['messagesSent'], sent, 'counted after the drain');
      assert.equal(result.counters.driver['messagesAcknowledged'], sent, 'of which all were answered');
      assert.equal(sent, delivered + (queued ?? 0) + rejected);
      assert.deepEqual([isSound, digestsMatch], [true, true]);
      assert.deepEqual(
        result.thresholds.map(({ metric, passed }) => [metric, passed]),
        [
          ['integrity.lost', true],
          ['integrity.reordered', true],
        ],
      );
    } finally {
      await run.stop();
    }
  });

  it('have every message answered as it must be where phones write to groups that they have left', async () => {
    const groups = 'groups={count: 20, size: 10, sizeMax: 40, share: 90%, joins: 200/s, leaves: 400/s}';
    const { run } = await started([groups, 'driver.messagesInFlight=8k']);
    try {
      const { result: trial } = await run.trial(4 * RATE, 5 * TRIAL_MICROS);
      const { result } = await run.drain(() => {});
      const of = (name: string): number => result.counters.driver[name] ?? 0;
      assert.ok(of('rejectedAfterLeaving') > 0, 'some do');
      assert.equal(of('messagesAcknowledged') + of('rejectedAfterLeaving'), of('messagesSent'));
      assert.ok((trial.groups?.refusedAfterLeavingPerSecond ?? 0) > 0, 'also in the time of the trial');
      assert.equal(result.integrity.isSound, true);
    } finally {
      await run.stop();
    }
  });

  it('have a short drain after an interruption', async () => {
    const interruption = new AbortController();
    const { run } = await started([], null, interruption.signal);
    try {
      await run.trial(RATE, TRIAL_MICROS);
      interruption.abort();
      const { limit } = await run.drain(() => {});
      assert.equal(limit, 'until no message is in flight, up to 5.00 s, since the run has ended early');
    } finally {
      await run.stop();
    }
  });

  it('are ended by an interruption, and leave no thread behind', async () => {
    const interruption = new AbortController();
    const { run } = await started([], null, interruption.signal);
    const trial = run.trial(RATE, 3600e6);
    interruption.abort();
    await assert.rejects(trial, { name: 'RunEnded', why: 'interrupted' });
    await run.stop();
  });

  it('know how many phones are to come back where they come and go with the messages', async () => {
    const platforms = 'platforms=[{name: A, share: 100%, heartbeat: 10m, session: 20s, away: 1s}]';
    const rates = { ownPerSecond: RATE, settlePerSecond: RATE };
    const { phases, run } = await started([platforms, 'phones.heartbeat=10m', 'phases.settle=200ms'], rates);
    try {
      assert.deepEqual(phases, ['ramp', 'settle'], 'until as many messages wait as at any later time');
      const { intendedReturnsPerSecond } = await run.trial(RATE, TRIAL_MICROS);
      assert.ok((intendedReturnsPerSecond ?? -1) >= 0 && (intendedReturnsPerSecond ?? 0) <= ONLINE);
    } finally {
      await run.stop();
    }
  });
});
