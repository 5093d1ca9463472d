import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedSides } from '../../sides/scripted-sides.test-suite.ts';
import { LoadPause } from './load-pause.ts';
import { RunControl, RunEnded } from './run-control.ts';

/** Far beyond any test: a wait of this length must be ended by something else. */
const FOR_EVER_MILLIS = 2 ** 30;

function control(): { control: RunControl; interrupt: () => void; fail: (error: Error) => void } {
  const interruption = new AbortController();
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  return { control: new RunControl(interruption.signal, failure), interrupt: () => interruption.abort(), fail };
}

const ended = (why: RunEnded['why'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RunEnded);
  assert.equal(error.code, 'RUN_ENDED');
  assert.equal(error.why, why);
  assert.match(error.message, message);
  return true;
};

describe('the control of a run', () => {
  it('ends a wait when the run is interrupted, and lets no other begin', async () => {
    const { control: run, interrupt } = control();
    const waiting = run.wait(FOR_EVER_MILLIS);
    interrupt();
    await assert.rejects(waiting, ended('interrupted', /^The run was interrupted\.$/));
    await assert.rejects(run.wait(0), ended('interrupted', /interrupted/));
    assert.throws(() => run.check(), ended('interrupted', /interrupted/));
  });

  it('ends a wait when a worker fails, with what the worker said', async () => {
    const { control: run, fail } = control();
    const waiting = run.wait(FOR_EVER_MILLIS);
    const cause = new Error('shard-3 ran out of memory');
    fail(cause);
    await assert.rejects(waiting, ended('failed', /^shard-3 ran out of memory$/));
    await run.wait(0).then(
      () => assert.fail('the run goes on without a worker'),
      (error: RunEnded) => assert.equal(error.cause, cause),
    );
  });

  it('lets no wait end while the load is paused, except that of a run which ends', async () => {
    const sides = new ScriptedSides();
    const load = new LoadPause(sides, () => {});
    const interruption = new AbortController();
    const run = new RunControl(interruption.signal, sides.failure, load);
    load.toggle();
    let isOver = false;
    const waiting = run.wait(1).finally(() => {
      isOver = true;
    });
    await run.waitToDrain(20);
    assert.equal(isOver, false);
    load.toggle();
    await waiting;
    load.toggle();
    const ending = run.wait(1);
    interruption.abort();
    await assert.rejects(ending, ended('interrupted', /interrupted/));
  });

  it('lets an interrupted run drain', async () => {
    const { control: run, interrupt } = control();
    interrupt();
    await run.waitToDrain(1);
  });

  it('lets no run drain whose worker has failed, also one that fails meanwhile', async () => {
    const { control: run, fail } = control();
    const draining = run.waitToDrain(FOR_EVER_MILLIS);
    fail(new Error('lane-0 threw'));
    await assert.rejects(draining, ended('failed', /lane-0 threw/));
    await assert.rejects(run.waitToDrain(FOR_EVER_MILLIS), ended('failed', /lane-0 threw/));
  });

  it('says of a run that failed and was interrupted that it failed: that is what has to be mended', async () => {
    const { control: run, interrupt, fail } = control();
    fail(new Error('shard-0 threw'));
    await Promise.resolve(); // the control is told of it
    interrupt();
    await assert.rejects(run.wait(0), ended('failed', /shard-0 threw/));
  });
});
