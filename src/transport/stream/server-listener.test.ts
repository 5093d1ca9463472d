/**
 * Sockets that are connected and are no links yet: how many there may be, for how long, and how each end is counted.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { checkLeftovers } from '../../measure/leftovers.test-suite.ts';
import { noConnections } from './event-switch-transport.ts';
import { breathe, LOOPBACK, until } from './event-world.test-suite.ts';
import { type HandshakeLimits, ServerListener } from './server-listener.ts';

const HANDSHAKES_MAX = 3;
const TIMEOUT_MICROS = 1000;

class World {
  readonly counters = noConnections();
  readonly failures: Error[] = [];
  /** The switch's ends, in the order of their connection. */
  readonly sockets: Socket[] = [];
  readonly server: Server = createServer((socket) => {
    socket.on('error', () => {}); // a client may reset it
    this.sockets.push(socket);
  });
  readonly listener: ServerListener;
  readonly #clients: Socket[] = [];
  micros = 0;
  port = 0;

  constructor(test: TestContext, hasHandshakes = true) {
    const limits: HandshakeLimits = {
      handshakesMax: HANDSHAKES_MAX,
      timeoutMicros: TIMEOUT_MICROS,
      nowMicros: () => this.micros,
    };
    const host = { counters: this.counters, acceptFailed: (error: Error) => void this.failures.push(error) };
    this.listener = new ServerListener(this.server, 16, hasHandshakes ? limits : null, host);
    test.after(async () => {
      for (const client of this.#clients) client.destroy();
      for (const socket of this.sockets) socket.destroy();
      await this.listener.end();
    });
  }

  async listen(): Promise<this> {
    this.port = await this.listener.listen(LOOPBACK, 0);
    return this;
  }

  /** A client that says nothing. */
  async connect(): Promise<Socket> {
    const before = this.sockets.length;
    const client = connect({ host: LOOPBACK, port: this.port });
    client.on('error', () => {}); // the switch may reset it
    this.#clients.push(client);
    await once(client, 'connect');
    await until(() => this.sockets.length > before, 'the switch has accepted it');
    return client;
  }

  socket(n: number): Socket {
    return this.sockets[n] ?? assert.fail('it has connected');
  }

  /** The switch has handled the ends of all these sockets. */
  async closed(...numbers: number[]): Promise<void> {
    const all = numbers.map((n) => this.socket(n));
    await until(() => all.every(({ closed }) => closed), 'they are closed');
    await breathe(); // the event follows at once
  }
}

describe('a handshake', () => {
  checkLeftovers();

  it('that takes longer than its time is ended and counted once, and no earlier one', async (test) => {
    const world = await new World(test).listen();
    await world.connect();
    world.micros = 10;
    await world.connect();
    world.micros = TIMEOUT_MICROS;
    world.listener.look();
    assert.deepEqual([world.socket(0).destroyed, world.socket(1).destroyed], [false, false], 'it has its whole time');
    world.micros++;
    world.listener.look();
    world.listener.look();
    assert.deepEqual([world.socket(0).destroyed, world.socket(1).destroyed], [true, false], 'each has its own time');
    await world.closed(0);
    assert.equal(world.counters.handshakeFailures, 1);
    world.micros += 10;
    world.listener.look();
    await world.closed(1);
    assert.equal(world.counters.handshakeFailures, 2);
  });

  it('that the client breaks off is a failure, and leaves its place to another', async (test) => {
    const world = await new World(test).listen();
    const clients = [];
    for (let n = 0; n < HANDSHAKES_MAX; n++) clients.push(await world.connect());
    clients[1]?.resetAndDestroy();
    await world.closed(1);
    assert.deepEqual([world.counters.handshakeFailures, world.counters.tableFull], [1, 0]);
    await world.connect();
    assert.equal(world.socket(HANDSHAKES_MAX).destroyed, false);
    assert.equal(world.counters.tableFull, 0);
  });

  it('beyond the maximum is closed at once, as one for which there is no room, and not as a failure', async (test) => {
    const world = await new World(test).listen();
    for (let n = 0; n < HANDSHAKES_MAX + 2; n++) await world.connect();
    await world.closed(HANDSHAKES_MAX, HANDSHAKES_MAX + 1);
    assert.equal(world.counters.tableFull, 2);
    assert.equal(world.counters.handshakeFailures, 0);
    assert.ok(world.sockets.slice(0, HANDSHAKES_MAX).every(({ destroyed }) => !destroyed));
  });

  it('that is over has no time limit any more, and its end is no failure', async (test) => {
    const world = await new World(test).listen();
    for (let n = 0; n < HANDSHAKES_MAX; n++) await world.connect();
    world.listener.handshakeOver(world.socket(0));
    world.micros = TIMEOUT_MICROS + 1;
    world.listener.look();
    await world.closed(1, 2);
    assert.equal(world.socket(0).destroyed, false);
    assert.equal(world.counters.handshakeFailures, 2);
    world.socket(0).destroy();
    await world.closed(0);
    world.listener.handshakeOver(world.socket(0)); // may be told late
    assert.equal(world.counters.handshakeFailures, 2);
  });

  it('whose refusal was counted is no failure as well, but has its time limit', async (test) => {
    const world = await new World(test).listen();
    await world.connect();
    world.listener.refused(world.socket(0));
    world.micros = TIMEOUT_MICROS + 1;
    world.listener.look();
    await world.closed(0);
    assert.equal(world.counters.handshakeFailures, 0);
  });

  it('that the end of the switch interrupts is no failure', async (test) => {
    const world = await new World(test).listen();
    await world.connect();
    await world.connect();
    await world.listener.end();
    await world.closed(0, 1);
    assert.equal(world.counters.handshakeFailures, 0);
    await world.listener.end(); // and once more
  });

  it('is none where a socket is a link at once: it may wait for ever', async (test) => {
    const world = await new World(test, false).listen();
    for (let n = 0; n <= HANDSHAKES_MAX; n++) await world.connect();
    world.micros = 1e9;
    world.listener.look();
    assert.ok(world.sockets.every(({ destroyed }) => !destroyed));
    assert.equal(world.counters.tableFull, 0);
  });
});

describe('a listener', () => {
  checkLeftovers();

  it('says why it cannot listen, which is not the failure of an accept, and can try again', async (test) => {
    const first = await new World(test).listen();
    const second = new World(test);
    await assert.rejects(second.listener.listen(LOOPBACK, first.port), { code: 'EADDRINUSE' });
    assert.deepEqual(second.failures, []);
    await second.listen();
    assert.notEqual(second.port, first.port);
  });

  it('tells of accepts that fail, and goes on', async (test) => {
    const world = await new World(test).listen();
    const error = Object.assign(new Error('accept'), { code: 'EMFILE' });
    world.server.emit('error', error);
    assert.deepEqual(world.failures, [error]);
    await world.connect();
  });

  it('that has stopped accepts nobody, and keeps those who are connected', async (test) => {
    const world = await new World(test).listen();
    await world.connect();
    world.listener.stop();
    const late = connect({ host: LOOPBACK, port: world.port });
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal(world.socket(0).destroyed, false);
  });
});
