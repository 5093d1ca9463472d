/** Each check of resources just inside its limit, just outside, and with limits that cannot be read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { watchesPerShard } from '../sizes/watches-per-shard.ts';
import type { PlanCheck } from './plan-check.ts';
import { bufferCheck, mappingCheck, memoryCheck, ringChecks, threadCheck } from './resource-checks.ts';
import type { Sides } from './socket-demand.ts';
import { type SocketShape, shapeSockets } from './socket-shape.ts';

const DEMAND = demandOf('tcp', 'phones.count=10k', 'switch.shards=30', 'driver.lanes=50');
const shapeOf = (sides: Sides, limits: MachineLimits = MACHINE): SocketShape => shapeSockets(DEMAND, limits, sides);

/** Fails unless the check holds with as much as it needs, and trips with one less. */
function tripsBelow(check: (allowed: number | null) => PlanCheck, verdict: 'refuse' | 'advise'): number {
  const { needed } = check(null);
  assert.equal(check(null).verdict, 'unknown', 'a limit that cannot be read refuses nothing');
  assert.equal(check(needed).verdict, 'ok');
  assert.deepEqual(check(needed).commands, []);
  const tripped = check(needed - 1);
  assert.equal(tripped.verdict, verdict);
  assert.ok(tripped.commands.length > 0, 'it says what to do');
  return needed;
}

describe('the threads of a run', () => {
  const NONE = { threads: null, pidMax: null, userThreads: null, cgroup: { ...MACHINE.cgroup, pids: null } };

  it('are those of both sides, or of the one that is here, and those of each process', () => {
    const needed = (sides: Sides): number => threadCheck(shapeOf(sides), MACHINE).needed;
    assert.equal(needed('both'), 30 + 50 + 3 * 16);
    assert.equal(needed('switch'), 30 + 2 * 16);
    assert.equal(needed('driver'), 50 + 2 * 16);
  });

  it('are refused below any of the four limits, by the name of that limit', () => {
    const limits: readonly (readonly [string, (allowed: number | null) => Partial<MachineLimits>])[] = [
      ['kernel.threads-max', (threads) => ({ threads })],
      ['kernel.pid_max', (pidMax) => ({ pidMax })],
      ['ulimit -u', (userThreads) => ({ userThreads })],
      ['pids.max', (pids) => ({ cgroup: { ...MACHINE.cgroup, pids } })],
    ];
    for (const [setBy, limit] of limits) {
      const check = (allowed: number | null): PlanCheck =>
        threadCheck(shapeOf('both'), { ...MACHINE, ...NONE, ...limit(allowed) });
      const needed = tripsBelow(check, 'refuse');
      assert.equal(check(needed - 1).setBy, setBy);
    }
  });

  it('are compared with the tightest of the limits', () => {
    const tight = threadCheck(shapeOf('both'), { ...MACHINE, threads: 500, pidMax: 90, userThreads: 400 });
    assert.deepEqual([tight.setBy, tight.allowed, tight.verdict], ['kernel.pid_max', 90, 'refuse']);
  });
});

describe('the mappings of a process', () => {
  it('are those of the side with more threads', () => {
    const check =
      (sides: Sides) =>
      (mapCount: number | null): PlanCheck =>
        mappingCheck(shapeOf(sides), { ...MACHINE, mapCount });
    assert.equal(tripsBelow(check('both'), 'refuse'), 1000 + 50 * 100);
    assert.equal(tripsBelow(check('driver'), 'refuse'), 1000 + 50 * 100);
    assert.equal(tripsBelow(check('switch'), 'refuse'), 1000 + 30 * 100);
  });
});

describe('the locked memory of rings', () => {
  it('is seven pages for each ring of each thread, and nothing where sockets are held by descriptors', () => {
    assert.deepEqual(ringChecks(shapeOf('both'), MACHINE), []);
    const machine = { ...MACHINE, hasSocketRings: true };
    const check = (lockedBytes: number | null): PlanCheck => {
      const [only, ...others] = ringChecks(shapeOf('both', machine), { ...machine, lockedBytes });
      assert.ok(only !== undefined && others.length === 0);
      return only;
    };
    assert.equal(tripsBelow(check, 'refuse'), 80 * 7 * 4096, 'one ring holds the few connections of a thread');
    const [ofSwitch] = ringChecks(shapeOf('switch', machine), machine);
    assert.equal(ofSwitch?.needed, 30 * 7 * 4096);
  });
});

describe('memory', () => {
  const shares = [
    { what: 'tables', bytes: 3 * 2 ** 30, isPerPhone: true },
    { what: 'reserve', bytes: 2 ** 30, isPerPhone: false },
  ];
  const check = (memoryFreeBytes: number | null, cgroupBytes: number | null = null, fitting: number | null = 5000) =>
    memoryCheck(shares, fitting, DEMAND, {
      ...MACHINE,
      memoryFreeBytes,
      cgroup: { ...MACHINE.cgroup, memoryBytes: cgroupBytes },
    });

  it('is the sum of all shares, and fits what is free', () => {
    assert.equal(
      tripsBelow((free) => check(free), 'refuse'),
      4 * 2 ** 30,
    );
  });

  it('is what the container allows, where that is less than what is free', () => {
    assert.equal(check(2 ** 40, 2 ** 31).allowed, 2 ** 31);
    assert.equal(check(2 ** 31, 2 ** 40).allowed, 2 ** 31);
    assert.equal(check(null, 2 ** 31).verdict, 'unknown');
  });

  it('offers as many phones as fit, offline ones included, and other tables where none would', () => {
    assert.deepEqual(check(2 ** 31).commands, ['--set phones.count=5000']);
    const half = { ...DEMAND, online: DEMAND.phones / 2 };
    const [command] = memoryCheck(shares, 2000, half, { ...MACHINE, memoryFreeBytes: 1 }).commands;
    assert.equal(command, '--set phones.count=4000');
    assert.match(check(2 ** 31, null, 0).commands.join(), /mailbox\.blocks/);
    assert.match(check(2 ** 31, null, null).commands.join(), /mailbox\.blocks/);
  });
});

describe('the pages of TCP buffers', () => {
  it('are one per message in flight, and slow a run down rather than end it', () => {
    const check = (pressure: number | null): PlanCheck =>
      bufferCheck(DEMAND, { ...MACHINE, tcpMemoryPages: pressure === null ? null : [1, pressure, 2 ** 40] });
    assert.equal(tripsBelow(check, 'advise'), DEMAND.messagesInFlight);
  });
});

describe('the watches of a shard', () => {
  const phones = (watch: number, watches: number | 'auto', sessionsPerShard: number, shards: number): number =>
    watchesPerShard({
      settings: { presence: { watch, watchers: 1 }, switch: { presence: { watches } } },
      sessionsPerShard,
      shape: { shards },
    } as Parameters<typeof watchesPerShard>[0]);

  it('are as the scenario says, otherwise more than its sessions need, and never few', () => {
    assert.equal(phones(4, 1000, 1_000_000, 2), 1000);
    assert.equal(phones(4, 'auto', 500_000, 2), 2_500_000, 'a quarter more: shards may have more than others');
    assert.equal(phones(4, 'auto', 500_001, 1), 4 * 500_001 + 65_536, 'one shard has what all have');
    assert.equal(phones(0, 'auto', 1_000_000, 2), 65_536);
    assert.equal(phones(1, 'auto', 10, 2), 65_536);
  });
});
