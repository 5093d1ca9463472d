/** The files of profiled threads in a result folder: names them from the source, and reads them for a report. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AllocationProfile,
  type ProcessorProfile,
  parseAllocationProfile,
  parseProcessorProfile,
} from '../../analysis/profile/parse-profiles.ts';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { ALLOCATIONS_ENDING, PROCESSOR_ENDING } from '../worker/thread/profiled-thread.ts';
import { type NamedProfile, SourceNames } from './source-names.ts';

export interface ThreadFiles {
  readonly thread: string;
  readonly processor: ProcessorProfile;
  readonly allocations: AllocationProfile;
}

/**
 * Writes names, files and lines of the source into the files of threads.
 * @throws PROFILE_INVALID, OUTPUT_UNWRITABLE.
 */
export function nameProfiles(folder: string, threads: readonly string[]): void {
  const names = new SourceNames();
  for (const thread of threads) {
    for (const ending of [PROCESSOR_ENDING, ALLOCATIONS_ENDING]) rewrite(join(folder, `${thread}${ending}`), names);
  }
}

function rewrite(path: string, names: SourceNames): void {
  const profile = JSON.parse(readProfile(path)) as NamedProfile; // V8 has just written it
  names.apply(profile);
  try {
    writeFileSync(`${path}.part`, JSON.stringify(profile));
    renameSync(`${path}.part`, path);
  } catch (error) {
    throw new TrunklineError(
      'OUTPUT_UNWRITABLE',
      `Expected a file that can be written at ${path}: ${causeOf(error)}. Choose another folder with --out.`,
    );
  }
}

/** Reads the files of threads. @throws PROFILE_INVALID if one is missing, cut off or damaged. */
export function readProfiles(folder: string, threads: readonly string[]): ThreadFiles[] {
  return threads.map((thread) => {
    const [processor, allocations] = [PROCESSOR_ENDING, ALLOCATIONS_ENDING].map((ending) =>
      join(folder, `${thread}${ending}`),
    ) as [string, string];
    return {
      thread,
      processor: parseProcessorProfile(readProfile(processor), processor),
      allocations: parseAllocationProfile(readProfile(allocations), allocations),
    };
  });
}

function readProfile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TrunklineError(
      'PROFILE_INVALID',
      `Expected a profile at ${path}: ${causeOf(error)}. Profile again with trunkline profile.`,
    );
  }
}
