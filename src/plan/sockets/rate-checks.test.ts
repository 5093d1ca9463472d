/** The rates of a scenario against those of the stored runs, on machines with more and fewer cores. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../../scenario/scenario.ts';
import { TRANSPORT_NAMES, TRANSPORTS, type TransportName } from '../../scenario/terms/transports.ts';
import { MACHINE } from '../measured-machine.test-suite.ts';
import type { PlanCheck } from './plan-check.ts';
import { rateChecks } from './rate-checks.ts';
import type { Sides } from './socket-demand.ts';

const SCENARIO = `
name: rates
description: Phones that send
phones: { count: 100k, offline: 0, heartbeat: none, session: none }
login: { rate: 1 }
traffic: { rate: 0, payload: 64B }
switch: { shards: 1 }
driver: { lanes: 1 }
`;

interface Case {
  readonly machine?: Partial<typeof MACHINE>;
  readonly sides?: Sides;
}

function checksOf(settings: readonly string[], { machine = {}, sides = 'both' }: Case = {}): [PlanCheck, PlanCheck] {
  const scenario = parseScenario(SCENARIO, 'rates.yaml', settings);
  const [messages, logins, ...others] = rateChecks(scenario.settings, { ...MACHINE, ...machine }, sides);
  assert.ok(messages !== undefined && logins !== undefined && others.length === 0);
  assert.deepEqual([messages.what, logins.what], ['messages per second', 'logins per second']);
  return [messages, logins];
}

const allowedMessages = (settings: readonly string[], one: Case = {}): number =>
  checksOf(settings, one)[0].allowed ?? 0;
const over = (transport: TransportName, ...settings: string[]): string[] => [`transport=${transport}`, ...settings];

describe('the rates that a plan allows', () => {
  for (const transport of TRANSPORT_NAMES) {
    it(`over ${transport} are those of the stored run on the cores of the stored run`, () => {
      const { saturated } = TRANSPORTS[transport];
      const [messages, logins] = checksOf(over(transport, 'sockets.hold=descriptors'));
      assert.ok(Math.abs((messages.allowed ?? 0) - saturated.messagesPerSecond) <= 1, String(messages.allowed));
      assert.ok(Math.abs((logins.allowed ?? 0) - saturated.loginsPerSecond) <= 1, String(logins.allowed));
    });
  }

  it('over tcp are those of io_uring where the machine has it and the scenario does not forbid it', () => {
    const machine = { hasSocketRings: true };
    const { saturated, saturatedInRings } = TRANSPORTS.tcp;
    assert.ok(saturatedInRings !== null);
    for (const [hold, run] of [
      ['auto', saturatedInRings],
      ['rings', saturatedInRings],
      ['descriptors', saturated],
    ] as const) {
      const allowed = allowedMessages(over('tcp', `sockets.hold=${hold}`), { machine });
      assert.ok(Math.abs(allowed - run.messagesPerSecond) <= 1, `${hold}: ${allowed}`);
    }
    assert.equal(
      allowedMessages(over('memory'), { machine }),
      allowedMessages(over('memory')),
      'memory has no sockets',
    );
  });

  it('grow with the threads until each core has one, and no further', () => {
    const machine = { cores: 4 };
    const allowed = [1, 2, 3, 4, 64].map((shards) => allowedMessages([`switch.shards=${shards}`], { machine }));
    const [two = 0] = allowed;
    for (const [n, cores] of [2, 3, 4, 4, 4].entries())
      assert.ok(Math.abs((allowed[n] ?? 0) - (two * cores) / 2) <= 1, `${n}: ${allowed[n]}`);
  });

  it('are those of the cores that a container may use, even a part of one', () => {
    const cgroup = (cpuCores: number) => ({ cores: 8, cgroup: { ...MACHINE.cgroup, cpuCores } });
    const threads = ['switch.shards=4', 'driver.lanes=4'];
    const all = allowedMessages(threads, { machine: cgroup(64) });
    assert.ok(Math.abs(allowedMessages(threads, { machine: cgroup(0.5) }) - all / 16) <= 1);
    assert.ok(Math.abs(allowedMessages(threads, { machine: cgroup(4) }) - all / 2) <= 1);
    assert.equal(all, allowedMessages(threads, { machine: { cores: 8 } }), 'a larger quota adds no core');
  });

  it('are higher for a side that has a core for itself, and both sides together need what each does', () => {
    for (const transport of TRANSPORT_NAMES) {
      const machine = { cores: 1 };
      const micros = (sides: Sides): number => 1e6 / allowedMessages(over(transport), { machine, sides });
      const sum = micros('switch') + micros('driver');
      assert.ok(Math.abs(sum - micros('both')) < 0.01 * sum, `${transport}: ${sum} and ${micros('both')}`);
    }
  });
});

describe('a rate beyond what is assumed', () => {
  const limit = Math.floor(TRANSPORTS.tcp.saturated.messagesPerSecond);

  it('of messages is noted up to twice that, and refused above, with a rate that would pass', () => {
    const verdictOf = (rate: number): string => checksOf(over('tcp', `traffic.rate=${rate}`))[0].verdict;
    assert.deepEqual([limit - 1, limit + 2, 2 * limit - 2, 2 * limit + 4].map(verdictOf), [
      'ok',
      'advise',
      'advise',
      'refuse',
    ]);
    const [messages] = checksOf(over('tcp', `traffic.rate=${3 * limit}`));
    const [command = ''] = messages.commands;
    assert.match(command, /^--set traffic\.rate=\d+$/);
    assert.equal(verdictOf(Number(command.split('=')[1])), 'ok', command);
    assert.match(messages.consequence, /trunkline capacity measures the limit$/);
    assert.match(messages.setBy, /^assumed: 2 cores, 21\.9 µs per message$/);
  });

  it('of logins is only ever noted: the ramp takes as long as it takes', () => {
    const [, logins] = checksOf(over('ws', 'login.rate=1M'));
    assert.equal(logins.verdict, 'advise');
    assert.equal(logins.allowed, 2700);
    assert.deepEqual(logins.commands, ['--set login.rate=2700']);
    assert.match(logins.consequence, /about 2\.70k per second are assumed/);
  });
});
