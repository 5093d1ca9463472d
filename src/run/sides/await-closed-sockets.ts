/**
 * The sockets that the kernel still has to close after a run. The descriptors of a process are closed before its end,
 * but its tables of io_uring are freed later: two million sockets take a minute. A run waits until they are closed,
 * because the next run would otherwise lack their memory, ports and addresses.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSockstat } from '../../measure/kernel-memory.ts';
import { readOrEmpty } from '../../measure/read-or-empty.ts';

/** Tolerance, because other programs may open and close sockets meanwhile. */
const OTHERS = 64;
const LOOK_MILLIS = 100;
/** The kernel closes tens of thousands of sockets per second; if it closes none in this time, it has finished. */
const PATIENCE_MILLIS = 5_000;

/** TCP sockets in use on this machine, including closing ones; null if the kernel does not report the number. */
export function socketsInUse(): number | null {
  const sockets = parseSockstat(readOrEmpty('/proc/net/sockstat'));
  return sockets === null ? null : Math.max(sockets.tcpInUse, sockets.tcpAllocated);
}

/** Waits until no more sockets are in use than `before`, or until their number no longer falls noticeably. */
export async function awaitClosedSockets(
  before: number | null,
  inUse: () => number | null = socketsInUse,
  patienceMillis = PATIENCE_MILLIS,
): Promise<void> {
  if (before === null) return;
  let fewest = Number.POSITIVE_INFINITY;
  for (let leftMillis = patienceMillis; leftMillis > 0; leftMillis -= LOOK_MILLIS) {
    const now = inUse();
    if (now === null || now <= before + OTHERS) return;
    if (now < fewest - OTHERS) {
      fewest = now;
      leftMillis = patienceMillis;
    }
    await sleep(LOOK_MILLIS);
  }
}
