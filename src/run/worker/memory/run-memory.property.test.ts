import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunShape } from '../../../plan/sizes/run-shape.ts';
import { RING_NONE } from '../../../ring/ring-layout.ts';
import { RANGE_BITS_MIN } from '../../../stats/histogram.ts';
import { LATENCIES, PLATFORM_LATENCIES } from '../../../verdict/record/latencies.ts';
import { RunMemory } from './run-memory.ts';

const shape: fc.Arbitrary<RunShape> = fc.record({
  lanes: fc.integer({ min: 1, max: 4 }),
  shards: fc.integer({ min: 1, max: 4 }),
  gateways: fc.integer({ min: 0, max: 1 }),
  connectionRingBytes: fc.constantFrom(0, 2 ** 12),
  inboxBytes: fc.constant(2 ** 12),
  latencyRangeBits: fc.constant(RANGE_BITS_MIN),
  platforms: fc.integer({ min: 0, max: 8 }),
  hasPushes: fc.boolean(),
  stores: fc.integer({ min: 0, max: 2 }),
  logRingBytes: fc.constant(2 ** 13),
  recalledAccounts: fc.integer({ min: 0, max: 1000 }),
});

const SMALL = {
  connectionRingBytes: 0,
  inboxBytes: 2 ** 12,
  latencyRangeBits: RANGE_BITS_MIN,
  platforms: 0,
  hasPushes: false,
  stores: 0,
  logRingBytes: 0,
  recalledAccounts: 0,
};

/** Every row of doubles, by its owner. */
function rowsOf(memory: RunMemory, { lanes, shards, gateways }: RunShape): Float64Array[] {
  return [
    ...Array.from({ length: shards }, (_, shard) => memory.shardCounters(shard)),
    ...Array.from({ length: lanes }, (_, lane) => memory.laneCounters(lane)),
    ...Array.from({ length: gateways }, (_, gateway) => memory.gatewayCounters(gateway)),
    ...Array.from({ length: shards }, (_, shard) => memory.shardSockets(shard)),
    ...Array.from({ length: lanes }, (_, lane) => memory.laneSockets(lane)),
  ];
}

describe('the memory that threads of a run share', () => {
  it('gives each thread counters of its own, and whoever has the buffers sees them', () => {
    fc.assert(
      fc.property(shape, (of) => {
        const memory = RunMemory.allocate(of, null);
        const rows = rowsOf(memory, of);
        rows.forEach((row, n) => void row.fill(n + 1));
        const seen = rowsOf(new RunMemory(memory.buffers), of);
        seen.forEach((row, n) => {
          assert.ok(
            row.every((value) => value === n + 1),
            `row ${n}`,
          );
        });
        const sockets = of.connectionRingBytes === 0;
        assert.ok(
          seen.slice(of.shards + of.lanes + of.gateways).every((row) => row.length > 0 === sockets),
          'sockets where there are no rings',
        );
      }),
      { numRuns: 40 },
    );
  });

  it('gives each lane latencies of its own, by name', () => {
    fc.assert(
      fc.property(shape, (of) => {
        const memory = RunMemory.allocate(of, null);
        const all = Array.from({ length: of.lanes }, (_, lane) => LATENCIES.map((name) => ({ lane, name }))).flat();
        all.forEach(({ lane, name }, n) => {
          for (let times = 0; times <= n; times++) memory.latency(lane, name).record(10);
        });
        const ofPlatforms = Array.from({ length: of.lanes * of.platforms }, (_, n) =>
          PLATFORM_LATENCIES.map((name) => ({ lane: n % of.lanes, platform: Math.floor(n / of.lanes), name })),
        ).flat();
        ofPlatforms.forEach(({ lane, platform, name }, n) => {
          for (let times = 0; times <= n; times++) memory.platformLatency(lane, platform, name).record(10);
        });
        const seen = new RunMemory(memory.buffers);
        all.forEach(({ lane, name }, n) => {
          assert.equal(seen.latency(lane, name).count, n + 1);
        });
        ofPlatforms.forEach(({ lane, platform, name }, n) => {
          assert.equal(seen.platformLatency(lane, platform, name).count, n + 1);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('takes as many bytes as the plan says', () => {
    fc.assert(
      fc.property(shape, (of) => {
        const memory = RunMemory.allocate(of, null);
        const { rings, inboxes, counters, latencies, bells, sockets, gauges, pushes, logs, usedIds } = memory.buffers;
        const all = [rings, inboxes, counters, latencies, bells, sockets, gauges, pushes, logs, usedIds];
        const bytes = all.map(({ byteLength }) => byteLength);
        assert.equal(
          memory.bytes,
          bytes.reduce((sum, one) => sum + one, 0),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('leads from every thread to each inbox, and to no other', () => {
    fc.assert(
      fc.property(shape, (of) => {
        const memory = RunMemory.allocate(of, null);
        const producers = new RunMemory(memory.buffers).inboxProducers();
        assert.equal(producers.length, of.shards + of.gateways);
        producers.forEach((producer, shard) => {
          assert.notEqual(producer.claim(8, 0), RING_NONE);
          producer.commit();
          const depths = Array.from({ length: producers.length }, (_, other) => memory.inboxDepthBytes(other) > 0);
          assert.deepEqual(
            depths,
            depths.map((_, other) => other <= shard),
          );
          assert.equal(memory.inboxRefusals(shard), 0);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('has a bell for each thread: ringing one wakes nobody else', () => {
    const of = { ...SMALL, lanes: 2, shards: 3, gateways: 1 };
    const memory = RunMemory.allocate(of, null);
    const words = new Int32Array(memory.buffers.bells);
    const bells = [
      ...[0, 1, 2].map((shard) => memory.shardBell(shard)),
      ...[0, 1].map((lane) => memory.laneBell(lane)),
      memory.gatewayBell(0),
    ];
    for (let thread = 0; thread < bells.length; thread++) {
      const bell = memory.doorbell(thread);
      let woken = 0;
      assert.ok(
        bell.doze(
          () => false,
          () => void woken++,
        ),
      );
      const before = words.slice();
      bells.forEach((one, other) => {
        if (other !== thread) one.ring();
      });
      assert.deepEqual(words, before, `thread ${thread} sleeps on`);
      bells[thread]?.ring();
      assert.notDeepEqual(words, before, `thread ${thread} is called`);
      bell.rise();
      bell.dismiss();
      assert.equal(woken, 0);
    }
  });
});
