import assert from 'node:assert/strict';
import { createServer, connect as nodeConnect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { checkLeftovers } from '../../measure/leftovers.test-suite.ts';
import { CLAIM_GONE, CloseReason, type ConnectionEvents } from '../../wire/transport.ts';
import { patience } from '../patience.test-suite.ts';
import { SocketCounter } from '../socket-counters.ts';
import { SOCKET_TRAITS, transportCompliance } from '../transport-compliance.test-suite.ts';
import { Linux, loadSystemCalls, whyNoSystemCalls } from './system/system-calls.ts';
import {
  CLOSE_MICROS,
  type Hold,
  holds,
  LOOPBACK,
  nextDescriptors,
  SETTINGS,
  type TcpEnds,
  type TcpEndsSettings,
  tcpEnds,
} from './tcp-ends.test-suite.ts';

const WHY_NOT = whyNoSystemCalls();

/** Records the events of one end, and releases connections that have ended. */
class Owner implements ConnectionEvents {
  readonly opens = new Map<number, number>();
  readonly ends: [token: number, reason: number][] = [];
  readonly refusals: [token: number, reason: number][] = [];
  readonly heard = new Map<number, number>();
  appetite = Number.POSITIVE_INFINITY;
  readonly #release: (connection: number) => void;

  constructor(release: (connection: number) => void) {
    this.#release = release;
  }

  opened(token: number, connection: number): void {
    this.opens.set(token, connection);
  }

  refused(token: number, reason: number): void {
    this.refusals.push([token, reason]);
  }

  bytes(token: number, _connection: number, _view: DataView, start: number, end: number): number {
    const taken = Math.min(this.appetite, end - start);
    this.heard.set(token, (this.heard.get(token) ?? 0) + taken);
    return taken;
  }

  closed(token: number, connection: number, reason: number): void {
    this.opens.delete(token);
    this.ends.push([token, reason]);
    this.#release(connection);
  }
}

class World {
  readonly ends: TcpEnds;
  readonly lane: Owner;
  readonly shard: Owner;

  constructor(test: TestContext, hold: Hold, settings: Omit<TcpEndsSettings, 'hold'> = {}) {
    const ends = tcpEnds({ hold, ...settings });
    this.ends = ends;
    this.lane = new Owner((connection) => ends.phones.release(connection));
    this.shard = new Owner((connection) => ends.shard.release(connection));
    test.after(() => ends.close?.());
  }

  step(): void {
    const { phones, shard, settle } = this.ends;
    phones.poll(this.lane, 64);
    shard.poll(this.shard, 64);
    phones.flush();
    shard.flush();
    void settle();
  }

  /** Polls both ends, and lets Node's own sockets work, until a condition holds. */
  async until(holds: () => boolean, what: string): Promise<void> {
    for (const isPatient = patience(); !holds() && isPatient(); ) {
      this.step();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(holds(), what);
  }

  async open(token: number): Promise<{ phone: number; slot: number }> {
    const before = new Set(this.shard.opens.keys());
    assert.ok(this.ends.phones.connect(0, token));
    const newSlot = (): number | undefined => [...this.shard.opens.keys()].find((slot) => !before.has(slot));
    await this.until(() => this.lane.opens.has(token) && newSlot() !== undefined, `phone ${token} connects`);
    return { phone: this.lane.opens.get(token) as number, slot: newSlot() as number }; // both have just opened
  }

  counted(name: keyof typeof SocketCounter): number {
    return this.ends.switchCounters[SocketCounter[name]] ?? 0;
  }
}

function say(transport: TcpEnds['phones'] | TcpEnds['shard'], connection: number, bytes: number): number {
  const at = transport.claim(connection, bytes);
  if (at >= 0) transport.commit();
  return at;
}

/** A peer that is not a phone of the driver. */
async function stranger(test: TestContext, world: World): Promise<{ socket: Socket; slot: number }> {
  const before = new Set(world.shard.opens.keys());
  const socket = nodeConnect(world.ends.port, LOOPBACK);
  socket.on('error', () => {}); // some are closed by the switch
  test.after(() => socket.destroy());
  const newSlot = (): number | undefined => [...world.shard.opens.keys()].find((slot) => !before.has(slot));
  await world.until(() => newSlot() !== undefined, 'the stranger connects');
  return { socket, slot: newSlot() as number }; // it has just opened
}

for (const hold of holds()) {
  describe(`tcp, sockets held by ${hold.name}`, { skip: WHY_NOT ?? false }, () => {
    checkLeftovers();
    transportCompliance('tcp', (slots) => tcpEnds({ hold, slots }), { ...SOCKET_TRAITS, alwaysHasRoom: true });
    strangers(hold);
    failures(hold);
    listeners(hold);
  });
}

function strangers(hold: Hold): void {
  it('tells a reset from an end', async (test) => {
    const world = new World(test, hold);
    const first = await stranger(test, world);
    const second = await stranger(test, world);
    first.socket.resetAndDestroy();
    second.socket.end();
    await world.until(() => world.shard.ends.length === 2, 'both ends are told');
    assert.deepEqual(
      new Map(world.shard.ends),
      new Map([
        [first.slot, CloseReason.BROKEN],
        [second.slot, CloseReason.PEER_CLOSED],
      ]),
    );
  });

  it('reads what came before an end, though it comes together with it and is taken in pieces', async (test) => {
    const world = new World(test, hold);
    const { socket, slot } = await stranger(test, world);
    world.shard.appetite = 100;
    socket.end(Buffer.alloc(40_000));
    await world.until(() => world.shard.ends.length === 1, 'the end is told');
    assert.equal(world.shard.heard.get(slot), 40_000);
    assert.deepEqual(world.shard.ends, [[slot, CloseReason.PEER_CLOSED]]);
  });

  it('does not mix up a stalled connection with one that got its descriptor', async (test) => {
    const world = new World(test, hold);
    const first = await stranger(test, world);
    world.shard.appetite = 0;
    first.socket.write('abc');
    await world.until(() => world.ends.shard.hasInput(), 'bytes wait');
    world.step();
    first.socket.resetAndDestroy();
    world.ends.shard.close(first.slot, CloseReason.VIOLATION);
    world.shard.appetite = Number.POSITIVE_INFINITY;
    await world.until(() => world.shard.ends.length === 1, 'the first has ended');
    const second = await stranger(test, world);
    assert.equal(second.slot, first.slot, 'the descriptor is used again');
    second.socket.write('defgh');
    await world.until(() => world.shard.heard.get(second.slot) === 5, 'the second is heard');
  });

  it('waits a stated time for a peer to answer its close, and gives the reason that it closed for', async (test) => {
    const world = new World(test, hold);
    const socket = nodeConnect({ port: world.ends.port, host: LOOPBACK, allowHalfOpen: true });
    socket.on('error', () => {}); // it is closed by the switch
    test.after(() => socket.destroy());
    await world.until(() => world.shard.opens.size === 1, 'it connects');
    const [slot] = world.shard.opens.keys();
    world.ends.shard.close(slot as number, CloseReason.VIOLATION); // there is one
    for (let n = 0; n < 20; n++) world.step();
    assert.equal(world.shard.ends.length, 0, 'it still has time');
    world.ends.clock.micros += CLOSE_MICROS;
    await world.until(() => world.shard.ends.length === 1, 'it is given up');
    assert.deepEqual(world.shard.ends, [[slot, CloseReason.VIOLATION]]);
    assert.equal(world.counted('closesUnanswered'), 1);
  });

  it('throws away what a peer sends after its close', async (test) => {
    const world = new World(test, hold);
    const { socket, slot } = await stranger(test, world);
    world.ends.shard.close(slot, CloseReason.VIOLATION);
    socket.end(Buffer.alloc(200_000));
    await world.until(() => world.shard.ends.length === 1, 'the end is told');
    assert.equal(world.shard.heard.get(slot), undefined);
    assert.deepEqual(world.shard.ends, [[slot, CloseReason.VIOLATION]]);
  });
}

function failures(hold: Hold): void {
  it('ends a peer that does not read for too long, with a reset, and others go on', async (test) => {
    const world = new World(test, hold);
    const { socket, slot } = await stranger(test, world);
    socket.pause();
    const other = await world.open(1);
    while (world.counted('outputWaitingBytes') === 0) {
      assert.notEqual(say(world.ends.shard, slot, 2000), CLAIM_GONE);
      world.ends.shard.flush();
    }
    world.ends.clock.micros += SETTINGS.outputTimeoutMicros / 2;
    world.step();
    assert.equal(world.shard.ends.length, 0, 'it still has time');
    world.ends.clock.micros += SETTINGS.outputTimeoutMicros;
    await world.until(() => world.shard.ends.length === 1, 'it is given up');
    assert.deepEqual(world.shard.ends, [[slot, CloseReason.SLOW_READER]]);
    assert.equal(world.counted('slowReadersClosed'), 1);
    assert.equal(world.counted('outputWaitingBytes'), 0);
    say(world.ends.shard, other.slot, 10);
    await world.until(() => world.lane.heard.get(1) === 10, 'the other goes on');
  });

  it('counts nothing as waiting for a connection that is gone', async (test) => {
    const world = new World(test, hold);
    const { phoneCounters, phones } = world.ends;
    for (const [token, leave] of ['vanish', 'close'].entries()) {
      const { phone } = await world.open(token);
      while (phoneCounters[SocketCounter.outputWaitingBytes] === 0) {
        assert.notEqual(say(phones, phone, 2000), CLAIM_GONE);
        phones.flush();
      }
      if (leave === 'vanish') phones.vanish(phone);
      else phones.close(phone);
      assert.equal(phoneCounters[SocketCounter.outputWaitingBytes], 0, leave);
    }
  });

  it('gives no room to a connection that fails while room is made', async (test) => {
    const world = new World(test, hold);
    const { socket, slot } = await stranger(test, world);
    socket.pause();
    let claims = 0;
    while (say(world.ends.shard, slot, 2000) !== CLAIM_GONE) assert.ok(++claims < 1e5);
    assert.equal(world.ends.shard.claim(slot, 1), CLAIM_GONE);
    world.ends.shard.flush();
    await world.until(() => world.shard.ends.length === 1, 'its end is told');
    assert.deepEqual(world.shard.ends, [[slot, CloseReason.SLOW_READER]]);
  });

  it('tells why connects fail, whether at once or later', async (test) => {
    const world = new World(test, hold, { connect: { sources: ['192.0.2.1'], rowsPerSource: 1 } });
    assert.ok(world.ends.phones.connect(0, 1)); // from an address for documentation, RFC 5737
    assert.ok(world.ends.phones.hasInput(), 'who sleeps must not sleep on it');
    await world.until(() => world.lane.refusals.length === 1, 'it is told');
    assert.deepEqual(world.lane.refusals, [[1, CloseReason.PORTS_EXHAUSTED]]);
    const other = new World(test, hold);
    other.ends.shard.stopListening();
    assert.ok(other.ends.phones.connect(0, 2));
    await other.until(() => other.lane.refusals.length === 1, 'it is told');
    assert.deepEqual(other.lane.refusals, [[2, CloseReason.CONNECT_REFUSED]]);
  });

  it('gives up a connect that takes too long', async (test) => {
    const silent = createServer();
    test.after(() => new Promise((resolve) => silent.close(resolve)));
    await new Promise<void>((resolve) => silent.listen({ port: 0, host: LOOPBACK, backlog: 1 }, resolve));
    const address = silent.address();
    assert.ok(address !== null && typeof address === 'object');
    const world = new World(test, hold);
    world.ends.phones.setTargets([{ host: LOOPBACK, port: address.port }]);
    // Nothing is accepted while this thread is busy here, so the backlog fills and the others keep waiting.
    for (let token = 0; token < 8; token++) assert.ok(world.ends.phones.connect(0, token));
    for (let n = 0; n < 50; n++) world.step();
    assert.ok(world.lane.opens.size < 8, 'some wait');
    world.ends.clock.micros += 6e6;
    const told = (): number => world.lane.refusals.length + world.lane.opens.size;
    for (const isPatient = patience(); told() < 8 && isPatient(); ) world.step();
    assert.equal(told(), 8);
    assert.ok(world.lane.refusals.every(([, reason]) => reason === CloseReason.CONNECT_TIMED_OUT));
    assert.ok(world.lane.refusals.length > 0);
    assert.ok(world.ends.phones.connect(0, 9), 'their places are free again');
  });

  it('does not take a later use of a descriptor for the connect that it timed', async (test) => {
    const world = new World(test, hold);
    // More uses than a generation of few bits could distinguish.
    for (let n = 0; n < 300; n++) {
      const { phone } = await world.open(n);
      world.ends.phones.close(phone);
      await world.until(() => world.shard.ends.length === n + 1, 'it is gone');
    }
    world.ends.clock.micros += 4e6;
    const { phone } = await world.open(1000);
    world.ends.clock.micros += 2e6;
    for (let n = 0; n < 10; n++) world.step();
    assert.equal(world.lane.opens.get(1000), phone, 'it stays');
    assert.deepEqual(world.lane.refusals, []);
  });
}

function listeners(hold: Hold): void {
  it('works over IPv6', async (test) => {
    const world = new World(test, hold, { host: '::1' });
    const { phone, slot } = await world.open(1);
    say(world.ends.phones, phone, 3);
    await world.until(() => world.shard.heard.get(slot) === 3, 'it is heard');
  });

  it('goes on listening when descriptors have run out, and refuses with the one it keeps', async (test) => {
    const calls = loadSystemCalls();
    const world = new World(test, hold);
    const limit = nextDescriptors(1)[0] as number; // one was asked for
    const held: number[] = [];
    test.after(() => {
      for (const descriptor of held) calls.close(descriptor);
    });
    assert.ok(world.ends.phones.connect(0, 1));
    const most = 200_000;
    for (let n = 0; n < most; n++) {
      const descriptor = calls.open('/dev/null', Linux.O_RDONLY | Linux.O_CLOEXEC);
      if (descriptor < 0) break;
      held.push(descriptor);
    }
    if (held.length === most) {
      test.skip('this machine gives more descriptors than a test should take');
      return;
    }
    await world.until(() => world.lane.ends.length === 1, 'phone 1 is thrown out');
    assert.ok(world.counted('acceptsFailedDescriptors') >= 1);
    assert.deepEqual(world.lane.ends, [[1, CloseReason.PEER_CLOSED]]);
    for (const descriptor of held.splice(0)) calls.close(descriptor);
    world.ends.clock.micros += 1e6;
    await world.open(2);
    assert.ok(limit > 0);
  });

  it('lets go of everything at shutdown, whatever state it is in', () => {
    const before = nextDescriptors(1);
    const ends = tcpEnds({ hold });
    const lane = new Owner(() => {}); // releases nothing
    const shard = new Owner(() => {});
    const turn = (): void => {
      ends.phones.poll(lane, 64);
      ends.shard.poll(shard, 64);
      void ends.settle();
    };
    for (let token = 0; token < 6; token++) ends.phones.connect(0, token);
    const until = (holds: () => boolean, what: string): void => {
      for (const isPatient = patience(); !holds() && isPatient(); ) turn();
      assert.ok(holds(), what);
    };
    until(() => lane.opens.size === 6 && shard.opens.size === 6, 'all connect');
    const slots = [...shard.opens.keys()];
    ends.phones.vanish(lane.opens.get(0) as number); // all have opened
    ends.shard.close(slots[1] as number, CloseReason.VIOLATION);
    ends.phones.close(lane.opens.get(2) as number);
    until(() => lane.ends.length > 0 && shard.ends.length > 0, 'some ends are told, and not released');
    ends.phones.connect(0, 7);
    void ends.close?.();
    assert.deepEqual(nextDescriptors(1), before);
  });
}
