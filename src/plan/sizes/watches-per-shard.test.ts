import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ledgerUsedBytes } from '../../base/ledger-entry.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { PresenceTables } from '../../switch/presence/presence-tables.ts';
import { WATCH_ROW_BYTES } from '../../switch/presence/watch-rows.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
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

/**
 * The tables of a shard, after as many watches as planned, and as many subscriptions, of which one in `shards` shares a
 * row.
 */
function filledTables(watches: number, sessions: number, accounts: number, shards: number): PresenceTables {
  const homes = new Placement(shards, HOME_SALT);
  const plan = new NumberingPlan([{ first: 1000, count: accounts }]);
  const tables = new PresenceTables({ watchesMax: watches, sessions, homes, plan });
  for (let n = 0; n < watches; n++) {
    const place = tables.watches.add(n % sessions, 0, n);
    if (n % shards === 0) tables.subscriptions.add(place);
    else tables.subscriptions.addDistant(n, n, 0);
  }
  return tables;
}

it('plans the memory of what phones watch as large as its tables, and none without presence', () => {
  for (const shards of [1, 3]) {
    const small = ['phones.count=100k', `switch.shards=${shards}`];
    const without = plannedBytes(planOf(0, ...small));
    for (const watch of [1, 2]) {
      const plan = planOf(watch, ...small, 'switch.presence.watches=80k');
      const { rows, ...tables } = filledTables(watchesPerShard(plan), plan.sessionsPerShard, plan.phones, shards);
      const lists = [...tables.watches.ledger(), ...tables.subscriptions.ledger()];
      const perShard = rows.used * WATCH_ROW_BYTES + lists.reduce((sum, { bytes }) => sum + bytes, 0);
      const planned = plannedBytes(plan) - without;
      assert.ok(planned > 0.99 * shards * perShard && planned < 1.1 * shards * perShard, `${planned} of ${perShard}`);
    }
  }
});

it('plans 28 bytes for a phone that watches one account, on one shard', () => {
  const [without, some] = [planOf(0, 'switch.shards=1'), planOf(1, 'switch.shards=1')].map(plannedBytes);
  const perPhone = ((some ?? 0) - (without ?? 0)) / 1e6;
  assert.ok(perPhone >= 28 && perPhone < 30, `${perPhone} bytes`);
});

it('plans for the share of phones that watch', () => {
  const two = 'switch.shards=2';
  const [all, some] = [planOf(2, two), planOf(2, two, 'presence.watchers=10%')].map(watchesPerShard) as [
    number,
    number,
  ];
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
  assert.ok(bytesOf('presence.watch=1') > 100e3 * 28);
  assert.ok(limited(200_000) > limited(100_000) + 100e3 * 22, 'and what sessions have whatever the limit');
});

it('is no part of the memory of a connection, whoever watches whom', () => {
  for (const shards of [1, 3]) {
    const ledger = filledTables(1000, 400, 1200, shards).ledger();
    const used = ledger.filter(({ rowsUsed }) => rowsUsed > 0).map(({ name }) => name);
    assert.ok(used.includes('watches') && used.includes('sessions that watch') && used.includes('watched accounts'));
    assert.equal(used.includes('watches from other shards'), shards > 1);
    assert.equal(ledgerUsedBytes(ledger, 'switch'), 0);
  }
});
