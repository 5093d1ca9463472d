/** Has the shards of a process listen: on one port together, or each on its own. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { TrunklineError } from '../base/errors.ts';
import { socketPlan } from './run-plan.ts';
import type { RunThreads } from './run-threads.ts';
import type { SwitchTarget } from './worker-messages.ts';

/**
 * Listens as the plan says.
 * @returns where: one place for all shards, or one for each in their order.
 * @throws LISTEN_FAILED or HOST_UNKNOWN
 */
export async function startListening(threads: RunThreads): Promise<SwitchTarget[]> {
  const { plan } = threads;
  const { host, port } = plan.settings.sockets;
  const address = await resolveHost(host);
  const isShared = socketPlan(plan).listen === 'shared';
  const listen = (shard: number, at: number): Promise<number> =>
    threads.request(`shard-${shard}`, { kind: 'listen', host: address, port: at, isShared });
  const first = await listen(0, port);
  const ports = [first];
  for (let shard = 1; shard < plan.shape.shards; shard++) {
    ports.push(await listen(shard, isShared ? first : port === 0 ? 0 : port + shard));
  }
  const places = ports.map((one) => ({ host: address, port: one }));
  return isShared ? places.slice(0, 1) : places;
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
