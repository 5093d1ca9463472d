/** Whether the addresses of sessions have room for all of a shard's: see `switch/tables/address-layout.ts`. */
import { TrunklineError } from '../base/errors.ts';
import { formatCount } from '../base/units.ts';
import { slotsMax } from '../switch/tables/address-layout.ts';

/**
 * Checks that every session of a shard can have an address.
 * @param shards shards of each node.
 * @throws PLAN_EXCEEDS_LIMIT with the number of sessions that would do.
 */
export function checkSessionAddresses(nodes: number, shards: number, sessionsPerShard: number): void {
  const sessionsMax = slotsMax(nodes, shards);
  if (sessionsPerShard <= sessionsMax) return;
  throw new TrunklineError(
    'PLAN_EXCEEDS_LIMIT',
    `phones.count: expected at most ${formatCount(sessionsMax)} sessions per shard, found ${formatCount(sessionsPerShard)}: the address ` +
      `of a session has 32 bits, of which the numbers of node and shard leave ${Math.log2(sessionsMax)}. Lower phones.count.`,
  );
}
