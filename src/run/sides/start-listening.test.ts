import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { describe, it } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { isListening } from '../../measure/leftovers.test-suite.ts';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { RunThreads } from './run-threads.ts';
import { smallPlan } from './small-run.test-suite.ts';
import { resolveHost, startListening } from './start-listening.ts';

const NO_TCP = whyNoSystemCalls() ?? false;

async function shardsOf(...settings: string[]): Promise<RunThreads> {
  const threads = new RunThreads(smallPlan(...settings), {
    side: 'switch',
    isCalibration: false,
    epochNanos: currentEpochNanos(),
  });
  await threads.start();
  return threads;
}

describe('listening', () => {
  it('is on a port for each shard where they cannot share one, in a row from the one that was asked for', async (test) => {
    const port = await freePort(2);
    const threads = await shardsOf('transport=node-tcp', `sockets.port=${port}`);
    test.after(() => threads.terminate());
    const places = await startListening(threads);
    assert.deepEqual(places, [
      { host: '127.0.0.1', port },
      { host: '127.0.0.1', port: port + 1 },
    ]);
    for (const place of places) assert.equal(await isListening(place.port), true);
    await threads.shards({ kind: 'stopListening' });
    for (const place of places) assert.equal(await isListening(place.port), false);
  });

  it('is on any free ports where 0 is asked for', async (test) => {
    const threads = await shardsOf('transport=ws', 'sockets.port=0');
    test.after(() => threads.terminate());
    const places = await startListening(threads);
    assert.equal(new Set(places.map(({ port }) => port)).size, 2);
    assert.ok(places.every(({ port }) => port > 0));
  });

  it('is on one port that all shards share, where the plan says so', { skip: NO_TCP }, async (test) => {
    const threads = await shardsOf('transport=tcp', 'sockets.listen=shared', 'sockets.port=0');
    test.after(() => threads.stop());
    const places = await startListening(threads);
    assert.equal(places.length, 1);
    assert.equal(await isListening(places[0]?.port ?? 0), true);
  });

  it('is refused on a port that somebody has, and says which', { skip: NO_TCP }, async (test) => {
    const server = await listeningServer();
    test.after(() => server.close());
    const { port } = server.address() as { port: number }; // it listens on a port
    for (const transport of ['node-tcp', 'tcp']) {
      const listen = transport === 'tcp' ? ['sockets.listen=shared'] : [];
      const threads = await shardsOf(`transport=${transport}`, `sockets.port=${port}`, ...listen);
      test.after(() => threads.stop());
      await assert.rejects(startListening(threads), {
        code: 'LISTEN_FAILED',
        message: new RegExp(`127\\.0\\.0\\.1 port ${port}: .*0 for a free one`),
      });
    }
  });
});

describe('the address of a host', () => {
  it('is itself where it is one, and looked up where it is a name', async () => {
    assert.equal(await resolveHost('192.0.2.7'), '192.0.2.7');
    assert.equal(await resolveHost('::1'), '::1');
    assert.match(await resolveHost('localhost'), /^(127\.0\.0\.1|::1)$/);
  });

  it('is refused with the name where there is none', async () => {
    await assert.rejects(resolveHost('nowhere.invalid'), { code: 'HOST_UNKNOWN', message: /"nowhere\.invalid"/ });
  });
});

function listeningServer(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, () => resolve(server)));
}
