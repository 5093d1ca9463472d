/**
 * A pause between two runs: the kernel continues to free sockets after their process has ended, which takes seconds for
 * a million of them. A plan made before that would find too little memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { freeMemoryBytes } from '../../measure/process-memory.ts';

const INTERVAL_MILLIS = 500;
const INTERVALS_MAX = 60;
/** A smaller change per interval occurs on any machine. */
const STILL_BYTES = 16 * 2 ** 20;

/** Waits until free memory stops growing, for at most half a minute. */
export async function machineRest(interrupted: AbortSignal): Promise<void> {
  let before = freeMemoryBytes();
  for (let interval = 0; interval < INTERVALS_MAX && !interrupted.aborted; interval++) {
    await pause(INTERVAL_MILLIS);
    const now = freeMemoryBytes();
    if (before === null || now === null || now - before < STILL_BYTES) return;
    before = now;
  }
}
