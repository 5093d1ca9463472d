import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedSides } from '../../sides/scripted-sides.test-suite.ts';
import { LoadPause } from './load-pause.ts';

function paused(): { sides: ScriptedSides; load: LoadPause; changes: boolean[] } {
  const sides = new ScriptedSides();
  const changes: boolean[] = [];
  return { sides, load: new LoadPause(sides, (isPaused) => changes.push(isPaused)), changes };
}

describe('pauses of the load', () => {
  it('are told to the lanes, in order, with their length at the end', async () => {
    const { sides, load, changes } = paused();
    load.toggle();
    assert.equal(load.isPaused, true);
    sides.pass(3e6);
    load.toggle();
    load.toggle();
    await new Promise(setImmediate);
    assert.deepEqual(sides.calls, ['pauseLoad', 'resumeLoad', 'pauseLoad']);
    const [, resume] = sides.commands;
    assert.ok(resume?.kind === 'resumeLoad' && resume.pausedMicros >= 3e6 && resume.pausedMicros < 3.1e6);
    assert.deepEqual(changes, [true, false, true]);
  });

  it('are told to the load that does not come from lanes, with their length', () => {
    const sides = new ScriptedSides();
    const told: (number | null)[] = [];
    const other = { pause: () => told.push(null), resume: (micros: number) => told.push(micros) };
    const load = new LoadPause(sides, () => {}, other);
    load.toggle();
    sides.pass(2e6);
    load.toggle();
    load.toggle();
    load.end();
    const [, micros] = told;
    assert.deepEqual(told, [null, micros, null]);
    assert.ok(micros !== null && micros !== undefined && micros >= 2e6 && micros < 2.1e6, `${micros}`);
  });

  it('add up, with the current one', () => {
    const { sides, load } = paused();
    assert.equal(load.pausedMicros, 0);
    for (let n = 0; n < 2; n++) {
      load.toggle();
      sides.pass(1e6);
      load.toggle();
      sides.pass(5e6);
    }
    load.toggle();
    sides.pass(1e6);
    assert.ok(load.pausedMicros >= 3e6 && load.pausedMicros < 3.1e6, `${load.pausedMicros}`);
  });

  it('end without a command where the run has no more load', async () => {
    const { sides, load, changes } = paused();
    load.end(); // there is none
    load.toggle();
    sides.pass(2e6);
    load.end();
    sides.pass(2e6);
    await new Promise(setImmediate);
    assert.deepEqual(sides.calls, ['pauseLoad']);
    assert.deepEqual(changes, [true, false]);
    assert.ok(load.pausedMicros >= 2e6 && load.pausedMicros < 2.1e6);
  });

  it('survive lanes that are gone: the sides report that themselves', async () => {
    const { sides, load } = paused();
    sides.onCommand = () => {
      throw new Error('gone');
    };
    load.toggle();
    load.toggle();
    await new Promise(setImmediate);
    assert.equal(load.isPaused, false);
  });
});
