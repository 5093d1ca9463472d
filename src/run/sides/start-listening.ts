/** Makes the shards of a process listen, on one common port or on a port each. */
import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { plannedSockets } from '../../plan/planned-sockets.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { SWITCH_HOST } from '../../transport/tun/device/device-addresses.ts';
import type { SwitchTarget } from '../worker/thread/worker-messages.ts';
import type { RunThreads } from './run-threads.ts';

/**
 * Makes shards listen as the plan says.
 * @param again where they listened before, so that phones find them there again; empty: as the plan says.
 * @returns one place for all shards, or one per shard in the order of the shards.
 * @throws LISTEN_FAILED or HOST_UNKNOWN
 */
export async function startListening(
  threads: RunThreads,
  again: readonly SwitchTarget[] = [],
): Promise<SwitchTarget[]> {
  const { plan } = threads;
  const { host } = plan.settings.sockets;
  const port = again[0]?.port ?? plan.settings.sockets.port;
  const { hasOwnNetwork } = TRANSPORTS[plan.settings.transport];
  const address = hasOwnNetwork ? SWITCH_HOST : await resolveHost(host);
  const isShared = plannedSockets(plan).listen === 'shared';
  const listen = (shard: number, at: number): Promise<number> =>
    threads.request(`shard-${shard}`, { kind: 'listen', host: address, port: at, isShared });
  if (isShared && port !== 0) await checkFree(address, port);
  const first = await listen(0, port);
  const ports = [first];
  for (let shard = 1; shard < plan.shape.shards; shard++) {
    const own = again[shard]?.port ?? (port === 0 ? 0 : port + shard);
    ports.push(await listen(shard, isShared ? first : own));
  }
  const places = ports.map((one) => ({ host: address, port: one }));
  return isShared ? places.slice(0, 1) : places;
}

/**
 * Checks that a port that shards are to share is free. Other programs of the same user could share it as well, and the
 * kernel would give them a part of the connections.
 * @throws LISTEN_FAILED
 */
async function checkFree(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new TrunklineError(
          'LISTEN_FAILED',
          `Cannot listen on ${host} port ${port}: ${error.message}. Choose another port, or 0 for a free one.`,
        ),
      ),
    );
    server.listen({ host, port }, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/** The address of a host name. @throws HOST_UNKNOWN if it has none. */
export async function resolveHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    const cause = causeOf(error);
    throw new TrunklineError('HOST_UNKNOWN', `Expected an address or the name of a host, found "${host}": ${cause}.`);
  }
}
