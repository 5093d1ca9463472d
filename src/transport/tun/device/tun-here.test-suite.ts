/**
 * Whether tests can have TUN devices here. A test that needs one says why it is left out where there is none, and fails
 * where there is one that does not work.
 */
import { existsSync } from 'node:fs';
import { loadSystemCalls, whyNoSystemCalls } from '../../tcp/system/system-calls.ts';
import { TUN_FILE } from './open-tun.ts';
import { enterRunNamespace } from './run-namespace.ts';
import { canMakeNetwork, canOpenTun } from './tun-access.ts';

const isRoot = process.getuid?.() === 0;

/**
 * Why this machine is not expected to give this process a device; false where it is. Made to be the `skip` of a test.
 */
export function whyNoTun(): string | false {
  return whyNoDevice() ?? (isRoot ? false : 'left out: only root may make a network namespace in this process');
}

/** Why a run over tun is not expected to work here, which also makes a user namespace; false where it is. */
export function whyNoRunOverTun(): string | false {
  const why = whyNoDevice();
  if (why !== null) return why;
  if (isRoot) return false;
  if (!canOpenTun(loadSystemCalls())) return `left out: this user may not open ${TUN_FILE}`;
  return canMakeNetwork(isRoot) ? false : 'left out: this user may not make a network namespace';
}

/** Moves the process of a test file into a namespace of its own, once. */
export function enterTestNamespace(connections = 1000): void {
  enterRunNamespace(loadSystemCalls(), connections, false);
}

function whyNoDevice(): string | null {
  return whyNoSystemCalls() ?? (existsSync(TUN_FILE) ? null : `left out: there is no ${TUN_FILE}`);
}
