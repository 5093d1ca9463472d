/**
 * The descriptors that threads of this process have opened for themselves: Node gives each an epoll
 * instance, an eventfd and a pipe. A thread that takes a private table gets a copy of all of them,
 * five for each thread before it, and needs none but its own: with 128 threads that is room for
 * 640 connections in every table.
 *
 * What a thread opens while it starts, the files that it loads from, would be copied as well by
 * whoever starts beside it. So threads start in turn, and each is told what to let go of.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import type { SystemCalls } from './system-calls.ts';

const TABLE = '/proc/self/fd';
/** Files come and go, and a number that was a file's may be anyone's a moment later. */
const LASTING = /^(anon_inode|pipe):/;

export class ThreadDescriptors {
  readonly #before: ReadonlySet<number>;

  /** Takes note of what is open before the first thread starts, bells of threads included: every thread keeps these. */
  constructor() {
    this.#before = new Set(lastingDescriptors());
  }

  /** Those of the threads that have started since. */
  list(): number[] {
    return lastingDescriptors().filter((descriptor) => !this.#before.has(descriptor));
  }
}

/** Lets go of other threads' descriptors, in a thread that has just taken a private table. */
export function closeInherited(calls: SystemCalls, descriptors: readonly number[]): void {
  for (const descriptor of descriptors) calls.close(descriptor);
}

function lastingDescriptors(): number[] {
  return readdirSync(TABLE).map(Number).filter(isLasting);
}

function isLasting(descriptor: number): boolean {
  try {
    return LASTING.test(readlinkSync(`${TABLE}/${descriptor}`));
  } catch {
    return false; // the listing's own, closed by now
  }
}
