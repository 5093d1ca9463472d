/**
 * A thread that can be profiled. It writes its profiles itself: they may have many megabytes, and the threads that run
 * the load would otherwise wait for them to be copied.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../../../base/cause-of.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { type ProfileSampling, ThreadProfiler } from '../../../measure/thread-profiler.ts';

/** Endings of the two files of a thread, which DevTools and speedscope know. */
export const PROCESSOR_ENDING = '.cpuprofile';
export const ALLOCATIONS_ENDING = '.heapprofile';

/**
 * The file lists no more single samples of allocations, which only tools that show them over time read. Its tree, from
 * which every figure comes, sums up all of them.
 */
export const ALLOCATION_SAMPLES_MAX = 100_000;

/** The two profiles of a thread, which start in this order. */
export type ProfilePart = 'processor' | 'allocations';

export class ProfiledThread {
  #profiler: ThreadProfiler | null = null;

  /** @throws PROFILER_UNAVAILABLE. */
  start(part: ProfilePart, sampling: ProfileSampling): null {
    this.#profiler ??= ThreadProfiler.start(sampling);
    if (part === 'allocations') this.#profiler.startAllocations(sampling);
    return null;
  }

  /**
   * Ends the profiles and writes them into a folder, named after the thread. Without a start there is nothing to write.
   * @throws OUTPUT_UNWRITABLE.
   */
  stop(name: string, folder: string): null {
    const profile = this.#profiler?.stop();
    this.#profiler = null;
    if (profile === undefined) return null;
    try {
      writeFileSync(join(folder, `${name}${PROCESSOR_ENDING}`), JSON.stringify(profile.processor));
      writeFileSync(
        join(folder, `${name}${ALLOCATIONS_ENDING}`),
        JSON.stringify(withFewerSamples(profile.allocations)),
      );
    } catch (error) {
      const cause = causeOf(error);
      throw new TrunklineError(
        'OUTPUT_UNWRITABLE',
        `Expected room for the profiles of ${name} in ${folder}: ${cause}. Choose another folder with --out.`,
      );
    }
    return null;
  }
}

/** The profile with the first {@link ALLOCATION_SAMPLES_MAX} samples. */
export function withFewerSamples(profile: object): object {
  const { samples } = profile as { samples?: readonly unknown[] }; // of V8
  return samples === undefined ? profile : { ...profile, samples: samples.slice(0, ALLOCATION_SAMPLES_MAX) };
}
