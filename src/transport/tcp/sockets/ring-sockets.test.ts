/**
 * What becomes of sockets in tables when the kernel refuses, and in which order operations reach it: on a scripted
 * kernel.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorNumber } from '../system/error-number.ts';
import { Linux } from '../system/system-calls.ts';
import { MOVES_MAX, NO_PLACE } from './held-sockets.ts';
import { RingSockets } from './ring-sockets.ts';
import { type Operation, RING, ScriptedKernel } from './scripted-ring.test-suite.ts';
import { RingOperation } from './socket-ring.ts';

const TABLE_PLACES = 128;
const EVENTS = 4;
const RECEIVE_BYTES = 4096;
const { CLOSE, FILES_UPDATE, FIXED_FD_INSTALL, RECEIVE, SEND } = RingOperation;

class World {
  readonly kernel = new ScriptedKernel();
  readonly sockets: RingSockets;
  /** The result of each operation but an update, whose result is the number of sockets that got a place. */
  answer: (operation: Operation) => number = () => 0;

  constructor(places = 2 * TABLE_PLACES) {
    this.kernel.resultOf = (operation) => (operation.code === FILES_UPDATE ? 1 : this.answer(operation));
    this.sockets = new RingSockets(this.kernel.calls, places, TABLE_PLACES, EVENTS);
  }

  /** A socket in its table. */
  held(descriptor: number): number {
    const place = this.sockets.hold(descriptor);
    this.sockets.beginReceives();
    this.sockets.receive(0, place);
    this.kernel.done.length = 0;
    return place;
  }

  codes(): number[] {
    return this.kernel.done.map(({ code }) => code);
  }
}

describe('sockets in tables, if the kernel refuses', () => {
  it('a first table: is told with what it was for', () => {
    const kernel = new ScriptedKernel();
    kernel.failing.add('register');
    assert.throws(() => new RingSockets(kernel.calls, 10, 16, EVENTS), {
      code: 'SYSTEM_REFUSED',
      message: /^The system refused an io_uring of 16 sockets: /,
    });
    assert.deepEqual(kernel.closed, [RING]);
  });

  it('another table: have no place for a further socket, until one ends', () => {
    const { kernel, sockets } = new World();
    for (let n = 0; n < TABLE_PLACES; n++) assert.equal(sockets.hold(1000 + n), n);
    kernel.failing.add('setup');
    assert.equal(sockets.hold(5000), NO_PLACE);
    sockets.close(7);
    assert.equal(sockets.hold(5001), 7);
    assert.equal(sockets.hold(5002), NO_PLACE);
    kernel.failing.clear();
    assert.equal(sockets.hold(5003), TABLE_PLACES, 'it is asked for again');
  });

  it('a place for a socket: say so, with the error', () => {
    const { kernel, sockets } = new World();
    const { ENOMEM } = ErrorNumber;
    kernel.resultOf = ({ code }) => (code === FILES_UPDATE ? -ENOMEM : 0);
    const place = sockets.hold(1000);
    assert.throws(() => sockets.receive(0, place), {
      code: 'SYSTEM_REFUSED',
      message: /^The system refused a place in a table of sockets: ENOMEM/,
    });
  });

  it('a descriptor that is to be lent: say so, and lend it when it is given', () => {
    const world = new World();
    const place = world.held(1000);
    world.answer = () => -ErrorNumber.EMFILE;
    assert.throws(() => world.sockets.borrow(place), {
      code: 'SYSTEM_REFUSED',
      message: /^The system refused a descriptor for a socket of a table: EMFILE/,
    });
    world.answer = ({ code }) => (code === FIXED_FD_INSTALL ? 44 : 0);
    assert.equal(world.sockets.borrow(place), 44);
    world.sockets.giveBack(44);
    assert.deepEqual(world.kernel.closed, [44]);
  });
});

describe('new sockets', () => {
  it('are moved together, and each descriptor is closed after its own socket has a place', () => {
    const world = new World();
    const { kernel, sockets } = world;
    for (let n = 0; n < MOVES_MAX; n++) sockets.hold(1000 + n);
    assert.equal(kernel.done.length, 0, 'not one by one');
    sockets.hold(2000);
    assert.equal(kernel.done.length, 2 * MOVES_MAX);
    const first = Number(kernel.done[0]?.address);
    for (let n = 0; n < MOVES_MAX; n++) {
      const [update, close] = kernel.done.slice(2 * n);
      assert.deepEqual([update?.code, Number(update?.offset), update?.length], [FILES_UPDATE, n, 1]);
      assert.equal(Number(update?.address) - first, 4 * n, 'the kernel reads its descriptor, of 32 bits');
      assert.deepEqual([close?.code, close?.descriptor, close?.tablePlace], [CLOSE, 1000 + n, 0]);
    }
  });

  it('are in their table before anything is done with one of them', () => {
    for (const use of [
      (sockets: RingSockets, place: number) => void sockets.receive(0, place),
      (sockets: RingSockets, place: number) => void sockets.send(place, 0, 1),
      (sockets: RingSockets, place: number) => void sockets.borrow(place),
      (sockets: RingSockets, place: number) => {
        sockets.close(place);
        sockets.settle();
      },
    ]) {
      const world = new World();
      use(world.sockets, world.sockets.hold(1000));
      assert.deepEqual(world.codes().slice(0, 2), [FILES_UPDATE, CLOSE]);
      assert.equal(world.kernel.done.length, 3);
    }
  });

  it('that still wait at the shutdown have no descriptor afterwards, and sockets that were closed are', () => {
    const world = new World();
    const place = world.held(1000);
    world.sockets.close(place);
    world.sockets.hold(1001);
    world.sockets.shutdown();
    const closes = world.kernel.done.filter(({ code }) => code === CLOSE);
    const named = closes.map(({ descriptor, tablePlace }) => ({ descriptor, tablePlace }));
    assert.deepEqual(
      new Set(named),
      new Set([
        { descriptor: 0, tablePlace: place + 1 },
        { descriptor: 1001, tablePlace: 0 },
      ]),
    );
    assert.deepEqual(world.kernel.closed, [RING]);
  });
});

describe('receives and sends', () => {
  it('of a batch go to the kernel together, each with a part of the buffer and its own result', () => {
    const world = new World();
    const { kernel, sockets } = world;
    const places = [1000, 1001, 1002].map((descriptor) => world.held(descriptor));
    world.answer = ({ code, descriptor }) => (code === RECEIVE ? 100 + descriptor : 0);
    const entered = kernel.entered;
    sockets.beginReceives();
    places.forEach((place, n) => {
      if (n !== 1) sockets.askReceive(n, place);
    });
    assert.equal(kernel.done.length, 0, 'they wait for the batch');
    sockets.runReceives();
    assert.equal(kernel.entered, entered + 1);
    const results = places.map((place, n) => sockets.takeReceive(n, place));
    assert.deepEqual(
      results,
      places.map((place) => 100 + place),
    );
    const start = 2 ** 40;
    const parts = kernel.done.map(({ descriptor, address, length }) => [descriptor, Number(address) - start, length]);
    assert.deepEqual(parts, [
      [places[0], 0, RECEIVE_BYTES],
      [places[2], 2 * RECEIVE_BYTES, RECEIVE_BYTES],
      [places[1], RECEIVE_BYTES, RECEIVE_BYTES], // not asked for: received when it was taken
    ]);
    assert.deepEqual(
      [0, 1, 2].map((n) => sockets.receivedAt(n)),
      [0, RECEIVE_BYTES, 2 * RECEIVE_BYTES],
    );
  });

  it('of an earlier batch are no results of the next one', () => {
    const world = new World();
    const place = world.held(1000);
    let received = 0;
    world.answer = () => ++received;
    world.sockets.beginReceives();
    world.sockets.askReceive(0, place);
    world.sockets.runReceives();
    assert.equal(world.sockets.takeReceive(0, place), 1);
    world.sockets.beginReceives();
    assert.equal(world.sockets.takeReceive(0, place), 2);
  });

  it('never wait, and a send to a peer that is gone raises no signal', () => {
    const world = new World();
    const place = world.held(1000);
    world.answer = ({ code }) => (code === SEND ? -ErrorNumber.EPIPE : 0);
    world.sockets.askSend(3, place, 64, 10);
    world.sockets.runSends();
    assert.equal(world.sockets.sendResult(3), -ErrorNumber.EPIPE);
    assert.equal(world.sockets.send(place, 128, 20), -ErrorNumber.EPIPE);
    world.sockets.receive(0, place);
    const start = 2 ** 40;
    const found = world.kernel.done.map((one) => [Number(one.address) - start, one.length, one.operationFlags]);
    const flags = Linux.MSG_NOSIGNAL | Linux.MSG_DONTWAIT;
    assert.deepEqual(found, [
      [64, 10, flags],
      [128, 20, flags],
      [0, RECEIVE_BYTES, Linux.MSG_DONTWAIT],
    ]);
  });
});
