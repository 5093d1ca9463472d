/**
 * What a plan says to whoever it refuses: each command that names a figure closes the difference that it stands under.
 * Every command is carried out here, on the machine's limits or the scenario, and the plan is drawn again.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MachineLimits } from '../measure/machine-limits.ts';
import { parseScenario, type Scenario } from '../scenario/scenario.ts';
import { SOCKET_TRANSPORT_NAMES, type SocketTransportName } from '../scenario/terms/transports.ts';
import { MACHINE } from './measured-machine.test-suite.ts';
import { isProblem, type PlanCheck } from './sockets/plan-check.ts';
import { rateChecks } from './sockets/rate-checks.ts';
import { type Sides, socketDemand } from './sockets/socket-demand.ts';
import { planSockets } from './sockets/socket-plan.ts';

const SCENARIO = `
name: some
description: Phones in need of something
phones: { count: 1M, offline: 0, heartbeat: 60s, session: none }
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
`;

interface Case {
  readonly settings: readonly string[];
  readonly limits: MachineLimits;
  readonly sides: Sides;
}

function scenarioOf({ settings }: Case): Scenario {
  return parseScenario(SCENARIO, 'some.yaml', [...settings]);
}

function checksOf(one: Case): PlanCheck[] {
  const { settings } = scenarioOf(one);
  const plan = planSockets(socketDemand(settings, settings.transport as SocketTransportName), one.limits, one.sides);
  return [...plan.checks, ...rateChecks(settings, one.limits, one.sides)];
}

/** How each kind of command changes the machine; the figures of the command are given. */
const ON_THE_MACHINE: readonly (readonly [RegExp, (...figures: number[]) => Partial<MachineLimits>])[] = [
  [/ulimit -Hn (\d+) /, (files) => ({ openFilesHard: files })],
  [/hard nofile (\d+)/, (files) => ({ openFilesHard: files })],
  [/--ulimit nofile=(\d+):/, (files) => ({ openFilesHard: files })],
  [/ulimit -Hl (\d+) /, (kibibytes = 0) => ({ lockedBytes: kibibytes * 1024 })],
  [/ulimit -u (\d+)$/, (threads) => ({ userThreads: threads })],
  [/--pids-limit (\d+) /, (pids = 0) => ({ cgroup: { ...MACHINE.cgroup, pids } })],
  [/kernel\.threads-max=(\d+)$/, (threads) => ({ threads })],
  [/kernel\.pid_max=(\d+)$/, (pidMax) => ({ pidMax })],
  [/vm\.max_map_count=(\d+)$/, (mapCount) => ({ mapCount })],
  [/fs\.file-max=(\d+)$/, (fileMax) => ({ fileMax })],
  [/fs\.epoll\.max_user_watches=(\d+)$/, (epollWatches) => ({ epollWatches })],
  [/net\.core\.somaxconn=(\d+)$/, (somaxconn) => ({ somaxconn })],
  [/net\.ipv4\.tcp_max_syn_backlog=(\d+)$/, (synBacklog) => ({ synBacklog })],
  [/net\.ipv4\.ip_local_port_range="(\d+) (\d+)"$/, (first = 0, last = 0) => ({ ports: { first, last } })],
  [/net\.ipv4\.tcp_mem="(\d+) (\d+) (\d+)"$/, (...tcpMemoryPages) => ({ tcpMemoryPages })],
];

/** The case after a command, null for one that names no figure of its own. */
function carriedOut(one: Case, command: string): Case | null {
  const setting = /^--set (\S+=\d+)(?: |$)/.exec(command)?.[1];
  if (setting !== undefined && !command.includes('…')) return { ...one, settings: [...one.settings, setting] };
  for (const [pattern, change] of ON_THE_MACHINE) {
    const figures = pattern.exec(command)?.slice(1).map(Number);
    if (figures !== undefined) return { ...one, limits: { ...one.limits, ...change(...figures) } };
  }
  return null;
}

const machine = fc.record({
  cores: fc.integer({ min: 1, max: 64 }),
  hasSystemCalls: fc.boolean(),
  hasSocketRings: fc.boolean(),
  mayRaiseHardLimit: fc.boolean(),
  mayPassFileMax: fc.boolean(),
  openFilesHard: fc.integer({ min: 300, max: 100_000 }),
  nrOpen: fc.constantFrom(20_000, 1_048_576),
  fileMax: fc.integer({ min: 1000, max: 2e6 }),
  lockedBytes: fc.integer({ min: 0, max: 8 * 2 ** 20 }),
  userThreads: fc.constantFrom(null, 40, 4000),
  threads: fc.constantFrom(null, 50, 100_000),
  pidMax: fc.constantFrom(null, 60, 32_768),
  mapCount: fc.constantFrom(null, 1000, 65_530),
  epollWatches: fc.integer({ min: 1000, max: 5e6 }),
  somaxconn: fc.constantFrom(16, 128, 4096),
  synCookies: fc.constantFrom(0, 1),
  synBacklog: fc.constantFrom(16, 128, 2048),
  timeWaitReuse: fc.constantFrom(0, 1, 2),
  ports: fc.constantFrom({ first: 32_768, last: 60_999 }, { first: 40_000, last: 41_000 }),
  tcpMemoryPages: fc.constantFrom(null, [5000, 8000, 12_000], [287_898, 383_865, 575_796]),
  memoryFreeBytes: fc.integer({ min: 2 ** 31, max: 2 ** 36 }),
  cgroup: fc.constantFrom(MACHINE.cgroup, { ...MACHINE.cgroup, pids: 30 }, { ...MACHINE.cgroup, cpuCores: 0.5 }),
});
const settings = fc
  .record({
    transport: fc.constantFrom(...SOCKET_TRANSPORT_NAMES),
    'phones.count': fc.integer({ min: 1000, max: 3_000_000 }),
    'phones.session': fc.constantFrom('none', '10s', '10m'),
    'phones.departure': fc.constantFrom('logout', 'vanish'),
    'switch.shards': fc.integer({ min: 1, max: 8 }),
    'driver.lanes': fc.integer({ min: 1, max: 8 }),
    'driver.messagesInFlight': fc.constantFrom(1024, 1_048_576),
    'traffic.rate': fc.integer({ min: 0, max: 200_000 }),
    'login.rate': fc.integer({ min: 100, max: 100_000 }),
    'sockets.connecting': fc.constantFrom(16, 256, 4096),
    'sockets.backlog': fc.constantFrom(16, 128, 4096),
    'sockets.portsPerSource': fc.constantFrom(1, 50, 2000, 28_000),
    'sockets.listen': fc.constantFrom('auto', 'each', 'shared'),
    'sockets.host': fc.constantFrom('127.0.0.1', '192.0.2.1'),
    'sockets.port': fc.constantFrom(0, 8765, 65_533),
    'sockets.hold': fc.constantFrom('auto', 'descriptors'),
  })
  .map((keys) => Object.entries(keys).map(([key, value]) => `${key}=${value}`));
const anyCase = fc
  .record({ settings, machine, sides: fc.constantFrom('both' as const, 'switch' as const, 'driver' as const) })
  .map(({ settings, machine, sides }): Case => ({ settings, limits: { ...MACHINE, ...machine }, sides }));

describe('what a plan says to do', () => {
  it('closes the difference, whichever of the commands is carried out', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(anyCase, (one) => {
        for (const check of checksOf(one).filter(isProblem)) {
          assert.ok(check.allowed !== null && check.needed > check.allowed, 'a problem is a figure above another');
          for (const command of check.commands) {
            const changed = carriedOut(one, command);
            if (changed === null) continue;
            const again = checksOf(changed).find(({ what, setBy }) => what === check.what && setBy === check.setBy);
            assert.ok(
              again === undefined || again.verdict === 'ok',
              `${check.what}, ${check.setBy}: ${check.needed} of ${check.allowed}; after ${command}: ${again?.needed} of ${again?.allowed}`,
            );
            seen.set(check.setBy, (seen.get(check.setBy) ?? 0) + 1);
          }
        }
      }),
      { numRuns: 15 },
    );
    assert.ok(seen.size >= 5, `limits of many kinds were met: ${[...seen.keys()].join(', ')}`);
  });
});
