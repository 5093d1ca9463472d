/** Creates a folder and those above it that are missing. */
import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TrunklineError } from '../../base/errors.ts';

/** How often a folder is tried again that another process removes meanwhile, as one does that only tries whether it can. */
const ATTEMPTS_MAX = 100;

/**
 * The option `recursive` of Node's mkdir never returns where a file system answers ENOENT although the parent exists,
 * as /proc does. So this function creates one folder at a time.
 *
 * @returns the folders that it made, from the outermost.
 * @throws OUTPUT_UNWRITABLE if a file is in the way; otherwise the operating system's error for the first folder that
 * cannot be created.
 */
export function makeFolder(path: string): string[] {
  const made = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    try {
      for (const folder of missing(path)) if (make(folder)) made.add(folder);
      return [...made];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** The folders that do not exist, from the outermost. */
function missing(path: string): string[] {
  const folders: string[] = [];
  let parent = resolve(path);
  let stats = found(parent);
  while (stats === undefined && dirname(parent) !== parent) {
    folders.unshift(parent);
    parent = dirname(parent);
    stats = found(parent);
  }
  if (stats?.isDirectory() === true) return folders;
  throw new TrunklineError('OUTPUT_UNWRITABLE', `${parent} is a file, not a folder`);
}

/** @returns false if another process was faster. */
function make(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
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
