/**
 * Checks that no message of a world is lost or duplicated, with the check that judges real runs
 * (verdict/record/integrity.ts): so simulations try that check as well.
 */
import { messageDigestHigh, messageDigestLow } from '../../base/message-digest.ts';
import { DRIVER_COUNTERS } from '../../driver/terms/driver-counters.ts';
import { SwitchCounter } from '../../switch/terms/switch-counters.ts';
import { addUndelivered, NOTHING_UNDELIVERED } from '../../verdict/record/group-balance.ts';
import { checkIntegrity, type Integrity } from '../../verdict/record/integrity.ts';
import type { World } from '../world/world.ts';

/** The driver's counters, summed over all lanes. */
export function driverCounters(world: World): Record<string, number> {
  return Object.fromEntries(DRIVER_COUNTERS.map((name) => [name, world.driver(name)]));
}

export function worldIntegrity(world: World): Integrity {
  const queued = { messages: 0, low: 0, high: 0 };
  for (const store of world.stores) {
    store.forEachMessage((sender, id) => {
      queued.messages++;
      queued.low = (queued.low + messageDigestLow(sender, id)) | 0;
      queued.high = (queued.high + messageDigestHigh(sender, id)) | 0;
    });
  }
  const groups = world.shards.reduce((sum, shard, at) => {
    const { low, high } = shard.rejectedInGroups; // a shard that ended has forgotten what it had rejected
    const rejected = shard.counters[SwitchCounter.groupRejected] ?? 0;
    const isForgotten = rejected > 0 && world.restarts > 0;
    const found = {
      queued: 0,
      queuedLow: 0,
      queuedHigh: 0,
      rejected,
      rejectedLow: low,
      rejectedHigh: high,
      isForgotten,
    };
    world.stores[at]?.forEachGroupMessage((author, id) => {
      found.queued++;
      found.queuedLow = (found.queuedLow + messageDigestLow(author, id)) | 0;
      found.queuedHigh = (found.queuedHigh + messageDigestHigh(author, id)) | 0;
    });
    return addUndelivered(sum, found);
  }, NOTHING_UNDELIVERED);
  const findings = world.lanes.flatMap((lane) => [...lane.findings]);
  return checkIntegrity(driverCounters(world), { ...queued, groups }, findings);
}
