/** How long a disk takes to make a small write permanent: the least that a commit on it can take. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What a frame with some dozen messages has. */
const WRITE_BYTES = 4096;
const SYNCS_MAX = 50;
/** On a slow disk there are fewer. */
const MILLIS_MAX = 500;

/**
 * Writes to a file of its own in the folder, which is removed again.
 * @param nowMicros a monotonic clock.
 * @returns the time of each sync, in microseconds.
 */
export function syncTimes(folder: string, nowMicros: () => number): number[] {
  const path = join(folder, 'sync-times');
  const descriptor = openSync(path, 'w', 0o600);
  try {
    const bytes = new Uint8Array(WRITE_BYTES).fill(1);
    const times: number[] = [];
    const until = nowMicros() + MILLIS_MAX * 1000;
    while (times.length < SYNCS_MAX && (times.length === 0 || nowMicros() < until)) {
      const begin = nowMicros();
      writeSync(descriptor, bytes);
      fdatasyncSync(descriptor);
      times.push(nowMicros() - begin);
    }
    return times;
  } finally {
    closeSync(descriptor);
    rmSync(path, { force: true });
  }
}
