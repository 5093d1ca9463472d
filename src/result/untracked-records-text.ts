/** What a store says that keeps track of as many changes of groups as it can. */
import { formatCount, formatCountOf } from '../base/units.ts';
import { PAIRS_MAX } from '../store/durable/group-state.ts';

/** @param count records that stay, above 0. */
export function untrackedRecordsText(count: number): string {
  const are = count === 1 ? 'stays' : 'stay';
  return `${formatCountOf(count, 'record')} of groups ${are} in the store for ever, and it grows with each that follows: a shard keeps track of at most ${formatCount(PAIRS_MAX)} members of groups that have joined or left, and of as many messages to groups. Begin a new store, with more switch.shards if members join and leave that often`;
}
