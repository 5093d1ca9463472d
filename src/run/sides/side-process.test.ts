import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { NOTHING_UNDELIVERED } from '../../verdict/record/group-balance.ts';
import type { SideSample } from './side-messages.ts';
import { SideProcess } from './side-process.ts';
import { eventually, smallPlan } from './small-run.test-suite.ts';

const plan = smallPlan('transport=node-tcp');
const START = { side: 'switch', plan, isCalibration: false, epochNanos: currentEpochNanos() } as const;

function isAlive(id: number | undefined): boolean {
  try {
    return process.kill(id ?? 0, 0);
  } catch {
    return false;
  }
}

describe('the process of a side', () => {
  it('starts its threads, sends samples while it is watched, and ends when it is let go', async (test) => {
    const samples: SideSample[] = [];
    const side = new SideProcess('switch', null, (sample) => samples.push(sample));
    test.after(() => side.end());
    const threads = await side.ask('start', START);
    assert.deepEqual(
      threads.map(({ name }) => name),
      ['shard-0', 'shard-1'],
    );
    await eventually(() => samples.length > 2);
    const places = await side.ask('listen', []);
    assert.ok(places.every(({ port }) => port > 0));
    assert.deepEqual(await side.ask('queued', null), {
      messages: 0,
      low: 0,
      high: 0,
      earlier: 0,
      groups: NOTHING_UNDELIVERED,
    });
    assert.deepEqual(await side.ask('stop', null), []);
    await side.end();
    assert.equal(isAlive(side.processId), false);
    await side.end(); // a second call does nothing
    await assert.rejects(side.ask('queued', null), { code: 'SIDE_FAILED', message: /was told to end/ });
  });

  it('answers with the code of what it refuses, and lives on', async (test) => {
    const side = new SideProcess('switch', null, () => {});
    test.after(() => side.end());
    const { settings } = plan;
    const elsewhere = { ...settings, sockets: { ...settings.sockets, host: 'nowhere.invalid' } };
    await side.ask('start', { ...START, plan: { ...plan, settings: elsewhere } });
    await assert.rejects(side.ask('listen', []), { code: 'HOST_UNKNOWN', message: /nowhere\.invalid/ });
    assert.deepEqual(await side.ask('queued', null), {
      messages: 0,
      low: 0,
      high: 0,
      earlier: 0,
      groups: NOTHING_UNDELIVERED,
    });
  });

  it('fails by its name when it dies, with every question that is open or comes after', async () => {
    const side = new SideProcess('driver', null, () => {});
    const open = side.ask('start', { ...START, side: 'driver' });
    process.kill(side.processId ?? 0, 'SIGKILL');
    await assert.rejects(open, { code: 'SIDE_FAILED' });
    const failure = await side.failure;
    assert.match(failure.message, /^The process of the driver ended unexpectedly \(SIGKILL\)\. .* use fewer phones\.$/);
    await assert.rejects(side.ask('memory', null), (error) => error === failure);
    await side.end();
  });

  it('rejects a question that is open when the process is told to end', async () => {
    const side = new SideProcess('switch', null, () => {});
    await side.ask('start', START);
    const open = side.ask('memory', null);
    const refused = assert.rejects(open, { code: 'SIDE_FAILED', message: /was told to end/ });
    await side.end();
    await refused;
  });

  it('fails with what a thread of it says', async (test) => {
    const side = new SideProcess('switch', null, () => {});
    test.after(() => side.end());
    const crowded = { ...plan, sessionsPerShard: -1 }; // no shard can be created with it
    const starting = side.ask('start', { ...START, plan: crowded });
    await assert.rejects(starting, (error: Error) => /shard-[01]/.test(error.message));
  });
});
