import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { CloseReason } from '../../wire/transport.ts';
import { eventTransportTests } from '../stream/event-transport.test-suite.ts';
import {
  complianceEnds,
  EchoOwner,
  HearingPhones,
  LISTENING,
  LOOPBACK,
  listenOn,
  makeWorld,
  settingsFor,
  until,
} from '../stream/event-world.test-suite.ts';
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../stream/loopback-certificate.test-suite.ts';
import { resetSocket } from '../stream/reset-socket.ts';
import { SOCKET_TRAITS, transportCompliance } from '../transport-compliance.test-suite.ts';
import { nodeTcpEnds } from './node-tcp-ends.test-suite.ts';
import { nodeTcpPhoneTransport, nodeTcpSwitchTransport } from './node-tcp-transport.ts';

const BARE = nodeTcpEnds(false);
const TLS = nodeTcpEnds(true);

transportCompliance('node-tcp', (slots) => complianceEnds(BARE, slots), SOCKET_TRAITS);
transportCompliance('node-tcp with TLS', (slots) => complianceEnds(TLS, slots), SOCKET_TRAITS);
eventTransportTests('node-tcp', BARE, false);
eventTransportTests('node-tcp with TLS', TLS, true);

describe('transport node-tcp', () => {
  it('connects from the source address that is asked for', async (test) => {
    const settings = { ...settingsFor(4), noDelay: true, tls: null };
    const shard = nodeTcpSwitchTransport(
      { ...settings, ...LISTENING },
      () => 0,
      () => {},
    );
    const phones = nodeTcpPhoneTransport(
      settings,
      (row) => `127.0.0.${row}`,
      () => 0,
      () => {},
    );
    const sources: (string | undefined)[] = [];
    const server = createServer((socket) => {
      sources.push(socket.remoteAddress);
      socket.destroy();
    });
    phones.setTargets([{ host: LOOPBACK, port: await listenOn(server) }]);
    test.after(async () => {
      server.close();
      await Promise.all([shard.shutdown(), phones.shutdown()]);
    });
    phones.connect(0, 7);
    phones.connect(0, 8);
    await until(() => sources.length === 2, 'both connect');
    assert.deepEqual(sources.sort(), ['127.0.0.7', '127.0.0.8']);
  });

  it('tells that no port is to be had on a source address', async (test) => {
    const settings = { ...settingsFor(4), noDelay: true, tls: null };
    const notOurs = '192.0.2.1'; // an address for documentation, RFC 5737
    const phones = nodeTcpPhoneTransport(
      settings,
      () => notOurs,
      () => 0,
      () => {},
    );
    test.after(() => phones.shutdown());
    phones.setTargets([{ host: LOOPBACK, port: 1 }]);
    const hearing = new HearingPhones(phones);
    phones.connect(0, 1);
    await until(
      () => hearing.refusals.has(1),
      'it is refused',
      () => hearing.work(),
    );
    assert.equal(hearing.refusals.get(1), CloseReason.PORTS_EXHAUSTED);
  });

  it('wakes whoever sleeps when something has arrived', async (test) => {
    let wakes = 0;
    const settings = { ...settingsFor(4), noDelay: true, ...LISTENING, tls: null };
    const shard = nodeTcpSwitchTransport(
      settings,
      () => 0,
      () => {
        wakes++;
      },
    );
    test.after(() => shard.shutdown());
    const { port } = await shard.listen({ host: LOOPBACK, port: 0 });
    const client = connect(port, LOOPBACK);
    test.after(() => client.destroy());
    await until(() => wakes > 0 && shard.hasInput(), 'a connection wakes');
    const echo = new EchoOwner(shard, () => Number.POSITIVE_INFINITY);
    echo.work();
    assert.equal(shard.hasInput(), false);
    const before = wakes;
    client.write('hello');
    await until(() => wakes > before && shard.hasInput(), 'bytes wake');
  });

  it('tells a reset from an end', async (test) => {
    const world = await makeWorld(BARE, 4, () => Number.POSITIVE_INFINITY);
    test.after(world.close);
    const client = connect(world.port, LOOPBACK);
    await until(() => world.echo.openings.length === 1, 'it connects', world.step);
    client.resetAndDestroy();
    await until(() => world.echo.closings.length === 1, 'the switch is told', world.step);
    assert.deepEqual(world.echo.closings[0]?.reason, CloseReason.BROKEN);
  });

  it('is gone after a reset, also while it is ending by itself', async (test) => {
    const world = await makeWorld(BARE, 4, () => Number.POSITIVE_INFINITY);
    test.after(world.close);
    const socket = connect(world.port, LOOPBACK);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.end();
    await Promise.resolve(); // Node has asked the kernel to end it, and has no answer yet
    resetSocket(socket);
    await closed;
  });

  it('waits for a peer to end too, but not for long, and not for one that was silent', async (test) => {
    const world = await makeWorld(BARE, 4, () => Number.POSITIVE_INFINITY);
    test.after(world.close);
    const clients = [0, 1].map(() => connect({ port: world.port, host: LOOPBACK, allowHalfOpen: true }));
    for (const client of clients) {
      client.on('error', () => {}); // it is reset in the end
      client.resume();
      test.after(() => client.destroy());
    }
    await until(() => world.echo.openings.length === 2, 'both connect', world.step);
    world.shard.close(0, CloseReason.LOGIN_REFUSED);
    world.shard.close(1, CloseReason.HEARTBEAT_MISSED);
    await until(() => world.echo.closings.length === 1, 'the silent one is closed', world.step);
    assert.deepEqual(world.echo.closings, [{ slot: 1, reason: CloseReason.HEARTBEAT_MISSED }]);
    world.clock.micros += 10e6;
    await until(() => world.echo.closings.length === 2, 'and the other when it has taken too long', world.step);
    assert.deepEqual(world.echo.closings[1], { slot: 0, reason: CloseReason.LOGIN_REFUSED });
  });

  it('counts who does not speak TLS, and serves others', async (test) => {
    const world = await makeWorld(TLS, 4, () => Number.POSITIVE_INFINITY);
    test.after(world.close);
    const client = connect(world.port, LOOPBACK, () => client.write('GET / HTTP/1.1\r\n\r\n'));
    client.on('error', () => {}); // it is closed by the switch
    await until(() => world.shard.counters.handshakeFailures === 1, 'it is counted', world.step);
    await world.connect(1);
    assert.equal(world.echo.openings.length, 1);
  });

  it('refuses a switch whose certificate it does not trust', async (test) => {
    const settings = { ...settingsFor(4), noDelay: true };
    const tls = { key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE };
    const shard = nodeTcpSwitchTransport(
      { ...settings, ...LISTENING, tls },
      () => 0,
      () => {},
    );
    const trust = { ca: null, rejectUnauthorized: true };
    const phones = nodeTcpPhoneTransport(
      { ...settings, tls: trust },
      () => null,
      () => 0,
      () => {},
    );
    test.after(() => Promise.all([shard.shutdown(), phones.shutdown()]));
    phones.setTargets([await shard.listen({ host: LOOPBACK, port: 0 }).then(({ port }) => ({ host: LOOPBACK, port }))]);
    const hearing = new HearingPhones(phones);
    phones.connect(0, 1);
    await until(
      () => hearing.refusals.has(1),
      'it is refused',
      () => hearing.work(),
    );
    assert.equal(hearing.refusals.get(1), CloseReason.HANDSHAKE_FAILED);
  });

  it('gives up on a switch that never ends its handshake', async (test) => {
    const silent = createServer((socket) => socket.resume());
    const world = await makeWorld(TLS, 4, () => 0);
    test.after(async () => {
      silent.close();
      await world.close();
    });
    world.phones.setTargets([{ host: LOOPBACK, port: await listenOn(silent) }]);
    world.phones.connect(0, 1);
    await until(
      () => world.hearing.refusals.has(1),
      'it gives up',
      () => {
        world.clock.micros += 1e5;
        world.step();
      },
    );
    assert.equal(world.hearing.refusals.get(1), CloseReason.CONNECT_TIMED_OUT);
  });
});
