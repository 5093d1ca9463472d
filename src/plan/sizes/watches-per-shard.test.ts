import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseScenario } from '../../scenario/scenario.ts';
import { SubscriptionTable } from '../../switch/presence/subscription-table.ts';
import { WatchTable } from '../../switch/presence/watch-table.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { plannedBytes, planRun, type RunPlan } from '../run-plan.ts';
import { planSockets } from '../sockets/socket-plan.ts';
import { watchesPerShard } from './watches-per-shard.ts';

const SCENARIO = `
name: watching
description: Phones that watch others
phones: { count: 1M, offline: 0, heartbeat: 60s, session: none }
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
`;

const planOf = (watch: number, ...settings: string[]): RunPlan =>
  planRun(parseScenario(SCENARIO, 'watching.yaml', [`presence.watch=${watch}`, ...settings]));

it('plans the memory of what phones watch as large as its tables, and none without presence', () => {
  const without = plannedBytes(planOf(0));
  for (const watch of [1, 2]) {
    const plan = planOf(watch);
    const watches = watchesPerShard(plan);
    assert.ok(watches * plan.shape.shards >= watch * plan.online);
    const tables = [...new SubscriptionTable(watches).ledger(), ...new WatchTable(watches).ledger()];
    const perShard = tables.reduce((sum, { bytes }) => sum + bytes, 0);
    const planned = plannedBytes(plan) - without;
    assert.ok(planned >= plan.shape.shards * perShard && planned < 1.1 * plan.shape.shards * perShard, `${planned}`);
  }
});

it('plans for the share of phones that watch', () => {
  const [all, some] = [planOf(2), planOf(2, 'presence.watchers=10%')].map(watchesPerShard) as [number, number];
  assert.ok(Math.abs(some - all / 10) <= 1, `${some} of ${all}`);
  assert.equal(watchesPerShard(planOf(2, 'presence.watchers=0%')), 65_536, 'room for phones of other clients');
});

it('is part of the plan over sockets as well', () => {
  const bytesOf = (...settings: string[]): number => {
    const { memory } = planSockets(demandOf('tcp', 'phones.count=100k', ...settings), MACHINE);
    return memory.find(({ what }) => what === 'watches')?.bytes ?? assert.fail('there is a row');
  };
  assert.equal(bytesOf(), 0);
  const limited = (watches: number): number => bytesOf('presence.watch=1', `switch.presence.watches=${watches}`);
  assert.ok(bytesOf('presence.watch=1') > 100e3 * 60);
  assert.equal(limited(200_000), 2 * limited(100_000));
});
