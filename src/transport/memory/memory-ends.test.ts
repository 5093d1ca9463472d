/**
 * What owners of the two ends of the memory transport rely on beside their connections: wakes, shares, marks, room, the
 * end.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RingMemory } from '../../ring/ring-layout.ts';
import { CLAIM_FULL, CloseReason, type ConnectionEvents } from '../../wire/transport.ts';
import { MemoryPhoneTransport } from './memory-phone-transport.ts';
import { memoryRingsBytes } from './memory-rings.ts';
import { MemorySwitchTransport } from './memory-switch-transport.ts';

const RING_BYTES = 2 ** 14;
const SLOTS = 8;
const ALL = 1000;

/** An owner that notes what it is told. */
class Owner implements ConnectionEvents {
  readonly opens: [token: number, connection: number][] = [];
  readonly closes: [token: number, connection: number, reason: number][] = [];
  /** Tokens whose bytes came, in order. */
  readonly heard: number[] = [];

  opened(token: number, connection: number): void {
    this.opens.push([token, connection]);
  }

  refused(): void {
    assert.fail('there is room for all');
  }

  bytes(token: number, _connection: number, _view: DataView, start: number, end: number): number {
    this.heard.push(token);
    return end - start;
  }

  closed(token: number, connection: number, reason: number): void {
    this.closes.push([token, connection, reason]);
  }
}

class World {
  readonly shards: MemorySwitchTransport[];
  readonly lanes: MemoryPhoneTransport[];
  readonly atShard: Owner[];
  readonly atLane: Owner[];
  readonly woken: string[] = [];
  readonly shape: { lanes: number; shards: number; ringBytes: number };

  constructor(lanes: number, shards: number) {
    const shape = { lanes, shards, ringBytes: RING_BYTES };
    const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    const wake =
      (from: string, to: string) =>
      (n: number): void =>
        void this.woken.push(`${from} wakes ${to} ${n}`);
    this.shape = shape;
    this.shards = Array.from(
      { length: shards },
      (_, n) => new MemorySwitchTransport(rings, n, SLOTS, wake(`shard ${n}`, 'lane')),
    );
    this.lanes = Array.from(
      { length: lanes },
      (_, n) => new MemoryPhoneTransport(rings, n, wake(`lane ${n}`, 'shard')),
    );
    this.atShard = this.shards.map(() => new Owner());
    this.atLane = this.lanes.map(() => new Owner());
  }

  shard(n = 0): MemorySwitchTransport {
    return this.shards[n] ?? assert.fail('a shard of this world');
  }

  lane(n = 0): MemoryPhoneTransport {
    return this.lanes[n] ?? assert.fail('a lane of this world');
  }

  turn(): void {
    this.lanes.forEach((lane) => void lane.flush());
    this.shards.forEach((shard, n) => {
      shard.poll(this.atShard[n] ?? assert.fail(), ALL);
      shard.flush();
    });
    this.lanes.forEach((lane, n) => void lane.poll(this.atLane[n] ?? assert.fail(), ALL));
  }

  /** Connects a phone of a lane. @returns its connection at the lane, and its slot. */
  connect(token: number, lane = 0, shard = 0): { connection: number; slot: number } {
    assert.ok(this.lane(lane).connect(shard, token));
    this.turn();
    const [, connection] = this.atLane[lane]?.opens.at(-1) ?? assert.fail('it is told');
    const [slot] = this.atShard[shard]?.opens.at(-1) ?? assert.fail('it is told');
    return { connection, slot };
  }

  get rowsUsed(): number {
    return this.shards.flatMap((shard) => shard.ledger()).reduce((sum, one) => sum + one.rowsUsed, 0);
  }
}

function say(transport: MemorySwitchTransport | MemoryPhoneTransport, connection: number, bytes = 4): boolean {
  const at = transport.claim(connection, bytes, 0);
  if (at >= 0) transport.commit();
  return at >= 0;
}

describe('the ends of the memory transport', () => {
  it('wake exactly those for whom something was published, once per flush', () => {
    const world = new World(2, 3);
    const { connection, slot } = world.connect(1, 1, 2);
    world.woken.length = 0;
    for (let n = 0; n < 3; n++) say(world.lane(1), connection);
    assert.deepEqual(world.woken, [], 'not before the flush');
    world.lane(1).flush();
    world.lane(1).flush();
    assert.deepEqual(world.woken, ['lane 1 wakes shard 2']);
    say(world.shard(2), slot);
    world.shard(2).flush();
    world.shard(2).flush();
    world.lane(0).flush();
    assert.deepEqual(world.woken, ['lane 1 wakes shard 2', 'shard 2 wakes lane 1']);
  });

  it('give each lane its share of a turn, however much another one says', () => {
    const world = new World(2, 1);
    const loud = world.connect(1, 0);
    const quiet = world.connect(2, 1);
    for (let n = 0; n < 20; n++) say(world.lane(0), loud.connection);
    say(world.lane(1), quiet.connection);
    world.lanes.forEach((lane) => void lane.flush());
    const owner = new Owner();
    assert.equal(world.shard().poll(owner, 6), 4);
    assert.deepEqual(owner.heard, [loud.slot, loud.slot, loud.slot, quiet.slot]);
    assert.equal(world.shard().poll(owner, 5), 3, 'an odd limit is rounded up');
  });

  it('say how much can be claimed for certain: what the fullest ring has', () => {
    const world = new World(2, 2);
    const { connection, slot } = world.connect(1, 0, 0);
    const before = { lane: world.lane(0).roomBytes(), shard: world.shard(0).roomBytes() };
    const other = { lane: world.lane(1).roomBytes(), shard: world.shard(1).roomBytes() };
    say(world.lane(0), connection, 1000);
    say(world.shard(0), slot, 1000);
    const after = { lane: world.lane(0).roomBytes(), shard: world.shard(0).roomBytes() };
    for (const end of ['lane', 'shard'] as const) {
      assert.ok(before[end] - after[end] >= 1000 && before[end] - after[end] < 1100, `${before[end]} ${after[end]}`);
    }
    assert.deepEqual({ lane: world.lane(1).roomBytes(), shard: world.shard(1).roomBytes() }, other);
    while (say(world.shard(0), slot, 1000));
    assert.equal(world.shard(0).roomBytes(), 0, 'never less than nothing');
    assert.equal(world.shard(0).claim(slot, 4000, 0), CLAIM_FULL);
  });

  it('name their memory: a word for each slot, and the rings of all shards together', () => {
    const world = new World(2, 3);
    world.connect(1, 1, 2);
    const rows = world.shards.flatMap((shard) => shard.ledger());
    const sum = (name: string): number =>
      rows.filter((row) => row.name === name).reduce((bytes, row) => bytes + row.bytes, 0);
    assert.equal(sum('rings'), memoryRingsBytes(world.shape));
    assert.equal(sum('connection peers'), 3 * SLOTS * 4);
    assert.equal(world.rowsUsed, 1);
  });
});

describe('marks on the input of a shard', () => {
  it('are reached when all that was there is taken, from every lane, each mark for itself', () => {
    const world = new World(2, 1);
    const [first, second] = [world.connect(1, 0), world.connect(2, 1)];
    const marks = world.shard().inputMarks;
    marks.set(0);
    assert.ok(marks.isTaken(0), 'nothing waits');
    say(world.lane(1), second.connection);
    world.lane(1).flush();
    marks.set(3);
    say(world.lane(0), first.connection);
    world.lane(0).flush();
    marks.set(4);
    assert.deepEqual(
      [0, 3, 4].map((mark) => marks.isTaken(mark)),
      [true, false, false],
    );
    const owner = new Owner();
    const onlySecond: ConnectionEvents = {
      opened: () => {},
      refused: () => {},
      closed: () => {},
      bytes: (token, connection, view, start, end) =>
        token === second.slot ? owner.bytes(token, connection, view, start, end) : 0,
    };
    world.shard().poll(onlySecond, ALL);
    assert.deepEqual(
      [0, 3, 4].map((mark) => marks.isTaken(mark)),
      [true, true, false],
    );
    world.shard().poll(owner, ALL);
    assert.ok(marks.isTaken(4));
  });
});

describe('a phone that vanished', () => {
  it('takes output that nobody receives, and no room of those who are there', () => {
    const world = new World(1, 2);
    const gone = [world.connect(1, 0, 0), world.connect(2, 0, 1)];
    const there = world.connect(3, 0, 0);
    for (const { connection } of gone) assert.ok(world.lane().vanish(connection));
    world.turn();
    const room = world.shard(0).roomBytes();
    for (let n = 0; n < 100; n++) assert.ok(say(world.shard(0), gone[0]?.slot ?? -1, 1000));
    assert.equal(world.shard(0).roomBytes(), room);
    const [first, second] = gone.map(({ slot }, shard) => world.shard(shard).claim(slot, 100, 0));
    assert.ok(Math.abs((first ?? 0) - (second ?? 0)) >= 100, 'two shards write to different memory');
    world.turn();
    assert.deepEqual(world.atLane[0]?.heard, []);
    assert.ok(say(world.shard(0), there.slot));
    world.turn();
    assert.deepEqual(world.atLane[0]?.heard, [3]);
  });

  it('is told as input when the shard gives it up, so that the shard does not sleep over it', () => {
    const world = new World(1, 1);
    const { connection, slot } = world.connect(1);
    world.lane().vanish(connection);
    world.turn();
    assert.equal(world.shard().hasInput(), false);
    world.shard().close(slot, CloseReason.HEARTBEAT_MISSED);
    assert.equal(world.shard().hasInput(), true);
    world.turn();
    assert.deepEqual(world.atShard[0]?.closes, [[slot, slot, 0]]);
    assert.equal(world.shard().hasInput(), false);
  });
});

describe('the end of a shard', () => {
  it('closes every connection, in whatever state, and frees all slots when the lanes have answered', () => {
    const world = new World(2, 1);
    const open = [world.connect(10, 0), world.connect(11, 1), world.connect(12, 0)];
    const vanished = world.connect(13, 1);
    const left = world.connect(14, 0);
    world.lane(1).vanish(vanished.connection);
    world.lane(0).close(left.connection, CloseReason.PHONE_LEFT);
    world.turn();
    assert.equal(world.rowsUsed, 5);
    let turns = 0;
    for (; !world.shard().closeAll(CloseReason.SHARD_ENDED); turns++) {
      assert.ok(turns < 10, 'it comes to an end');
      world.turn();
      for (const [lane, owner] of world.atLane.entries())
        for (const [, connection] of owner.closes.splice(0)) assert.ok(world.lane(lane).release(connection));
    }
    assert.ok(turns >= 2, 'not before the lanes have answered');
    assert.equal(world.rowsUsed, 0);
    const slots = world.atShard[0]?.closes.map(([slot]) => slot).sort();
    assert.deepEqual(slots, [...open, vanished, left].map(({ slot }) => slot).sort(), 'each once');
    const again = Array.from({ length: SLOTS }, (_, n) => world.connect(20 + n).slot);
    assert.equal(new Set(again).size, SLOTS, 'all slots can be used again');
  });

  it('goes on later where the ring to a lane is full, and tells each phone the reason', () => {
    const world = new World(1, 1);
    const all = [1, 2, 3].map((token) => world.connect(token));
    while (say(world.shard(), all[0]?.slot ?? -1, 8));
    assert.equal(world.shard().closeAll(CloseReason.SHARD_ENDED), false);
    world.turn();
    assert.deepEqual(world.atLane[0]?.closes, []);
    assert.equal(world.shard().closeAll(CloseReason.SHARD_ENDED), false);
    world.turn();
    const expected = all.map(({ connection }, n) => [n + 1, connection, CloseReason.SHARD_ENDED]);
    assert.deepEqual(world.atLane[0]?.closes, expected);
  });
});
