/** Makes the shards of a process listen, on a common port or each on its own. */
import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { TrunklineError } from '../../base/errors.ts';
import { plannedSockets } from '../../plan/planned-sockets.ts';
import type { SwitchTarget } from '../worker/worker-messages.ts';
import type { RunThreads } from './run-threads.ts';

/**
 * Listens as the plan says.
 * @returns where: one place for all shards, or one for each in their order.
 * @throws LISTEN_FAILED or HOST_UNKNOWN
 */
export async function startListening(threads: RunThreads): Promise<SwitchTarget[]> {
  const { plan } = threads;
  const { host, port } = plan.settings.sockets;
  const address = await resolveHost(host);
  const isShared = plannedSockets(plan).listen === 'shared';
  const listen = (shard: number, at: number): Promise<number> =>
    threads.request(`shard-${shard}`, { kind: 'listen', host: address, port: at, isShared });
  if (isShared && port !== 0) await checkFree(address, port);
  const first = await listen(0, port);
  const ports = [first];
  for (let shard = 1; shard < plan.shape.shards; shard++) {
    ports.push(await listen(shard, isShared ? first : port === 0 ? 0 : port + shard));
  }
  const places = ports.map((one) => ({ host: address, port: one }));
  return isShared ? places.slice(0, 1) : places;
}

/**
 * A port that shards share can be shared with strangers of the same user as well, and the kernel
 * would deal them our connections: so it must be free at first.
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

/** The address of a name. @throws HOST_UNKNOWN where there is none. */
export async function resolveHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TrunklineError('HOST_UNKNOWN', `Expected an address or the name of a host, found "${host}": ${cause}.`);
  }
}
