import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Population } from '../../driver/terms/population.ts';
import { CONNECT_SALT, Placement } from '../../wire/placement.ts';
import { sourceAddressOf } from '../../wire/source-address.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { type SocketDemand, withOnline } from './socket-demand.ts';
import { planSockets, type SocketPlan, socketCapacity } from './socket-plan.ts';
import { ownDescriptors } from './socket-shape.ts';

const IDLE = demandOf('tcp');

/** Demands small enough to count every connection, on machines with few descriptors. */
const small = fc
  .record({
    online: fc.nat(4000),
    offline: fc.nat(500),
    lanes: fc.integer({ min: 1, max: 12 }),
    shards: fc.integer({ min: 1, max: 12 }),
    limit: fc.integer({ min: 80, max: 1500 }),
    portsPerSource: fc.integer({ min: 1, max: 300 }),
    transport: fc.constantFrom('tcp', 'node-tcp', 'ws'),
    listen: fc.constantFrom('auto', 'each', 'shared'),
  })
  .map(({ online, offline, lanes, shards, limit, portsPerSource, transport, listen }) => ({
    limit,
    demand: {
      ...IDLE,
      transport,
      online,
      phones: online + offline,
      lanes,
      shards,
      sockets: { ...IDLE.sockets, portsPerSource, listen },
    } satisfies SocketDemand,
  }));

function connectionsByLane(plan: SocketPlan): number[] {
  const { phones, online } = plan.demand;
  const population = new Population(phones, online, plan.lanes);
  return Array.from({ length: plan.lanes }, (_, lane) => {
    let sum = 0;
    for (let cell = 0; cell < population.cellsOf(lane); cell++) {
      sum += population.offsetsBelow(online, population.cell(lane, cell));
    }
    return sum;
  });
}

function connectionsByShard(plan: SocketPlan): number[] {
  const placement = new Placement(plan.shards, CONNECT_SALT);
  const counts = new Array<number>(plan.shards).fill(0);
  for (let phone = 0; phone < plan.demand.online; phone++) {
    const shard = placement.shardOf(phone);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  return counts;
}

/** Connections of each source address, phone by phone. */
function connectionsByAddress(plan: SocketPlan): Map<string, number> {
  const { phones, online, sockets } = plan.demand;
  const population = new Population(phones, online, plan.lanes);
  const counts = new Map<string, number>();
  for (let lane = 0; lane < plan.lanes; lane++) {
    for (let cell = 0; cell < population.cellsOf(lane); cell++) {
      const offsets = population.offsetsBelow(online, population.cell(lane, cell));
      for (let offset = 0; offset < offsets; offset++) {
        const address = sourceAddressOf(lane, population.row(cell, offset), sockets.portsPerSource);
        counts.set(address, (counts.get(address) ?? 0) + 1);
      }
    }
  }
  return counts;
}

describe('a plan over sockets', () => {
  it('has a lane, a shard, a port and an address for every connection', () => {
    fc.assert(
      fc.property(small, ({ demand, limit }) => {
        const plan = planSockets(demand, { ...MACHINE, openFilesHard: limit });
        const byLane = connectionsByLane(plan);
        assert.equal(
          byLane.reduce((sum, count) => sum + count, 0),
          demand.online,
        );
        assert.equal(Math.max(...byLane), plan.connectionsPerLaneMax);
        assert.ok(Math.max(...connectionsByShard(plan)) <= plan.connectionsPerShardMax);
        const byAddress = connectionsByAddress(plan);
        assert.ok(byAddress.size <= plan.sources.addresses);
        for (const count of byAddress.values()) assert.ok(count <= plan.sources.connectionsPerSource);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused exactly where a table cannot hold what falls to it', () => {
    fc.assert(
      fc.property(small, ({ demand, limit }) => {
        const plan = planSockets(demand, { ...MACHINE, openFilesHard: limit });
        const isWhole = demand.transport !== 'tcp';
        const ofLane = isWhole ? demand.online : Math.max(...connectionsByLane(plan));
        const ofShard = isWhole ? demand.online : plan.connectionsPerShardMax;
        const own = (threads: number): number => ownDescriptors(threads, !isWhole);
        const fits = ofLane + own(plan.lanes) <= limit && ofShard + own(plan.shards) <= limit;
        const refused = plan.problems.filter((one) => one.verdict === 'refuse' && one.setBy === 'ulimit -n');
        assert.equal(refused.length === 0, fits);
        for (const { needed, allowed, commands } of refused) {
          assert.ok(allowed !== null && needed > allowed);
          assert.ok(commands.length > 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('adds no thread that is not needed, and never takes one away', () => {
    let added = 0;
    fc.assert(
      fc.property(small, ({ demand, limit }) => {
        const machine = { ...MACHINE, openFilesHard: limit };
        const plan = planSockets(demand, machine);
        assert.ok(plan.lanes >= demand.lanes && plan.shards >= demand.shards);
        if (plan.lanes === demand.lanes || plan.problems.some((one) => one.what === 'open files of a lane')) return;
        const fewer = Math.max(...connectionsByLane({ ...plan, lanes: plan.lanes - 1 }));
        assert.ok(fewer + ownDescriptors(plan.lanes - 1, true) > limit);
        added++;
      }),
      { numRuns: 300 },
    );
    assert.ok(added > 0, 'some plans have more lanes than were asked for');
  });

  it('has an address for every lane and row of millions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.integer({ min: 15_000, max: 1_048_576 }),
        fc.integer({ min: 50, max: 28_000 }),
        (online, limit, portsPerSource) => {
          const demand = { ...withOnline(IDLE, online), sockets: { ...IDLE.sockets, portsPerSource } };
          const plan = planSockets(demand, { ...MACHINE, openFilesHard: limit });
          const population = new Population(online, online, plan.lanes);
          const first = sourceAddressOf(0, 0, portsPerSource);
          const last = sourceAddressOf(plan.lanes - 1, population.rowsPerLane - 1, portsPerSource);
          assert.ok(first.startsWith('127.') && last.startsWith('127.'));
          assert.ok(plan.sources.addresses * portsPerSource >= online);
          assert.ok(plan.connectionsPerShardMax * plan.shards >= online);
          assert.ok(plan.connectionsPerLaneMax * plan.lanes >= online);
          const tables = plan.problems.filter((one) => one.verdict === 'refuse' && one.setBy === 'ulimit -n');
          assert.deepEqual(tables, [], 'so many descriptors always suffice with enough threads');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fits at the most connections that it tells, and at one more it does not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 200_000 }),
        fc.integer({ min: 4, max: 64 }),
        fc.constantFrom('tcp' as const, 'node-tcp' as const, 'ws' as const),
        (limit, gibibytes, transport) => {
          const machine = { ...MACHINE, openFilesHard: limit, memoryFreeBytes: gibibytes * 2 ** 30 };
          const demand = { ...IDLE, transport };
          const { connections } = socketCapacity(demand, machine);
          const isFine = (online: number): boolean =>
            planSockets(withOnline(demand, online), machine).problems.every((one) => one.verdict !== 'refuse');
          assert.ok(isFine(connections), `${connections} fit`);
          assert.ok(!isFine(connections + 1), `${connections + 1} do not`);
        },
      ),
      { numRuns: 20 },
    );
  });
});
