/**
 * Ports, addresses and accept queues, by hand: what a run needs of each, when it is too much, and the command that
 * helps.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import type { SocketTransportName } from '../../scenario/terms/transports.ts';
import { BLOCK_SOURCES, BLOCKS_MAX } from '../../transport/tun/device/device-addresses.ts';
import { SOURCES_PER_LANE_MAX } from '../../wire/source-address.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { addressChecks, type Sources, sourcesOf } from './address-checks.ts';
import type { PlanCheck } from './plan-check.ts';
import type { SocketDemand } from './socket-demand.ts';
import { type SocketShape, shapeSockets } from './socket-shape.ts';

const ELSEWHERE = 'sockets.host=10.1.2.3';

interface Given {
  readonly transport?: SocketTransportName;
  readonly settings?: readonly string[];
  readonly demand?: Partial<SocketDemand>;
  readonly shape?: Partial<SocketShape>;
  readonly machine?: Partial<MachineLimits>;
}

function planned(given: Given): { sources: Sources; checks: Map<string, PlanCheck> } {
  const { transport = 'tcp', settings = [] } = given;
  const machine = { ...MACHINE, ...given.machine };
  const demand = { ...demandOf(transport, ...settings), lingeringShare: 0, ...given.demand };
  const shape = { ...shapeSockets(demand, machine, 'both'), ...given.shape };
  const sources = sourcesOf(demand, shape, machine);
  const checks = addressChecks(demand, shape, sources, machine);
  return { sources, checks: new Map(checks.map((check) => [check.what, check])) };
}

function checkOf(given: Given, what: string): PlanCheck {
  const { checks } = planned(given);
  return checks.get(what) ?? assert.fail(`no check of ${what} among ${[...checks.keys()].join(', ')}`);
}

describe('the addresses from which phones connect', () => {
  it('are spread over loopback, each with no more connections than it has ports for', () => {
    const given = { settings: ['phones.count=10k', 'sockets.portsPerSource=600'], shape: { lanes: 4 } };
    const { sources } = planned(given);
    assert.equal(sources.mode, 'spread');
    assert.ok(sources.addressesPerLane * 600 >= 10_000 / 4 && (sources.addressesPerLane - 1) * 600 < 3000);
    assert.equal(sources.addresses, 4 * sources.addressesPerLane);
    assert.equal(sources.connectionsPerSource, 600);
    const few = planned({ ...given, settings: ['phones.count=100', 'sockets.portsPerSource=600'] }).sources;
    assert.equal(few.addressesPerLane, 1);
    assert.ok(few.connectionsPerSource >= 25 && few.connectionsPerSource < 600, 'no more than there are phones');
  });

  it('are left to the kernel elsewhere: one for all connections to a port', () => {
    const settings = ['phones.count=10k', ELSEWHERE];
    const shared = planned({ settings, shape: { listen: 'shared', shards: 4 } }).sources;
    assert.deepEqual(shared, { mode: 'kernel', addressesPerLane: 1, addresses: 1, connectionsPerSource: 10_000 });
    const each = planned({ settings, shape: { listen: 'each', shards: 4 } }).sources;
    assert.equal(each.connectionsPerSource, 2500);
    assert.equal(planned({ settings: ['phones.count=10k'], machine: { platform: 'darwin' } }).sources.mode, 'kernel');
  });
});

describe('ports of a source address', () => {
  const settings = ['phones.count=10k', 'sockets.portsPerSource=20k', ELSEWHERE];
  const shape = { listen: 'shared' as const, shards: 2 };
  const what = 'ports to one destination';

  it('are needed by every connection, and by those that have just ended', () => {
    const needed = (demand: Partial<SocketDemand>, timeWaitReuse: number | null = 0): number =>
      checkOf({ settings, shape, demand, machine: { timeWaitReuse } }, what).needed;
    assert.equal(needed({ sessionMicros: Number.POSITIVE_INFINITY }), 10_000);
    assert.equal(needed({ sessionMicros: 120e6 }), 15_000, 'a port rests for a minute, half of a session');
    assert.equal(needed({ sessionMicros: 120e6 }, null), 15_000);
    assert.equal(needed({ sessionMicros: 100e6 }, 2), 10_100, 'or for a second, where the kernel uses it again');
    assert.equal(needed({ sessionMicros: Number.POSITIVE_INFINITY, lingeringShare: 0.25 }), 12_500);
  });

  it('are those of the range, and a wider range is advised only where it helps', () => {
    const of = (count: string, ports: MachineLimits['ports']): PlanCheck =>
      checkOf({ settings: [...settings, `phones.count=${count}`], shape, machine: { ports } }, what);
    assert.equal(of('10k', { first: 1, last: 10_000 }).verdict, 'ok');
    const narrow = of('10k', { first: 1, last: 9999 });
    assert.equal(narrow.verdict, 'refuse');
    assert.equal(narrow.commands[0], 'sysctl -w net.ipv4.ip_local_port_range="1024 65535"');
    assert.match(narrow.commands.join('\n'), /--set sockets\.listen=each/);
    const all = 65_535 - 1024 + 1;
    assert.match(of(`${all}`, { first: 1, last: 2 }).commands[0] ?? '', /^sysctl/);
    assert.doesNotMatch(of(`${all + 1}`, { first: 1, last: 2 }).commands.join('\n'), /sysctl/);
    assert.equal(of('10k', null).verdict, 'unknown');
  });

  it('on loopback are fewer for each of more addresses', () => {
    const spread = ['phones.count=40k', 'sockets.portsPerSource=20k'];
    const check = checkOf(
      { settings: spread, shape: { lanes: 2 }, machine: { ports: { first: 1, last: 1500 } } },
      'ports of a source address',
    );
    assert.deepEqual([check.verdict, check.needed, check.allowed], ['refuse', 20_000, 1500]);
    assert.match(check.commands.at(-1) ?? '', /^--set sockets\.portsPerSource=1500 /);
    const wide = checkOf(
      { settings: spread, shape: { lanes: 2 }, machine: { ports: { first: 1, last: 15_000 } } },
      'ports of a source address',
    );
    assert.match(wide.commands.at(-1) ?? '', /portsPerSource=2000 /, 'the kernel finds free ports quickly then');
  });

  it('may need more addresses than loopback has for a lane', () => {
    const tight = { settings: ['phones.count=5M', 'sockets.portsPerSource=1'], shape: { lanes: 2 } };
    const check = checkOf(tight, 'source addresses of a lane');
    assert.deepEqual([check.verdict, check.allowed], ['refuse', SOURCES_PER_LANE_MAX]);
    assert.deepEqual(check.commands, ['--set sockets.portsPerSource=2000']);
    assert.equal(planned({ settings: [ELSEWHERE] }).checks.has('source addresses of a lane'), false);
  });
});

describe('ports of the switch', () => {
  const what = 'last port of the switch';
  const at = (port: number, listen: SocketShape['listen']): PlanCheck =>
    checkOf({ settings: [`sockets.port=${port}`], shape: { listen, shards: 10 } }, what);

  it('begin at the one that was asked for, one for each shard or one for all', () => {
    assert.deepEqual([at(65_526, 'each').needed, at(65_526, 'each').verdict], [65_535, 'ok']);
    const over = at(65_527, 'each');
    assert.deepEqual([over.verdict, over.commands], ['refuse', ['--set sockets.port=65526']]);
    assert.equal(at(65_535, 'shared').verdict, 'ok');
  });

  it('are chosen by the kernel if none was asked for', () => {
    assert.equal(planned({ settings: ['sockets.port=0'] }).checks.has(what), false);
  });
});

describe('accept queues', () => {
  it('are cut by the kernel, which is advice', () => {
    const backlog = (somaxconn: number | null): PlanCheck =>
      checkOf({ settings: ['sockets.backlog=1000'], machine: { somaxconn } }, 'backlog of a listener');
    assert.equal(backlog(1000).verdict, 'ok');
    assert.deepEqual([backlog(999).verdict, backlog(999).commands], ['advise', ['sysctl -w net.core.somaxconn=1000']]);
    assert.equal(backlog(null).verdict, 'unknown');
  });

  it('take what all lanes open at once, divided among the shards, as far as the kernel lets them', () => {
    const what = 'connections waiting to be accepted by a shard';
    const crowd = (backlog: number, somaxconn: number | null, lanes = 8): PlanCheck =>
      checkOf(
        {
          settings: [`sockets.backlog=${backlog}`, 'sockets.connecting=100'],
          shape: { lanes, shards: 3 },
          machine: { somaxconn },
        },
        what,
      );
    assert.equal(crowd(4096, null).needed, 267, '8 lanes × 100 ÷ 3 shards');
    assert.deepEqual([crowd(267, 4096).verdict, crowd(266, 4096).verdict], ['ok', 'advise']);
    assert.deepEqual(crowd(4096, 200).commands, ['--set sockets.connecting=75']);
    assert.deepEqual(crowd(16, 4096, 100).commands, ['--set sockets.connecting=1'], 'never none');
  });

  it('of half open connections matter only without SYN cookies, and are used to three quarters', () => {
    const what = 'connections half open';
    const given = (synCookies: number | null, synBacklog: number): Given => ({
      settings: ['sockets.connecting=300', 'sockets.backlog=128'],
      machine: { synCookies, synBacklog },
    });
    for (const cookies of [1, 2, null]) assert.equal(planned(given(cookies, 1)).checks.has(what), false);
    assert.equal(checkOf(given(0, 400), what).verdict, 'ok');
    const check = checkOf(given(0, 399), what);
    assert.deepEqual([check.verdict, check.needed], ['advise', 400]);
    assert.deepEqual(check.commands, ['sysctl -w net.ipv4.tcp_max_syn_backlog=400']);
  });
});

describe('one side alone', () => {
  it('is asked only for what it needs', () => {
    const settings = ['sockets.port=5222', 'phones.count=1000'];
    const names = (sides: SocketShape['sides']): string[] => [...planned({ settings, shape: { sides } }).checks.keys()];
    const driver = ['ports of a source address', 'source addresses of a lane'];
    const ofSwitch = ['last port of the switch', 'backlog of a listener'];
    assert.deepEqual(names('driver'), driver);
    assert.deepEqual(names('switch'), ofSwitch);
    assert.deepEqual(names('both'), [...driver, ...ofSwitch, 'connections waiting to be accepted by a shard']);
  });
});

describe('a network of the run', () => {
  const given = (lanes: number, portsPerSource: number, count: string): Given => ({
    transport: 'tun',
    settings: [`phones.count=${count}`, `sockets.portsPerSource=${portsPerSource}`],
    machine: { hasSocketRings: true },
    shape: { lanes },
  });

  it('has a block of addresses for each lane, as long as there are blocks', () => {
    const what = 'lanes with a block of addresses';
    assert.equal(planned(given(2, 100, '1000')).sources.mode, 'block');
    assert.equal(checkOf(given(BLOCKS_MAX, 100, '1000'), what).verdict, 'ok');
    const check = checkOf(given(BLOCKS_MAX + 1, 100, '1000'), what);
    assert.deepEqual([check.verdict, check.commands], ['refuse', [`--set driver.lanes=${BLOCKS_MAX}`]]);
  });

  it('has only so many addresses in a block, and asks the machine for no ports', () => {
    const { checks } = planned(given(1, 1, '1M'));
    const check = checks.get('source addresses of a lane');
    assert.deepEqual([check?.verdict, check?.allowed], ['refuse', BLOCK_SOURCES]);
    assert.deepEqual(check?.commands, ['--set sockets.portsPerSource=2000']);
    assert.equal(checks.has('ports of a source address'), false);
  });
});
