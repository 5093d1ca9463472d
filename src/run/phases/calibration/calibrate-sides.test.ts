import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { ScriptedSides, scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { RunEnded } from '../control/run-control.ts';
import { withoutWaiting } from '../without-waiting.test-suite.ts';
import { calibrateSides } from './calibrate-sides.ts';

/** A plan that is calibrated for a millisecond, less than a scenario allows. */
const PLAN = withCalibration(1000);
const never = new AbortController().signal;

const calibrated = (sides: ScriptedSides, interrupted = never) =>
  withoutWaiting(() => calibrateSides(sides, interrupted));

function withCalibration(calibration: number): RunPlan {
  const plan = scriptedPlan();
  const { settings } = plan;
  return { ...plan, settings: { ...settings, phases: { ...settings.phases, calibration } } };
}

/**
 * A driver whose phones log in at once and that is answered 500 times in a millisecond, for 3 µs of processor time
 * each.
 */
function sidesThatAnswer(): ScriptedSides {
  const sides = new ScriptedSides(PLAN);
  sides.rssBytes = [1e6];
  sides.onCommand = (command) => {
    if (command.kind === 'openLogins') sides.ofDriver.held = command.phones;
    if (command.kind === 'startTraffic') sides.ofDriver.receipts = 77; // messages that are answered during the warm-up
  };
  sides.onRefresh = async () => {
    sides.pass(1e6);
    sides.ofDriver.receipts = (sides.ofDriver.receipts ?? 0) + 500_000;
    const before = sides.threadCpu.get('lane-0')?.cpuMicros ?? 0;
    sides.threadCpu.set('lane-0', { cpuMicros: before + 1_500_000, waitMicros: 0 });
  };
  return sides;
}

describe('the calibration of a driver', () => {
  it('is what it is answered a second, and what that takes of its lanes', async () => {
    const sides = sidesThatAnswer();
    const outcome = await calibrated(sides);
    assert.equal(outcome.phones, PLAN.online);
    assert.ok(Math.abs(outcome.messagesPerSecond / 500_000 - 1) < 0.01, `${outcome.messagesPerSecond}`);
    assert.equal(outcome.laneCpuMicrosPerMessage, 3);
    assert.equal(outcome.switchBytesPerConnection, 100, 'of the last level, by the ledger');
    assert.equal(outcome.rss?.bytesPerConnection, 0);
    assert.ok(sides.isStopped);
  });

  it('has no processor time where the kernel does not report it', async () => {
    const sides = sidesThatAnswer();
    const refresh = sides.onRefresh;
    sides.onRefresh = async () => {
      await refresh();
      sides.threadCpu.set('lane-0', null);
    };
    assert.equal((await calibrated(sides)).laneCpuMicrosPerMessage, null);
  });

  it('waits longer for a machine that stood still, and not for ever', async () => {
    const late = sidesThatAnswer();
    const refresh = late.onRefresh;
    let asked = 0;
    late.onRefresh = async () => {
      if (++asked > 6) await refresh();
      else late.pass(1e6);
    };
    assert.ok((await calibrated(late)).messagesPerSecond > 0);

    const silent = sidesThatAnswer();
    silent.onRefresh = async () => silent.pass(1e6);
    await assert.rejects(calibrated(silent), {
      code: 'CALIBRATION_FAILED',
      message: /no message was answered in 0\.01 s .*phases\.calibrate=false/,
    });
    assert.ok(silent.isStopped);
  });

  it('fails where the phones cannot log in, and stops the sides', async () => {
    const sides = new ScriptedSides(PLAN);
    sides.script = () => sides.pass(10e6);
    await assert.rejects(calibrated(sides), {
      code: 'CALIBRATION_FAILED',
      message: /could not log in to a switch that accepts all logins/,
    });
    assert.ok(sides.isStopped);
  });

  it('stops the sides where it is interrupted', async () => {
    const sides = sidesThatAnswer();
    const interruption = new AbortController();
    sides.onCommand = () => interruption.abort();
    await assert.rejects(calibrated(sides, interruption.signal), RunEnded);
    assert.ok(sides.isStopped);
  });
});
