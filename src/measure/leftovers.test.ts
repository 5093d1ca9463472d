/** The check for leftovers names what a test has left open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, describe, it } from 'node:test';
import { baseline, nothingLeft } from './leftovers.test-suite.ts';

const IMPATIENT_MILLIS = 1;

describe('the check for leftovers', { skip: process.platform !== 'linux' && 'it reads /proc' }, () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close();
  });

  it('names a socket that was left open, and is content when it is closed', async () => {
    const opened = baseline();
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    await assert.rejects(
      nothingLeft(opened, IMPATIENT_MILLIS),
      /left descriptors: \d+, and at the beginning there were \d+; since then .*\d+ on socket:\[\d+\] \(\d+: 0100007F:/,
    );
    servers.pop()?.close();
    await once(server, 'close');
    await nothingLeft(opened);
  });
});
