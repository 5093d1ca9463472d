/** Creates a folder and those above it that are missing. */
import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TrunklineError } from '../../base/errors.ts';

/**
 * The option `recursive` of Node's mkdir never returns where a file system answers ENOENT although the parent exists,
 * as /proc does. So this function creates one folder at a time.
 *
 * @returns the folders that it made, from the outermost.
 * @throws OUTPUT_UNWRITABLE if a file is in the way; otherwise the operating system's error for the first folder that
 * cannot be created.
 */
export function makeFolder(path: string): string[] {
  const missing: string[] = [];
  let parent = resolve(path);
  while (found(parent) === undefined && dirname(parent) !== parent) {
    missing.unshift(parent);
    parent = dirname(parent);
  }
  if (!statSync(parent).isDirectory())
    throw new TrunklineError('OUTPUT_UNWRITABLE', `${parent} is a file, not a folder`);
  const made: string[] = [];
  for (const folder of missing) {
    try {
      mkdirSync(folder);
      made.push(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
    }
  }
  return made;
}

/** The status of a path; undefined if nothing is there, or if it is below a file. */
function found(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
    return undefined;
  }
}
