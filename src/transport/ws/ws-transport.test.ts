import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { CloseReason } from '../../wire/transport.ts';
import { eventTransportTests } from '../stream/event-transport.test-suite.ts';
import { complianceEnds, LOOPBACK, listenOn, makeWorld, until } from '../stream/event-world.test-suite.ts';
import { transportCompliance } from '../transport-compliance.test-suite.ts';
import { PAYLOAD_BYTES_MAX, wsEnds } from './ws-ends.test-suite.ts';

const BARE = wsEnds(false);
const TLS = wsEnds(true);
/** A full switch can refuse in HTTP, before the WebSocket opens. */
const TRAITS = { reasonsTravel: false, refusesBeforeOpening: true, alwaysHasRoom: false };
const whole = (): number => Number.POSITIVE_INFINITY;

transportCompliance('ws', (slots) => complianceEnds(BARE, slots), TRAITS);
transportCompliance('ws with compression', (slots) => complianceEnds(wsEnds(false, true), slots), TRAITS);
transportCompliance('wss', (slots) => complianceEnds(TLS, slots), TRAITS);
eventTransportTests('ws', BARE, true);
eventTransportTests('wss', TLS, true);

/** A world with one well-behaved phone, which must keep working whatever others do. */
async function worldWithPhone(test: { after: (fn: () => Promise<void>) => void }) {
  const world = await makeWorld(BARE, 8, whole);
  test.after(world.close);
  await world.connect(1);
  const goesOn = async (): Promise<void> => {
    const before = world.hearing.heard.get(1)?.length ?? 0;
    world.hearing.say(1, new Uint8Array([1, 2, 3]));
    await until(() => world.hearing.heard.get(1)?.length === before + 3, 'phone 1 goes on', world.step);
  };
  return { ...world, goesOn };
}

describe('transport ws', () => {
  for (const [what, message] of [
    ['text', 'hello'],
    ['a message that is too long', new Uint8Array(PAYLOAD_BYTES_MAX + 1)],
  ] as const) {
    it(`closes a peer that sends ${what}, and others go on`, async (test) => {
      const world = await worldWithPhone(test);
      const client = new WebSocket(`ws://${LOOPBACK}:${world.port}`);
      const codes: number[] = [];
      client.on('close', (code) => codes.push(code));
      client.on('open', () => client.send(message));
      await until(() => world.echo.closings.length === 1, 'the switch closes it', world.step);
      assert.equal(world.echo.closings[0]?.reason, CloseReason.VIOLATION);
      await until(() => codes.length === 1, 'the peer is told', world.step);
      assert.equal(codes[0], what === 'text' ? 1003 : 1009);
      await world.goesOn();
    });
  }

  for (const [what, bytes, answer] of [
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: switch\r\n\r\n', 'HTTP/1.1 426 '],
    ['garbage', '\x00\x01\x02 no HTTP \xff\r\n\r\n', 'HTTP/1.1 400 '],
    [
      'an upgrade without a key',
      'GET / HTTP/1.1\r\nHost: switch\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'HTTP/1.1 400 ',
    ],
  ] as const) {
    it(`answers ${what} in HTTP, counts it, and others go on`, async (test) => {
      const world = await worldWithPhone(test);
      let heard = '';
      let hasEnded = false;
      const client = connect(world.port, LOOPBACK, () => client.write(bytes, 'latin1'));
      client.on('data', (chunk) => {
        heard += chunk.toString('latin1');
      });
      client.on('close', () => {
        hasEnded = true;
      });
      await until(() => hasEnded, 'it is thrown out', world.step);
      assert.ok(heard.startsWith(answer), heard);
      await until(() => world.shard.counters.handshakeFailures === 1, 'it is counted', world.step);
      assert.equal(world.echo.openings.length, 1, 'the core never heard of it');
      await world.goesOn();
    });
  }

  it('closes a peer whose frames are no WebSocket frames', async (test) => {
    const world = await worldWithPhone(test);
    const upgrade =
      'GET / HTTP/1.1\r\nHost: switch\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    const client = connect(world.port, LOOPBACK, () => client.write(upgrade));
    test.after(() => client.destroy());
    await until(() => world.echo.openings.length === 2, 'it opens', world.step);
    client.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await until(
      () => world.echo.closings.length === 1,
      'the switch closes it',
      () => {
        world.clock.micros += 1e5; // it never answers the close frame
        world.step();
      },
    );
    assert.equal(world.echo.closings[0]?.reason, CloseReason.VIOLATION);
    await world.goesOn();
  });

  it('refuses a switch that answers 200', async (test) => {
    const world = await worldWithPhone(test);
    const server = createHttpServer((_request, response) => response.end('hello'));
    test.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
    world.phones.setTargets([{ host: LOOPBACK, port: await listenOn(server) }]);
    world.phones.connect(0, 2);
    await until(() => world.hearing.refusals.has(2), 'it is refused', world.step);
    assert.equal(world.hearing.refusals.get(2), CloseReason.HANDSHAKE_FAILED);
    await world.goesOn();
  });

  it('gives up on a switch that never answers', async (test) => {
    const world = await worldWithPhone(test);
    const silent = createServer((socket) => socket.resume());
    test.after(() => new Promise<void>((resolve) => silent.close(() => resolve())));
    world.phones.setTargets([{ host: LOOPBACK, port: await listenOn(silent) }]);
    world.phones.connect(0, 2);
    await until(
      () => world.hearing.refusals.has(2),
      'it gives up',
      () => {
        world.clock.micros += 1e5;
        world.step();
      },
    );
    assert.equal(world.hearing.refusals.get(2), CloseReason.CONNECT_TIMED_OUT);
    await world.goesOn();
  });
});
