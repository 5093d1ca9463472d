/**
 * The descriptors that belong to single threads of this process: Node gives each thread an epoll instance, an eventfd
 * and a pipe. A thread that takes its own descriptor table gets copies of all of them, five for each thread before it,
 * and needs only its own. With 128 threads, the others would take the room of 640 connections in every table.
 *
 * Files that a thread opens while it starts would be copied too by threads that start at the same time. So threads
 * start one after another, and each is told which descriptors to close.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import type { SystemCalls } from './system-calls.ts';

const TABLE = '/proc/self/fd';
/**
 * Targets of the descriptors that are listed. Files are left out, because their numbers may soon belong to something
 * else.
 */
const LASTING = /^(anon_inode|pipe):/;

export class ThreadDescriptors {
  readonly #before: ReadonlySet<number>;

  /** Records the open descriptors before the first thread starts, including doorbells: every thread keeps these. */
  constructor() {
    this.#before = new Set(lastingDescriptors());
  }

  /** The descriptors of threads that have started since. */
  list(): number[] {
    return lastingDescriptors().filter((descriptor) => !this.#before.has(descriptor));
  }
}

/** Closes other threads' descriptors, in a thread that has just taken its own descriptor table. */
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
    return false; // it belonged to the listing itself and is closed by now
  }
}
