/** Packets that the kernel dropped because nobody read them: the queue of a device was full. */
import type { ReadText } from './cgroup-limits.ts';
import { readOrEmpty } from './read-or-empty.ts';

const DEVICES = '/proc/thread-self/net/dev';
/** Columns of /proc/net/dev: eight of received packets, then bytes, packets, errors and drops of sent ones. */
const SENT_DROPS_COLUMN = 8 + 3;

/** By name of the device, in the network of this thread; null if the kernel does not say. */
export function queueDrops(read: ReadText = readOrEmpty): ReadonlyMap<string, number> | null {
  const drops = new Map<string, number>();
  for (const line of read(DEVICES).split('\n')) {
    const [, name, columns] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    const count = Number(columns?.split(/\s+/)[SENT_DROPS_COLUMN] ?? Number.NaN);
    if (name !== undefined && Number.isInteger(count)) drops.set(name, count);
  }
  return drops.size === 0 ? null : drops;
}
