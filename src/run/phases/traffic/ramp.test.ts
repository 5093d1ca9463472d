import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryLevels } from '../../../verdict/record/memory-levels.ts';
import type { MemoryReading } from '../../../verdict/record/memory-reading.ts';
import { ScriptedSides, scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { RunControl, RunEnded } from '../control/run-control.ts';
import { withoutWaiting } from '../without-waiting.test-suite.ts';
import { type RampWatch, ramp } from './ramp.ts';

const PLAN = scriptedPlan();
const LEVELS = memoryLevels(PLAN.online, PLAN.settings.phases.levels);
const QUIET: RampWatch = { onReading: () => {}, memoryLeft: () => null, fault: () => null };

function ramped(sides: ScriptedSides, watch: RampWatch, interrupted = new AbortController().signal) {
  return withoutWaiting(() => ramp(sides, new RunControl(interrupted, sides.failure), watch));
}

/** Phones log in at once: `share` of each level; the others give up. */
function sidesThatLogIn(share = 1, plan = PLAN): ScriptedSides {
  const sides = new ScriptedSides(plan);
  sides.onCommand = (command) => {
    if (command.kind !== 'openLogins') return;
    sides.ofDriver.held = Math.round(command.phones * share);
    sides.ofDriver.loginsGivenUp = command.phones - sides.ofDriver.held;
  };
  return sides;
}

describe('the ramp', () => {
  it('opens each level where the one before ended, and reads memory there', async () => {
    const sides = sidesThatLogIn();
    const told: MemoryReading[] = [];
    const outcome = await ramped(sides, { ...QUIET, onReading: (reading) => told.push(reading) });
    assert.deepEqual([outcome.isComplete, outcome.stopped], [true, null]);
    assert.deepEqual(
      outcome.readings.map(({ connections }) => connections),
      LEVELS,
    );
    assert.deepEqual(told, outcome.readings, 'whoever watches hears of each');
    const opened = sides.commands.map((command) =>
      command.kind === 'openLogins' ? [command.before, command.phones] : [],
    );
    assert.deepEqual(
      opened,
      LEVELS.map((level, i) => [LEVELS[i - 1] ?? 0, level]),
    );
  });

  it('starts each level a moment after the command, so that no lane is late from the start', async () => {
    const sides = sidesThatLogIn();
    const asked: number[] = [];
    sides.onCommand = (command) => {
      if (command.kind !== 'openLogins') return;
      const now = new Float64Array(1);
      sides.clock.tell(now);
      asked.push(command.startMicros - (now[0] ?? 0));
      sides.ofDriver.held = command.phones;
    };
    await ramped(sides, QUIET);
    assert.deepEqual(
      asked,
      LEVELS.map(() => 2000),
    );
  });

  it('counts phones that gave up as arrived, and reads memory with those that are online', async () => {
    const sides = sidesThatLogIn(0.9);
    const { isComplete, readings } = await ramped(sides, QUIET);
    assert.equal(isComplete, true);
    assert.equal(readings.at(-1)?.connections, 900);
  });

  it('leaves the time in which memory is read out of the time in which phones arrive', async () => {
    const sides = sidesThatLogIn();
    const read = sides.readMemory.bind(sides);
    sides.readMemory = async (connections) => {
      sides.pass(1e9);
      return read(connections);
    };
    const { arrivingMicros } = await ramped(sides, QUIET);
    assert.ok(arrivingMicros < 1e6, `${arrivingMicros} µs`);
  });

  it('waits for memory to come to rest before the first phone, and leaves that reading out', async () => {
    const sides = sidesThatLogIn();
    sides.rssBytes = [9e6, 7e6, 6e6, 5.99e6, 5e6];
    const { readings } = await ramped(sides, QUIET);
    const before = sides.calls.slice(0, sides.calls.indexOf('openLogins'));
    assert.equal(before.length, 4, 'the fourth reading is within 0.5 % of the third');
    assert.equal(readings.length, LEVELS.length);
  });

  it('does not wait for ever for memory that never rests', async () => {
    const sides = sidesThatLogIn();
    sides.rssBytes = Array.from({ length: 50 }, (_, n) => 1e6 * 2 ** n);
    await ramped(sides, QUIET);
    assert.equal(sides.calls.indexOf('openLogins'), 8);
  });

  it('stops at the reserve of memory, tells the lanes, and keeps the levels before', async () => {
    const sides = sidesThatLogIn();
    const open = sides.onCommand;
    sides.onCommand = (command) => {
      if (command.kind === 'openLogins' && command.phones === LEVELS[2]) sides.ofDriver.held = command.phones - 1;
      else open(command);
    };
    const outcome = await ramped(sides, {
      ...QUIET,
      memoryLeft: () => (sides.commands.length > 2 ? 0 : 1),
    });
    assert.equal(outcome.isComplete, false);
    assert.equal(outcome.stopped?.why, 'reserve');
    assert.match(outcome.stopped.sentence, /memory .* reserve/);
    assert.deepEqual(
      outcome.readings.map(({ connections }) => connections),
      LEVELS.slice(0, 2),
    );
    assert.equal(sides.commands.at(-1)?.kind, 'stopLogins');
  });

  it('gives up on phones that neither log in nor give up, and says how many were online', async () => {
    const sides = new ScriptedSides(PLAN);
    sides.ofDriver.held = 77;
    sides.script = () => sides.pass(5e6);
    const { isComplete, stopped, readings } = await ramped(sides, QUIET);
    assert.deepEqual([isComplete, stopped?.why, readings.length], [false, 'stuck', 0]);
    assert.match(stopped?.sentence ?? '', /no more than 77 phones/);
    assert.ok(!sides.calls.includes('stopLogins'), 'traffic may still be measured with those that are online');
  });

  it('reads memory of a level when its phones have said what they watch, which counts as no time of theirs', async () => {
    const sides = sidesThatLogIn(1, scriptedPlan('presence.watch=1'));
    sides.ofDriver.watchesSent = 0;
    sides.ofDriver.lanesWatching = 1;
    sides.script = () => {
      if (sides.ofDriver.held === 0) return;
      sides.ofDriver.watchesSent = Math.min(100, (sides.ofDriver.watchesSent ?? 0) + 1);
      sides.ofDriver.lanesWatching = sides.ofDriver.watchesSent < 100 ? 1 : 0;
      sides.pass(1e6);
    };
    const read = sides.readMemory.bind(sides);
    const saidAtReading: number[] = [];
    sides.readMemory = async (connections) => {
      saidAtReading.push(sides.ofDriver.watchesSent ?? 0);
      return read(connections);
    };
    const { isComplete, arrivingMicros, readings } = await ramped(sides, QUIET);
    assert.deepEqual([isComplete, readings.length], [true, LEVELS.length]);
    assert.ok(
      saidAtReading.slice(-LEVELS.length).every((said) => said === 100),
      `${saidAtReading}`,
    );
    assert.ok(arrivingMicros < 50e6, `${arrivingMicros} µs`);
  });

  it('ends where phones have no room to say what they watch', async () => {
    const sides = sidesThatLogIn();
    sides.ofDriver.lanesWatching = 1;
    sides.script = () => sides.pass(5e6);
    const { isComplete, stopped } = await ramped(sides, QUIET);
    assert.deepEqual([isComplete, stopped?.why], [false, 'stuck']);
    assert.match(stopped?.sentence ?? '', /could not say what they watch/);
  });

  it('says what is wrong with a switch elsewhere, though all phones have given up', async () => {
    const sides = sidesThatLogIn(0);
    const { stopped } = await ramped(sides, { ...QUIET, fault: () => 'nothing listens there' });
    assert.deepEqual(stopped, { why: 'target', sentence: 'nothing listens there' });
  });

  it('ends with the run: interrupted, or a worker that failed', async () => {
    const interruption = new AbortController();
    const sides = new ScriptedSides(PLAN);
    sides.script = () => interruption.abort();
    const ramping = ramped(sides, QUIET, interruption.signal);
    await assert.rejects(ramping, (error) => error instanceof RunEnded && error.why === 'interrupted');
    const failing = new ScriptedSides(PLAN);
    failing.onCommand = () => failing.fail(new Error('lane-0 threw'));
    await assert.rejects(ramped(failing, QUIET), /lane-0 threw/);
  });
});
