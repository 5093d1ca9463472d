/** What goes wrong in the server itself, for want of descriptors or by a mistake of ours, does not end its thread. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { describe, it } from 'node:test';
import { GatewayCounter } from '../../switch/gateway-counters.ts';
import { RawClient, rawRequest } from './http-exchange.test-suite.ts';
import { SmallHttp } from './small-http.test-suite.ts';

const CHANNEL = 'http.server.request.start';

async function statusOf(port: number, path: string): Promise<number | undefined> {
  const client = new RawClient(port).say(rawRequest(`GET ${path}`, ['Connection: close']));
  await client.closed;
  return client.answers()[0]?.status;
}

describe('a server in which something fails', () => {
  it('counts each accept that fails, and goes on', async () => {
    const http = new SmallHttp();
    const port = await http.server.listen('127.0.0.1', 0);
    let server: Server | undefined;
    const find = (message: unknown): void => {
      server = (message as { server: Server }).server; // as Node documents the channel
    };
    subscribe(CHANNEL, find);
    assert.equal(await statusOf(port, '/healthz'), 200);
    unsubscribe(CHANNEL, find);
    // Node says it so. To use up the descriptors of this process would fail other tests.
    for (let times = 0; times < 3; times++) server?.emit('error', new Error('accept EMFILE'));
    assert.equal(http.small.gatewayCounters[GatewayCounter.acceptsFailed], 3);
    assert.equal(await statusOf(port, '/healthz'), 200);
    await http.server.close();
  });

  it('ends the connection of a client for which there are no metrics', async () => {
    const http = new SmallHttp();
    const port = await http.server.listen('127.0.0.1', 0);
    http.small.gatewayCounters[GatewayCounter.lookups] = -1; // a total cannot be negative
    assert.equal(await statusOf(port, '/metrics'), undefined);
    http.small.gatewayCounters[GatewayCounter.lookups] = 0;
    assert.equal(await statusOf(port, '/metrics'), 200);
    await http.server.close();
  });
});
