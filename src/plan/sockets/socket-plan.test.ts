import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import type { PlanCheck } from './plan-check.ts';
import { planSockets, type SocketPlan, socketCapacity } from './socket-plan.ts';

function check(plan: SocketPlan, what: string): PlanCheck {
  const found = plan.checks.find((one) => one.what === what);
  assert.ok(found !== undefined, `no check of ${what} among ${plan.checks.map((one) => one.what).join(', ')}`);
  return found;
}

const refused = (plan: SocketPlan): string[] =>
  plan.problems.filter((problem) => problem.verdict === 'refuse').map((problem) => problem.what);

describe('a plan over tcp', () => {
  it('keeps the threads asked for where their tables suffice', () => {
    const plan = planSockets(demandOf('tcp', 'phones.count=30k'), MACHINE);
    assert.equal(plan.shards, 2);
    assert.equal(plan.lanes, 2);
    assert.equal(plan.listen, 'shared');
    assert.deepEqual(plan.problems, []);
  });

  it('adds threads until a million connections have descriptors, and says so', () => {
    const plan = planSockets(demandOf('tcp'), MACHINE);
    assert.deepEqual(refused(plan), []);
    assert.equal(plan.lanes, 52, 'with one lane less, one of them would have 11 of 512 cells');
    assert.equal(plan.connectionsPerLaneMax, 2 * 1954 + 8 * 1953);
    assert.equal(plan.shards, 51);
    assert.equal(plan.listen, 'each', 'they are so full that a hash could overfill one');
    assert.ok(plan.shardTable.needed <= 20_000 && plan.laneTable.needed <= 20_000);
    const advice = check(plan, 'open files for 2 lanes, as requested');
    assert.equal(advice.verdict, 'advise');
    assert.equal(advice.needed, 500_000 + 64 + 128 + 2);
    assert.match(advice.consequence, /52 lanes instead of 2/);
    assert.match(advice.commands.join('\n'), /nofile 500194/);
  });

  it('shares one port only where the hash cannot overfill a shard', () => {
    const roomy = planSockets(demandOf('tcp', 'switch.shards=60'), MACHINE);
    assert.equal(roomy.listen, 'shared');
    assert.ok(roomy.connectionsPerShardMax > 1e6 / 60 + 500);
    const full = planSockets(demandOf('tcp', 'phones.count=39_500'), MACHINE);
    assert.equal(full.shards, 2, 'by arithmetic 19,750 fall to each');
    assert.equal(full.listen, 'each');
    assert.match(full.listenReason, /20,313 connections may fall/);
    const asked = planSockets(demandOf('tcp', 'phones.count=39_500', 'sockets.listen=shared'), MACHINE);
    assert.equal(asked.listen, 'shared');
    assert.equal(asked.shards, 3, 'the scenario insists, so there is a shard more');
    assert.deepEqual(refused(asked), []);
  });

  it('gives each shard a port where phones go straight to their home', () => {
    const plan = planSockets(demandOf('tcp', 'switch.placement=home', 'phones.count=10k'), MACHINE);
    assert.equal(plan.listen, 'each');
    assert.match(plan.listenReason, /home/);
  });

  it('plans the two million that this machine has held, and refuses what memory cannot hold', () => {
    const held = planSockets(demandOf('tcp', 'phones.count=2_000_000', 'sockets.outputPool=256KiB'), MACHINE);
    assert.deepEqual(refused(held), []);
    const fitting = held.connectionsThatFit ?? 0;
    assert.ok(fitting > 2.1e6 && fitting < 2.6e6, `${fitting} would fit; the killer came at 2.58 million`);
    const tooMany = planSockets(demandOf('tcp', 'phones.count=3M'), MACHINE);
    assert.deepEqual(refused(tooMany), ['sockets that epoll watches', 'memory']);
    assert.match(check(tooMany, 'memory').consequence, /about 2\.\d+M connections would fit/);
    assert.match(check(tooMany, 'memory').commands[0] ?? '', /--set phones.count=2\d{6}$/);
  });

  it('takes half of the kernel where one side only is here, and plans no threads for the other', () => {
    const both = planSockets(demandOf('tcp'), MACHINE);
    const alone = planSockets(demandOf('tcp'), MACHINE, 'switch');
    const kernel = (plan: SocketPlan): number =>
      plan.memory.find((share) => share.what.startsWith('kernel'))?.bytes ?? 0;
    assert.ok(Math.abs(kernel(alone) / kernel(both) - 0.5) < 0.01);
    assert.equal(alone.lanes, 2);
    assert.equal(alone.shards, both.shards);
    assert.ok(!alone.checks.some((one) => one.what.includes('lane')));
    const driving = planSockets(demandOf('tcp', 'sockets.host=10.0.0.7'), MACHINE, 'driver');
    assert.equal(driving.sources.mode, 'kernel', 'addresses of loopback do not leave the machine');
    assert.deepEqual(refused(driving), ['ports to one destination']);
  });

  it('makes room for phones that vanish and come back before anybody noticed', () => {
    const settings = ['phones.count=30k', 'phones.session=60s', 'phones.heartbeat=10s', 'phones.departure=vanish'];
    const plan = planSockets(demandOf('tcp', ...settings), MACHINE);
    assert.equal(plan.connections, 50_000, '30 s of silence and 10 s away, of 60');
    assert.ok(plan.shards > 2);
  });
});

describe('a plan over tcp with tables of io_uring', () => {
  const RINGS = { ...MACHINE, hasSocketRings: true };

  it('keeps the threads asked for, however many connections there are', () => {
    const plan = planSockets(demandOf('tcp'), RINGS);
    assert.deepEqual(refused(plan), []);
    assert.deepEqual([plan.shards, plan.lanes, plan.ringPlaces, plan.listen], [2, 2, 16_384, 'shared']);
    assert.equal(
      plan.laneTable.needed,
      31 + 64 + 64 + 128 + 2,
      '31 rings for 500,000 phones and what else a lane has open',
    );
    assert.equal(planSockets(demandOf('tcp', 'sockets.hold=descriptors'), RINGS).lanes, 52);
  });

  it('counts what the rings lock, and says what to do', () => {
    const plan = planSockets(demandOf('tcp'), { ...RINGS, lockedBytes: 2 ** 20 });
    assert.deepEqual(refused(plan), ['locked memory of rings']);
    assert.match(check(plan, 'locked memory of rings').commands.join('\n'), /ulimit -Hl 3\d{3}[\s\S]*hold=descriptors/);
  });

  it('refuses rings where there are none', () => {
    assert.throws(() => planSockets(demandOf('tcp', 'sockets.hold=rings'), MACHINE), {
      code: 'TRANSPORT_UNAVAILABLE',
      message: /Linux 6\.8.*auto/,
    });
  });
});

describe('a plan over sockets of Node', () => {
  it('shares one table for each side, so more threads do not help', () => {
    for (const transport of ['node-tcp', 'ws'] as const) {
      const plan = planSockets(demandOf(transport, 'phones.count=30k'), MACHINE);
      assert.deepEqual(refused(plan), ['open files of the switch', 'open files of the driver']);
      assert.equal(plan.shards, 2);
      assert.equal(plan.listen, 'each');
      assert.match(check(plan, 'open files of the switch').commands.join('\n'), /transport=tcp/);
      assert.deepEqual(refused(planSockets(demandOf(transport, 'phones.count=19k'), MACHINE)), []);
    }
  });

  it('is what tcp falls back to without system calls', () => {
    const plan = planSockets(demandOf('tcp', 'phones.count=30k'), { ...MACHINE, hasSystemCalls: false });
    assert.equal(plan.hasPrivateTables, false);
    assert.match(check(plan, 'open files of the switch').commands.join('\n'), /npm install koffi/);
  });

  it('counts more memory for each connection', () => {
    const machine = { ...MACHINE, openFilesHard: 5e6 };
    const fitting = (['tcp', 'node-tcp', 'ws'] as const).map(
      (transport) => planSockets(demandOf(transport), machine).connectionsThatFit ?? 0,
    );
    assert.deepEqual(
      [...fitting].sort((a, b) => b - a),
      fitting,
    );
  });
});

describe('limits of the machine', () => {
  const planOn = (machine: Partial<typeof MACHINE>, ...settings: string[]): SocketPlan =>
    planSockets(demandOf('tcp', ...settings), { ...MACHINE, ...machine });

  it('bind, each with the command that moves it', () => {
    const cases: [machine: Partial<typeof MACHINE>, what: string, command: RegExp][] = [
      [{ mayPassFileMax: false, fileMax: 500_000 }, 'open files of the machine', /^sysctl -w fs\.file-max=20\d{5}$/],
      [{ epollWatches: 1e6 }, 'sockets that epoll watches', /^sysctl -w fs\.epoll\.max_user_watches=200\d{4}$/],
      [{ ports: { first: 60_000, last: 60_999 } }, 'ports of a source address', /ip_local_port_range="1024 65535"/],
      [{ cgroup: { ...MACHINE.cgroup, pids: 100 } }, 'threads', /pids-limit/],
      [{ mapCount: 3000 }, 'mappings of a process', /vm\.max_map_count/],
      [{ cgroup: { ...MACHINE.cgroup, memoryBytes: 2 ** 32 } }, 'memory', /phones\.count/],
    ];
    for (const [machine, what, command] of cases) {
      const plan = planOn(machine);
      assert.deepEqual(refused(plan), [what]);
      assert.match(check(plan, what).commands[0] ?? '', command);
    }
  });

  it('are advice where a run would still be one', () => {
    assert.equal(check(planOn({ somaxconn: 128 }), 'backlog of a listener').verdict, 'advise');
    const crowd = check(planOn({ somaxconn: 128 }), 'connections waiting to be accepted by a shard');
    assert.deepEqual(crowd.commands, ['--set sockets.connecting=125'], '52 lanes, 51 shards');
    assert.equal(check(planOn({}, 'driver.messagesInFlight=1M'), 'pages of TCP buffers').verdict, 'advise');
    assert.equal(check(planOn({ synCookies: 0, synBacklog: 256 }), 'connections half open').verdict, 'advise');
  });

  it('are unknown, and refuse nothing, where they cannot be read', () => {
    const plan = planOn({
      openFilesHard: null,
      ports: null,
      somaxconn: null,
      epollWatches: null,
      memoryFreeBytes: null,
      mapCount: null,
      threads: null,
      pidMax: null,
      tcpMemoryPages: null,
    });
    assert.deepEqual(refused(plan), []);
    assert.equal(check(plan, 'memory').verdict, 'unknown');
    assert.equal(plan.connectionsThatFit, null);
  });

  it('raise the highest limit first where the one wanted is above it', () => {
    const raisable = planOn({ mayRaiseHardLimit: true }, 'phones.count=4M');
    const advice = check(raisable, 'open files for 2 lanes, as requested');
    assert.match(advice.commands[0] ?? '', /^sysctl -w fs\.nr_open=/);
    assert.match(advice.commands[1] ?? '', /^ulimit -Hn \d+ && ulimit -Sn \d+$/);
  });
});

describe('the most connections', () => {
  it('are refused by something as soon as there is one more', () => {
    for (const transport of ['tcp', 'node-tcp', 'ws'] as const) {
      const demand = demandOf(transport);
      const { connections, limitedBy } = socketCapacity(demand, MACHINE);
      assert.ok(connections > 19_000, `${connections} over ${transport}`);
      assert.equal(limitedBy?.what, transport === 'tcp' ? 'memory' : 'open files of the switch');
    }
  });
});
