/** Whether this process could make a device and a network for it, found out without making either. */
import { spawnSync } from 'node:child_process';
import { Linux, type SystemCalls } from '../../tcp/system/system-calls.ts';
import { TUN_FILE } from './open-tun.ts';

/** A machine on which this takes longer gives no answer, which counts as no. */
const PATIENCE_MILLIS = 10_000;

/** Whether the file of the device can be opened. Opening it makes no device. */
export function canOpenTun(calls: SystemCalls): boolean {
  const descriptor = calls.open(TUN_FILE, Linux.O_RDWR | Linux.O_CLOEXEC);
  if (descriptor < 0) return false;
  calls.close(descriptor);
  return true;
}

/**
 * Whether a network namespace can be made, in a process that ends at once: as root, or as the root of a user namespace.
 */
export function canMakeNetwork(isRoot: boolean): boolean {
  const { status } = spawnSync('unshare', [isRoot ? '-n' : '-Urn', 'true'], {
    stdio: 'ignore',
    timeout: PATIENCE_MILLIS,
  });
  return status === 0;
}
