/**
 * How much of a disk the store of a run can take, and whether the disk has that much.
 *
 * A log grows to twice what its last sweep left, and some files more (store/durable/log-cleaner.ts); a sweep begins
 * only then, so a short run takes no more than it writes. What is kept are messages for phones that are away.
 */

import { SLACK_FILES } from '../store/durable/log-cleaner.ts';
import { appendedBytes, REMOVED_BYTES } from '../store/durable/log-records.ts';
import { BLOCK_BYTES } from '../store/mailbox-blocks.ts';
import { NOT_TO_GROUP } from '../store/mailbox-entry.ts';
import type { RunPlan } from './run-plan.ts';
import { checkLimit, type PlanCheck } from './sockets/plan-check.ts';

type StoredRun = Pick<RunPlan, 'settings' | 'store' | 'shape' | 'mailboxBlocksPerShard'>;

const MICROS_PER_SECOND = 1e6;
/** Besides the slack of a log: the file that is written, and the draft of a sweep. */
const OPEN_FILES = 2;

/** Bytes of disk that the store of a run takes at most, besides what it holds before; 0 if it has none. */
export function storeSpaceBytes({ settings, store, shape, mailboxBlocksPerShard }: StoredRun): number {
  if (store === null) return 0;
  const { phones, traffic, phases } = settings;
  const messages = (traffic.rate * (phases.settle + phases.measure + phases.drain)) / MICROS_PER_SECOND;
  const record = appendedBytes({ group: NOT_TO_GROUP, payloadBytes: traffic.payload });
  const awayShare = Number.isFinite(phones.session) ? phones.away / (phones.session + phones.away) : 0;
  const waiting = messages * Math.min(1, phones.offline + awayShare);
  const written = messages * (record + REMOVED_BYTES);
  const kept = Math.min(waiting * record, shape.shards * mailboxBlocksPerShard * BLOCK_BYTES);
  const logs = 2 * kept + shape.shards * (SLACK_FILES + OPEN_FILES) * store.fileBytesMax;
  const beyondMemory = Math.max(0, kept - shape.shards * store.residentBytes);
  return Math.ceil(Math.min(written, logs) + beyondMemory);
}

/**
 * Compares it with the free space of a disk.
 * @param folder of the store, as it is said to the user.
 * @param freeBytes null if it cannot be read.
 * @returns null if the run has no store.
 */
export function storeSpaceCheck(plan: StoredRun, folder: string, freeBytes: number | null): PlanCheck | null {
  if (plan.store === null) return null;
  return checkLimit({
    what: 'disk for the store',
    setBy: `the file system of ${folder}`,
    unit: 'bytes',
    needed: storeSpaceBytes(plan),
    allowed: freeBytes,
    consequence: 'the disk would become full, and from then on messages are refused',
    otherwise: 'refuse',
    commands: () => [
      '--store DIR                  # a folder on a larger disk',
      '--set phases.measure=…       # or fewer messages: a shorter run, or --set traffic.rate=…',
    ],
  });
}
