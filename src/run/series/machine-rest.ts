/**
 * The rest of a machine between two runs: the kernel frees sockets after their process has ended,
 * a million of them for seconds, and a plan made before that would find too little memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { freeBytes } from '../../measure/memory.ts';

const INTERVAL_MILLIS = 500;
const INTERVALS_MOST = 60;
/** Less than this an interval is what any machine does by itself. */
const STILL_BYTES = 16 * 2 ** 20;

/** Waits until free memory grows no more, or for half a minute. */
export async function machineRest(interrupted: AbortSignal): Promise<void> {
  let before = freeBytes();
  for (let interval = 0; interval < INTERVALS_MOST && !interrupted.aborted; interval++) {
    await pause(INTERVAL_MILLIS);
    const now = freeBytes();
    if (before === null || now === null || now - before < STILL_BYTES) return;
    before = now;
  }
}
