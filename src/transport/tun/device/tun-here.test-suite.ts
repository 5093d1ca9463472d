/**
 * Whether tests can have TUN devices here. A test that needs one says why it is left out where there is none, and fails where
 * there is one that does not work.
 */
import { existsSync } from 'node:fs';
import { loadSystemCalls, whyNoSystemCalls } from '../../tcp/system/system-calls.ts';
import { TUN_FILE } from './open-tun.ts';
import { enterRunNamespace } from './run-namespace.ts';

/** Why this machine is not expected to give a test a device; false where it is. Made to be the `skip` of a test. */
export function whyNoTun(): string | false {
  const noCalls = whyNoSystemCalls();
  if (noCalls !== null) return noCalls;
  if (!existsSync(TUN_FILE)) return `left out: there is no ${TUN_FILE}`;
  return process.getuid?.() === 0 ? false : 'left out: only root may make a network namespace in this process';
}

/** Moves the process of a test file into a namespace of its own, once. */
export function enterTestNamespace(connections = 1000): void {
  enterRunNamespace(loadSystemCalls(), connections);
}
