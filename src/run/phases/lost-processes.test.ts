/**
 * Processes of a run that are killed, refuse, or are no longer wanted: the error names them, and none is left behind.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TrunklineError } from '../../base/errors.ts';
import type { StepMark } from '../../result/result-schema.ts';
import { smallPlan, smallScenario } from '../sides/small-run.test-suite.ts';
import { calibrate } from './calibration/calibrate.ts';
import { RunEnded } from './control/run-control.ts';
import { executeStep } from './execute-step.ts';
import { prepareRun } from './order/prepare-run.ts';
import type { RunListener } from './run-listener.ts';

const never = new AbortController().signal;
const SKIP = { skip: existsSync('/proc/self/task') ? false : 'children are found in /proc' };

/** Children of this process that run a file of this name. */
function childrenOf(entry: string): number[] {
  const own = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return own.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(entry);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

async function childOf(entry: string): Promise<number> {
  for (;;) {
    const [id] = childrenOf(entry);
    if (id !== undefined) return id;
    await pause(5);
  }
}

function listenerWith(onPhase: () => void): RunListener {
  return { phase: onPhase, interval: () => {}, event: () => {}, reading: () => {}, calibrated: () => {} };
}

const mark = (name: string): StepMark => ({ name, number: 1, of: 2, published: null });

describe('the process of a step', SKIP, () => {
  it('that is killed fails by the name of the step and the signal', async () => {
    const { order } = prepareRun(smallScenario('phases.calibrate=false'), 'small.yaml', mark('half'));
    let killed = false;
    const killing = listenerWith(() => {
      const [id] = childrenOf('step-main');
      if (killed || id === undefined) return;
      killed = true;
      process.kill(id, 'SIGKILL');
    });
    await assert.rejects(executeStep(order, killing, never), {
      code: 'STEP_FAILED',
      message: /^The process of the step half ended without a result \(SIGKILL\)\. .* use fewer phones\.$/,
    });
    assert.deepEqual(childrenOf('step-main'), []);
  });

  it('that refuses its order answers with the code of the refusal, and is gone', async () => {
    const { order } = prepareRun(smallScenario('phases.calibrate=false'), 'small.yaml', null);
    const sockets = { ...order.plan.settings.sockets, host: 'nowhere.invalid' };
    const { plan } = prepareRun(
      smallScenario('phases.calibrate=false', 'transport=node-tcp'),
      'small.yaml',
      null,
    ).order;
    const elsewhere = { ...order, plan: { ...plan, settings: { ...plan.settings, sockets } } };
    await assert.rejects(
      executeStep(
        elsewhere,
        listenerWith(() => {}),
        never,
      ),
      (error: unknown) => {
        assert.ok(error instanceof TrunklineError, String(error));
        assert.equal(error.code, 'HOST_UNKNOWN');
        return true;
      },
    );
    assert.deepEqual(childrenOf('step-main'), []);
  });
});

describe('the process of a calibration', SKIP, () => {
  const plan = smallPlan('phases.calibration=10m');

  it('that is killed fails with the signal', async () => {
    const calibration = assert.rejects(calibrate(plan, never), {
      code: 'CALIBRATION_FAILED',
      message: /^The calibration of the driver ended without an answer \(SIGKILL\)\. .* use fewer phones\.$/,
    });
    process.kill(await childOf('calibration-main'), 'SIGKILL');
    await calibration;
    assert.deepEqual(childrenOf('calibration-main'), []);
  });

  it('ends long before its time when the run is interrupted, also if that was before it began', async () => {
    const interruption = new AbortController();
    const calibration = calibrate(plan, interruption.signal);
    const refused = assert.rejects(calibration, (error: unknown) => {
      assert.ok(error instanceof RunEnded, String(error));
      assert.equal(error.why, 'interrupted');
      return true;
    });
    await childOf('calibration-main');
    interruption.abort();
    await refused;
    assert.deepEqual(childrenOf('calibration-main'), []);
    await assert.rejects(calibrate(plan, interruption.signal), { why: 'interrupted' });
    assert.deepEqual(childrenOf('calibration-main'), []);
  });

  it('says what went wrong in it', async () => {
    const impossible = { ...plan, sessionsPerShard: -1 }; // no shard can be created with it
    await assert.rejects(calibrate(impossible, never), {
      code: 'CALIBRATION_FAILED',
      message: /^The calibration of the driver failed: .*shard-[01]/,
    });
  });
});
