/** Names of threads: those of the pool, which say what a thread does, and the main thread of a process. */
import type { ThreadInfo } from '../../verdict/record/run-record.ts';

/** Which threads are in a process. */
export type Side = 'both' | 'switch' | 'driver';

/** Name of the main thread of the process of a side; in a run in one process, of that process. */
export function mainThreadOf(side: Side): string {
  return side === 'both' ? 'main' : `${side}-main`;
}

/** What the thread with this name does. */
export function roleOf(name: string): ThreadInfo['role'] {
  if (isShard(name)) return 'shard';
  if (isLane(name)) return 'lane';
  return name.startsWith('store-') ? 'store' : 'gateway';
}

export function isLane(name: string): boolean {
  return name.startsWith('lane-');
}

export function isShard(name: string): boolean {
  return name.startsWith('shard-');
}
