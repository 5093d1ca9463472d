/**
 * What a process with many threads does differently: each thread has a heap, a loop and code of its
 * own, so whatever Node keeps for one thread is there once for each of them.
 */
import type { ResourceLimits } from 'node:worker_threads';

/** Where there are more threads than this, each does little. */
const CROWD_THREADS = 16;

export interface CrowdSettings {
  /** Flags of the process. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly resourceLimits: ResourceLimits;
}

/** For a process with so many threads; null where there are few, and Node's own settings are best. */
export function crowdSettings(threads: number): CrowdSettings | null {
  return threads > CROWD_THREADS ? CROWD : null;
}

/**
 * Memory of a thread (RSS, Node 20.20, 40 shards and 40 lanes with 500 connections each): 12.3 and 11.5 MB
 * without any of these, 10.4 and 9.8 MB with all. A smaller young generation, one arena for malloc instead of one for
 * each thread, and no baseline code: what runs often is optimised anyway, and what runs seldom may be slow.
 */
const CROWD: CrowdSettings = {
  flags: ['--optimize-for-size', '--no-sparkplug'],
  environment: { MALLOC_ARENA_MAX: '1' },
  resourceLimits: { maxYoungGenerationSizeMb: 1 },
};
