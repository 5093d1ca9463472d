/** How threads share connections, against counting the phones one by one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CELLS } from '../../driver/terms/population.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { openConnections, type SocketDemand } from './socket-demand.ts';
import { evenLoad, laneLoad, loadMin, ownDescriptors, shapeSockets, sharedLoad } from './socket-shape.ts';

const IDLE = demandOf('tcp');
const demand = fc
  .record({
    phones: fc.integer({ min: 8, max: 40_000 }),
    offlineShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
    lingeringShare: fc.constantFrom(0, 0.1, 1),
  })
  .map(({ phones, offlineShare, lingeringShare }): SocketDemand => {
    const online = Math.max(1, Math.floor(phones * (1 - offlineShare)));
    return { ...IDLE, phones, online, lingeringShare };
  });

describe('the connections of a thread', () => {
  it('are those of the fullest lane, as counting every phone finds it', () => {
    fc.assert(
      fc.property(demand, fc.integer({ min: 1, max: CELLS }), (wanted, lanes) => {
        const perLane = new Array<number>(lanes).fill(0);
        for (let phone = 0; phone < wanted.online; phone++) {
          const lane = (phone % CELLS) % lanes;
          perLane[lane] = (perLane[lane] ?? 0) + 1;
        }
        assert.equal(laneLoad(wanted, lanes), openConnections(wanted, Math.max(...perLane)));
      }),
      { numRuns: 50 },
    );
  });

  it('are not one more because of the rounding of doubles', () => {
    assert.equal(openConnections({ ...IDLE, online: 24_450, lingeringShare: 0.1 }), 26_895);
  });

  it('are dealt to shards so that all have room, and none has room for one too many', () => {
    fc.assert(
      fc.property(demand, fc.integer({ min: 1, max: 200 }), (wanted, shards) => {
        const each = evenLoad(wanted, shards);
        assert.ok(each * shards >= openConnections(wanted));
        assert.ok(each <= openConnections(wanted, Math.floor(wanted.online / shards) + 1));
      }),
    );
  });

  it('of a hash are more than dealt ones, never more than all, and the fullest of random shards has room', () => {
    fc.assert(
      fc.property(demand, fc.integer({ min: 1, max: 64 }), fc.integer(), (wanted, shards, seed) => {
        const load = sharedLoad(wanted, shards);
        assert.ok(load >= Math.floor(openConnections(wanted) / shards) && load <= openConnections(wanted));
        let state = seed >>> 0;
        const perShard = new Array<number>(shards).fill(0);
        for (let n = 0; n < openConnections(wanted); n++) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const shard = Math.floor((state / 2 ** 32) * shards);
          perShard[shard] = (perShard[shard] ?? 0) + 1;
        }
        // Four deviations: one run in several hundred needs more, so a fifth is a fault.
        const most = Math.max(...perShard);
        assert.ok(most <= load + Math.sqrt(load) + 1, `${most} of ${load}`);
      }),
      { numRuns: 40 },
    );
  });

  it('of a hash count only where the scenario insists on one port', () => {
    const insists = demandOf('tcp', 'sockets.listen=shared');
    assert.equal(loadMin(insists, 10, true), sharedLoad(insists, 10));
    assert.equal(
      loadMin(insists, 10, false),
      evenLoad(insists, 10),
      'threads without tables of their own cannot share',
    );
    assert.equal(loadMin(IDLE, 10, true), evenLoad(IDLE, 10));
    const home = demandOf('tcp', 'sockets.listen=shared', 'switch.placement=home');
    assert.equal(loadMin(home, 10, true), evenLoad(home, 10), 'phones that connect to their home are not hashed');
  });
});

describe('the threads of a side', () => {
  it('are as few as have room for every connection in their tables, and fewer have not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 1_500_000 }),
        fc.integer({ min: 4000, max: 60_000 }),
        (phones, limit) => {
          const wanted: SocketDemand = { ...IDLE, phones, online: phones };
          const shape = shapeSockets(wanted, { ...MACHINE, openFilesHard: limit }, 'both');
          const fits = (lanes: number): boolean => laneLoad(wanted, lanes) + ownDescriptors(lanes, true) <= limit;
          if (fits(shape.lanes)) {
            for (let lanes = wanted.lanes; lanes < shape.lanes; lanes++) assert.ok(!fits(lanes), `${lanes} suffice`);
          } else {
            for (let lanes = wanted.lanes; lanes <= CELLS; lanes++)
              assert.ok(!fits(lanes), `${lanes} would have sufficed`);
          }
          assert.equal(shape.laneTable.needed, laneLoad(wanted, shape.lanes) + ownDescriptors(shape.lanes, true));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('need no further thread where the table is exactly full', () => {
    const wanted: SocketDemand = { ...IDLE, phones: 100_000, online: 100_000 };
    for (const lanes of [5, 17, 57]) {
      const openFilesHard = laneLoad(wanted, lanes) + ownDescriptors(lanes, true);
      assert.equal(shapeSockets(wanted, { ...MACHINE, openFilesHard }, 'both').lanes, lanes);
      assert.ok(shapeSockets(wanted, { ...MACHINE, openFilesHard: openFilesHard - 1 }, 'both').lanes > lanes);
    }
  });

  it('stay as asked for where the other side is elsewhere, or where more would not help', () => {
    assert.equal(shapeSockets(IDLE, MACHINE, 'switch').lanes, IDLE.lanes);
    assert.equal(shapeSockets(IDLE, MACHINE, 'driver').shards, IDLE.shards);
    const ofNode = shapeSockets(demandOf('node-tcp'), MACHINE, 'both');
    assert.deepEqual([ofNode.shards, ofNode.lanes], [IDLE.shards, IDLE.lanes]);
    assert.equal(ofNode.listen, 'each');
  });

  it('hold tables of io_uring of the largest power of two within the limit of open files', () => {
    for (const [limit, places] of [
      [20_000, 16_384],
      [32_767, 16_384],
      [32_768, 32_768],
      [1_000_000, 32_768],
      [null, 32_768],
    ] as const) {
      const machine = { ...MACHINE, hasSocketRings: true, openFilesHard: limit };
      const shape = shapeSockets(IDLE, machine, 'both');
      assert.equal(shape.ringPlaces, places, `open files ${limit}`);
      assert.ok(shape.laneTable.needed < 1000, 'a table of descriptors has rings, not connections');
    }
    const held = demandOf('tcp', 'sockets.hold=descriptors');
    assert.equal(shapeSockets(held, { ...MACHINE, hasSocketRings: true }, 'both').ringPlaces, null);
  });
});
