import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CloseReason } from '../../wire/transport.ts';
import { nodeTcpEnds } from '../node-tcp/node-tcp-ends.test-suite.ts';
import { wsEnds } from '../ws/ws-ends.test-suite.ts';
import { HearingPhones, LOOPBACK, settingsFor, until } from './event-world.test-suite.ts';
import type { Fared } from './socket-process.test-worker.ts';

const PROGRAM = fileURLToPath(new URL('./socket-process.test-worker.js', import.meta.url));
const LIMIT_MILLIS = 150_000;
/** More than Node opens when it starts, fewer than the clients below need. */
const DESCRIPTORS = 60;
const CLIENTS = 100;

async function lineOf(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout !== null);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]; // a line is one chunk
  return chunk.toString();
}

/** A process that may have few file descriptors. */
function withFewDescriptors(...what: readonly string[]): ChildProcess {
  const command = `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`;
  return spawn('sh', ['-c', command, process.execPath, PROGRAM, ...what], { stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('a process with sockets', { timeout: LIMIT_MILLIS }, () => {
  for (const name of ['node-tcp', 'node-tcp-tls', 'ws', 'wss']) {
    it(`ends by itself when a ${name} transport was shut down`, async () => {
      const child = spawn(process.execPath, [PROGRAM, 'end', name], { stdio: ['ignore', 'pipe', 'inherit'] });
      assert.equal(await lineOf(child), 'ended\n');
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, 0);
    });
  }

  for (const [name, ends] of [
    ['node-tcp', nodeTcpEnds(false)],
    ['ws', wsEnds(false)],
  ] as const) {
    it(`tells over ${name} that a driver ran out of file descriptors`, {
      skip: process.platform !== 'linux',
    }, async (test) => {
      const shard = ends.makeSwitch(settingsFor(CLIENTS), () => 0);
      test.after(() => shard.shutdown());
      const { port } = await shard.listen({ host: LOOPBACK, port: 0 });
      const child = withFewDescriptors('connect', name, `${port}`);
      test.after(() => child.kill());
      const { opened, reasons } = JSON.parse(await lineOf(child)) as Fared; // what it prints
      assert.deepEqual(reasons, [CloseReason.DESCRIPTORS_EXHAUSTED]);
      assert.ok(opened > 0 && opened < CLIENTS, `${opened} opened`);
    });

    it(`goes on over ${name} after it ran out of file descriptors`, {
      skip: process.platform !== 'linux',
    }, async (test) => {
      const child = withFewDescriptors('serve', name);
      test.after(() => child.kill());
      const { port } = JSON.parse(await lineOf(child)) as { port: number }; // what it prints
      const clients: Socket[] = [];
      let gone = 0;
      for (let n = 0; n < CLIENTS; n++) {
        const client = connect(port, LOOPBACK);
        client.on('error', () => {}); // a switch without descriptors may reset it
        client.on('close', () => {
          gone++;
        });
        clients.push(client);
      }
      await until(() => gone >= CLIENTS - DESCRIPTORS, 'those that cannot be taken are thrown out');
      for (const client of clients) client.destroy();
      await until(() => gone === CLIENTS, 'all are gone');
      const phones = ends.makePhones(settingsFor(4), () => 0);
      const hearing = new HearingPhones(phones);
      test.after(() => phones.shutdown());
      phones.setTargets([{ host: LOOPBACK, port }]);
      let token = 0;
      const isOpen = (): boolean => hearing.connections.has(token) && !hearing.closings.has(token);
      await until(
        () => isOpen() && hearing.heard.has(token),
        'it takes connections again',
        () => {
          // The switch may not have closed all of the first ones yet, and then refuses this one too.
          if (token === 0 || hearing.refusals.has(token) || hearing.closings.has(token)) phones.connect(0, ++token);
          else if (isOpen()) hearing.say(token, new Uint8Array([1]));
          hearing.work();
        },
      );
      child.stdin?.end();
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, 0);
    });
  }
});
