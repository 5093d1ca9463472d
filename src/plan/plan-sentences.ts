/** The sentences that describe a plan over sockets before the run. */
import { formatCount } from '../base/units.ts';
import type { SocketPlan } from './sockets/socket-plan.ts';

/** The number of threads and the reason for it, and the destinations and source addresses of connections. */
export function planSentences(plan: SocketPlan): string[] {
  return [threadSentence(plan), plan.listenReason, ...(plan.sides === 'switch' ? [] : [sourceSentence(plan)])];
}

function threadSentence(plan: SocketPlan): string {
  const { shards, lanes, sides, demand, hasPrivateTables, ringPlaces } = plan;
  const side = (count: number, asked: number, name: string, connectionsMax: number): string =>
    `${count} ${name}${count === 1 ? '' : 's'}${count > asked ? ` (${asked} requested)` : ''} of up to ${formatCount(connectionsMax)} connections`;
  const parts = [
    ...(sides === 'driver' ? [] : [side(shards, demand.shards, 'shard', plan.connectionsPerShardMax)]),
    ...(sides === 'switch' ? [] : [side(lanes, demand.lanes, 'lane', plan.connectionsPerLaneMax)]),
  ];
  const tables =
    ringPlaces !== null
      ? `sockets in tables of io_uring, ${formatCount(ringPlaces)} in each`
      : hasPrivateTables
        ? 'each thread with its own table of descriptors'
        : 'one table of descriptors per side';
  return `${parts.join(', ')}; ${tables}`;
}

function sourceSentence({ sources }: SocketPlan): string {
  const { mode, addresses, connectionsPerSource } = sources;
  if (mode === 'kernel')
    return `one source address, up to ${formatCount(connectionsPerSource)} connections to one destination`;
  const network = mode === 'block' ? 'a network of the run, 10.0.0.0/8' : '127.0.0.0/8';
  return `${formatCount(addresses)} source addresses in ${network}, up to ${formatCount(connectionsPerSource)} connections from each`;
}
