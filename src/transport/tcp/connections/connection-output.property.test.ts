/** What peers receive against what was written to them, under a kernel that takes little, nothing, or has no memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CLAIM_GONE, CloseReason } from '../../../wire/transport.ts';
import { SOCKET_COUNTERS, SocketCounter } from '../../socket-counters.ts';
import { ErrorNumber } from '../system/error-number.ts';
import { ConnectionOutput } from './connection-output.ts';
import { ConnectionRows, ConnectionState } from './connection-rows.ts';
import { ScriptedSockets } from './scripted-sockets.test-suite.ts';

const PLACES = 4;
const LIMIT_BYTES = 16_384;
const POOL_BYTES = 32_768;
const TIMEOUT_MILLIS = 500;

class World {
  readonly sockets = new ScriptedSockets(4096, 2);
  readonly rows = new ConnectionRows(PLACES);
  readonly counters = new Float64Array(SOCKET_COUNTERS.length);
  readonly givenUp = new Map<number, number>();
  readonly written = new Map<number, number[]>();
  readonly output: ConnectionOutput;
  #serial = 0;

  constructor() {
    const limits = { limitBytes: LIMIT_BYTES, timeoutMillis: TIMEOUT_MILLIS, poolBytes: POOL_BYTES };
    this.output = new ConnectionOutput(PLACES, limits, {
      sockets: this.sockets,
      rows: this.rows,
      counters: this.counters,
      giveUp: (place, reason) => this.#giveUp(place, reason),
    });
    for (let place = 0; place < PLACES; place++) {
      this.rows.setState(place, ConnectionState.OPEN);
      this.written.set(place, []);
    }
  }

  #giveUp(place: number, reason: number): void {
    assert.ok(!this.givenUp.has(place), 'a connection is given up once');
    this.givenUp.set(place, reason);
    this.output.forget(place);
    this.rows.setState(place, ConnectionState.FAILING);
  }

  write(place: number, bytes: number): void {
    const at = this.output.claim(place, bytes);
    if (at === CLAIM_GONE) {
      assert.ok(this.givenUp.has(place), 'only a connection that was given up takes nothing');
      return;
    }
    assert.ok(at >= 0, 'a flush makes room');
    const own = this.written.get(place) ?? [];
    for (let i = 0; i < bytes; i++) {
      const octet = this.#serial++ & 0xff;
      this.output.view.setUint8(at + i, octet);
      own.push(octet);
    }
    this.output.commit();
  }

  /** Every peer has the beginning of what was written to it, and what waits is the rest. */
  check(isFlushed: boolean): void {
    let waiting = 0;
    for (const [place, wanted] of this.written) {
      const found = this.sockets.arrived.get(place) ?? [];
      assert.ok(found.length <= wanted.length);
      assert.deepEqual(found, wanted.slice(0, found.length), 'in order, and nothing twice');
      if (this.givenUp.has(place)) continue;
      waiting += wanted.length - found.length;
      if (isFlushed) assert.equal(this.output.isWaiting(place), found.length < wanted.length);
    }
    if (isFlushed) assert.equal(this.counters[SocketCounter.outputWaitingBytes], waiting);
    assert.ok(waiting <= POOL_BYTES + 2 ** 20);
  }
}

const place = fc.nat(PLACES - 1);
/** What the kernel does with a send from now on. */
const kernel = fc.oneof(
  fc.constant(Number.POSITIVE_INFINITY),
  fc.integer({ min: 1, max: 300 }),
  fc.constant(-ErrorNumber.EAGAIN),
  fc.constant(-ErrorNumber.EINTR),
  fc.constant(-ErrorNumber.ENOBUFS),
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('write' as const), place, bytes: fc.integer({ min: 1, max: 2000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('kernel' as const), place, takes: kernel }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('room' as const), place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const), millis: fc.nat(200) }) },
);
const steps = fc.array(step, { maxLength: 60, size: 'max' });

describe('the output of connections', () => {
  it('arrives in order and once, whatever the kernel takes, and ends only for a stated reason', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const world = new World();
        for (const one of sequence) {
          if (one.kind === 'write') world.write(one.place, one.bytes);
          else if (one.kind === 'flush') world.output.flush();
          else if (one.kind === 'kernel') world.sockets.next.set(one.place, one.takes);
          else if (one.kind === 'room') world.output.sendWaiting(one.place);
          else {
            world.output.nowMillis += one.millis;
            world.output.look();
          }
          world.check(one.kind === 'flush');
        }
        // With a kernel that takes all again, everything arrives that was not given up.
        world.output.flush();
        for (let n = 0; n < PLACES; n++) {
          world.sockets.next.delete(n);
          world.output.sendWaiting(n);
        }
        world.check(true);
        assert.equal(world.counters[SocketCounter.outputWaitingBytes], 0);
        for (const reason of world.givenUp.values()) assert.notEqual(reason, CloseReason.BROKEN, 'no peer had gone');
      }),
    );
  });

  it('is tried again by itself where there was no memory, since no event tells of that', () => {
    const world = new World();
    world.sockets.next.set(1, -ErrorNumber.ENOMEM);
    world.write(1, 100);
    world.output.flush();
    assert.equal(world.output.isWaiting(1), true);
    world.sockets.next.delete(1);
    world.output.look();
    world.check(true);
    assert.equal(world.output.isWaiting(1), false);
  });

  it('waits for an event where the socket is full: looking sends nothing', () => {
    const world = new World();
    world.sockets.next.set(1, -ErrorNumber.EAGAIN);
    world.write(1, 100);
    world.output.flush();
    world.sockets.next.delete(1);
    world.output.look();
    assert.equal(world.output.isWaiting(1), true);
    world.output.sendWaiting(1);
    assert.equal(world.output.isWaiting(1), false);
  });

  it('ends for its peer alone: gone, too slow, or with too much waiting', () => {
    const world = new World();
    world.sockets.next.set(0, -ErrorNumber.EPIPE);
    world.sockets.next.set(1, -ErrorNumber.EAGAIN);
    world.sockets.next.set(2, -ErrorNumber.EAGAIN);
    for (const [one, times] of [
      [0, 1],
      [1, 1],
      [2, 12],
      [3, 12],
    ] as const) {
      for (let n = 0; n < times; n++) {
        world.write(one, 1500);
        world.output.flush();
      }
    }
    assert.deepEqual([...world.givenUp.keys()], [0, 2], 'the second may still wait');
    assert.equal(world.givenUp.get(0), CloseReason.BROKEN);
    assert.equal(world.givenUp.get(2), CloseReason.SLOW_READER, '18,000 bytes are above the limit of a connection');
    for (let elapsed = 0; elapsed <= 2 * TIMEOUT_MILLIS; elapsed += 50) {
      world.output.nowMillis += 50;
      world.output.look();
    }
    assert.equal(world.givenUp.get(1), CloseReason.SLOW_READER, 'nothing was read within the time-out');
    assert.equal(world.sockets.arrived.get(3)?.length, 12 * 1500, 'the others go on');
    assert.equal(world.output.claim(2, 10), CLAIM_GONE);
  });
});
