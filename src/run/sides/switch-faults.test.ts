/** Faults on sides whose figures the test sets, on the real clock: no figure of time is compared with a duration. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { TrunklineError } from '../../base/errors.ts';
import type { SwitchControl } from './run-sides.ts';
import { ScriptedSides } from './scripted-sides.test-suite.ts';
import { SwitchFaults } from './switch-faults.ts';

interface Scripted {
  readonly sides: ScriptedSides;
  readonly faults: SwitchFaults;
  readonly calls: string[];
  readonly notes: string[];
}

/** @param onStart what phones do when the switch is there again. */
function scripted(onStart: (sides: ScriptedSides) => void, startAgain?: () => Promise<never>): Scripted {
  const sides = new ScriptedSides();
  const calls: string[] = [];
  const notes: string[] = [];
  const control: SwitchControl = {
    kills: 0,
    kill: async () => {
      calls.push('kill');
      sides.ofDriver.held = 0;
    },
    startAgain: async () => {
      calls.push('start');
      await startAgain?.();
      onStart(sides);
      return null;
    },
    suspend: () => calls.push('suspend'),
    resume: () => {
      calls.push('resume');
      onStart(sides);
    },
  };
  sides.switchControl = control;
  Object.assign(sides.ofDriver, { held: 100, loginsAccepted: 100, messagesAcknowledged: 50 });
  return { sides, calls, notes, faults: new SwitchFaults(sides, (name, detail) => notes.push(`${name}: ${detail}`)) };
}

/** Until so many messages later in the script; each look moves the scripted clock on. */
async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await pause(1);
}

describe('faults of the switch', () => {
  it('kill it and start it again at once, and say when its phones are back', async () => {
    const { sides, faults, calls, notes } = scripted(({ ofDriver }) => {
      Object.assign(ofDriver, { held: 60, loginsAccepted: 160 });
    });
    faults.start([{ at: 5000, kill: 'switch' }], 0);
    await until(() => faults.done[0]?.backMicros[0] != null);
    const [fault] = faults.done;
    assert.deepEqual([fault?.sessions, fault?.backMicros[1], fault?.acknowledgedMicros], [100, null, null]);
    assert.ok((fault?.presentMicros ?? 0) > 0);
    Object.assign(sides.ofDriver, { held: 100, loginsAccepted: 200, messagesAcknowledged: 51 });
    await until(() => fault?.backMicros[2] != null && fault.acknowledgedMicros !== null);
    assert.deepEqual(calls, ['kill', 'start']);
    assert.match(notes.join('\n'), /^recovered: switch listens again after .*\nrecovered: 99 % of 100 sessions back/);
    await faults.end();
  });

  it('count only new sessions after a kill, although the driver has not noticed yet that the old ones are gone', async () => {
    const { sides, faults } = scripted(({ ofDriver }) => Object.assign(ofDriver, { held: 100, loginsAccepted: 149 }));
    faults.start([{ at: 0, kill: 'switch' }], 0);
    await until(() => faults.done[0]?.presentMicros != null);
    await pause(50);
    assert.deepEqual(faults.done[0]?.backMicros, [null, null, null]);
    sides.ofDriver.loginsAccepted = 150;
    await until(() => faults.done[0]?.backMicros[0] != null);
    await faults.end();
  });

  it('stop it and continue it, also if the load ends meanwhile', async () => {
    const { faults, calls } = scripted(() => {});
    faults.start(
      [
        { at: 0, stop: 'switch', for: 3600e6 },
        { at: 7200e6, kill: 'switch' },
      ],
      0,
    );
    await until(() => calls.includes('suspend'));
    await faults.end();
    assert.deepEqual(calls, ['suspend', 'resume']);
    assert.equal(faults.done.length, 1, 'the fault that was not due has not happened');
  });

  it('go on to the next fault although phones are not back', async () => {
    const { faults, calls } = scripted(() => {});
    faults.start(
      [
        { at: 0, kill: 'switch' },
        { at: 100_000, kill: 'switch' },
      ],
      0,
    );
    await until(() => faults.done[1]?.presentMicros != null);
    assert.deepEqual(calls, ['kill', 'start', 'kill', 'start']);
    assert.deepEqual(
      faults.done.map(({ sessions, backMicros }) => [sessions, backMicros[2]]),
      [
        [100, null],
        [0, null],
      ],
    );
    await faults.end();
  });

  it('end where the switch does not start again: its side reports why', async () => {
    const { faults, calls } = scripted(
      () => {},
      async () => {
        throw new TrunklineError('LISTEN_FAILED', 'no port');
      },
    );
    faults.start(
      [
        { at: 0, kill: 'switch' },
        { at: 1, kill: 'switch' },
      ],
      0,
    );
    await until(() => calls.includes('start'));
    await faults.end();
    assert.deepEqual(calls, ['kill', 'start']);
    assert.equal(faults.done[0]?.presentMicros, null);
  });

  it('do not hide a mistake of ours', async () => {
    const { faults, calls } = scripted(
      () => {},
      async () => {
        throw new Error('a mistake');
      },
    );
    faults.start([{ at: 0, kill: 'switch' }], 0);
    await until(() => calls.includes('start'));
    await assert.rejects(faults.end(), /a mistake/);
    await faults.end();
  });
});
