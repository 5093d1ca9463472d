/**
 * The sockets that a run leaves to the kernel. A process that ends has its descriptors closed before it is gone, but
 * tables of io_uring are taken apart behind its back: two million sockets take a minute. A run is over when they
 * are closed, or the next would find their memory, ports and addresses taken.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSockstat } from '../../measure/kernel-memory.ts';
import { readOrEmpty } from '../../measure/memory.ts';

/** Sockets of others may come and go meanwhile. */
const OTHERS = 64;
const LOOK_MILLIS = 100;
/** The kernel closes some tens of thousands a second: one that closes none has done all it will. */
const PATIENCE_MILLIS = 5_000;

/** TCP sockets of this machine that are in use, closing ones included; null where the kernel does not say. */
export function socketsInUse(): number | null {
  const sockets = parseSockstat(readOrEmpty('/proc/net/sockstat'));
  return sockets === null ? null : Math.max(sockets.tcpInUse, sockets.tcpAllocated);
}

/** Waits until no more are in use than were `before`, or until their number falls no longer by more than a few. */
export async function awaitClosedSockets(
  before: number | null,
  inUse: () => number | null = socketsInUse,
  patienceMillis = PATIENCE_MILLIS,
): Promise<void> {
  if (before === null) return;
  let least = Number.POSITIVE_INFINITY;
  for (let leftMillis = patienceMillis; leftMillis > 0; leftMillis -= LOOK_MILLIS) {
    const now = inUse();
    if (now === null || now <= before + OTHERS) return;
    if (now < least - OTHERS) {
      least = now;
      leftMillis = patienceMillis;
    }
    await sleep(LOOK_MILLIS);
  }
}
