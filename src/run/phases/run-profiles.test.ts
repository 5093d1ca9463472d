import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedSides } from '../sides/scripted-sides.test-suite.ts';
import { matching, PROFILED_THREADS_MAX, type ProfileOrder, RunProfiles } from './run-profiles.ts';

const ORDER: ProfileOrder = {
  phase: 'measure',
  sampling: { intervalMicros: 1000, allocationBytes: 65536 },
  threads: null,
  folder: 'out',
  warmUpMillis: 0,
};

const PHASES = ['ramp', 'settle', 'measure', 'drain'] as const;

/** What the sides of a run were asked for by a profile, phase by phase. */
async function asked(change: Partial<ProfileOrder>, sides = new ScriptedSides()) {
  const profiles = new RunProfiles({ ...ORDER, ...change });
  const calls: Record<string, string[]> = {};
  for (const phase of PHASES) {
    sides.calls.length = 0;
    await profiles.begin(phase, sides);
    sides.calls.push('phase');
    await profiles.end(phase, sides);
    calls[phase] = [...sides.calls];
  }
  return { profiles, calls };
}

describe('the profiles of a run', () => {
  it('cover the measurement alone, and allocations start after the processor', async () => {
    const { calls, profiles } = await asked({});
    const names = 'shard-0,lane-0,main';
    assert.deepEqual(calls, {
      ramp: ['phase'],
      settle: ['phase'],
      measure: [
        'refresh all',
        `profile processor of ${names} every 1000`,
        `profile allocations of ${names} every 1000`,
        'phase',
        `keep ${names} in out`,
      ],
      drain: ['phase'],
    });
    assert.ok(profiles.areKept);
    assert.deepEqual(profiles.profile?.otherThreads, []);
  });

  it('cover the ramp, or all from the ramp to the end of the measurement', async () => {
    const marks = async (phase: ProfileOrder['phase']): Promise<string> => {
      const { calls } = await asked({ phase });
      return PHASES.map((name) => (calls[name] ?? []).map((call) => call.split(' ')[0]).join('+')).join(' ');
    };
    assert.equal(await marks('ramp'), 'refresh+profile+profile+phase+keep phase phase phase');
    assert.equal(await marks('all'), 'refresh+profile+profile+phase phase phase+keep phase');
  });

  it('wait until no message is late, before the measurement begins', async () => {
    const sides = new ScriptedSides();
    let looks = 0;
    sides.onRefresh = async () => {
      sides.ofDriver.messagesBacklog = looks++ < 2 ? 150_000 : 3;
    };
    const { calls } = await asked({ warmUpMillis: 1 }, sides);
    const refreshes = (calls['measure'] ?? []).filter((call) => call === 'refresh counters');
    assert.equal(refreshes.length, 5, 'late at one more look after the first, then on time at four');
  });

  it('end once, where the run ends before its phase does', async () => {
    const sides = new ScriptedSides();
    const profiles = new RunProfiles(ORDER);
    await profiles.stop(sides);
    assert.equal(sides.calls.length, 0, 'nothing was started');
    assert.ok(!profiles.areKept && profiles.profile === null);
    await profiles.begin('measure', sides);
    await profiles.stop(sides);
    await profiles.end('measure', sides);
    assert.equal(sides.calls.filter((call) => call.startsWith('keep')).length, 1);
  });

  it('are of the busiest threads where there are many, and say which were left out', async () => {
    const sides = new ScriptedSides();
    sides.threads = Array.from({ length: 20 }, (_, n) => ({ name: `shard-${n}`, role: 'shard', threadId: null }));
    for (const [n, { name }] of sides.threads.entries()) {
      sides.threadCpu.set(name, { cpuMicros: n % 2 === 0 ? 1000 + n : n, waitMicros: 0 });
    }
    const { profiles } = await asked({}, sides);
    const { threads = [], otherThreads = [] } = profiles.profile ?? {};
    assert.equal(threads.length, PROFILED_THREADS_MAX);
    for (let n = 0; n < 20; n += 2) assert.ok(threads.includes(`shard-${n}`), `shard-${n} was busy`);
    assert.deepEqual([...threads, ...otherThreads].sort(), [...sides.profilable].sort());
  });

  it('are of the threads that were named', async () => {
    const { profiles } = await asked({ threads: ['lane-*'] });
    assert.deepEqual(profiles.profile?.threads, ['lane-0']);
    assert.deepEqual(profiles.profile?.otherThreads, ['shard-0', 'main']);
  });
});

describe('names of threads', () => {
  const names = ['shard-0', 'shard-1', 'shard-10', 'lane-0', 'main'];
  for (const [patterns, found] of [
    [['shard-1'], ['shard-1']],
    [['shard-*'], ['shard-0', 'shard-1', 'shard-10']],
    [
      ['*-0', 'main'],
      ['shard-0', 'lane-0', 'main'],
    ],
    [['s.*'], []],
    [['shard'], []],
    [null, names],
  ] as const) {
    it(`match ${patterns}: ${found.length}`, () => {
      assert.deepEqual(matching(names, patterns), found);
    });
  }
});
