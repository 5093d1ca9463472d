/** Creates a folder and those above it that are missing, or tries whether that is possible. */
import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { TrunklineError } from '../../base/errors.ts';

/** How the folders begin that {@link tryFolder} makes for a moment. */
export const TRIAL_PREFIX = '.trunkline-';

/**
 * The option `recursive` of Node's mkdir never returns where a file system answers ENOENT although the parent exists,
 * as /proc does. So this function creates one folder at a time.
 *
 * @throws OUTPUT_UNWRITABLE if a file is in the way, or a link to nothing; otherwise the operating system's error for
 * the first folder that cannot be created.
 */
export function makeFolder(path: string): void {
  for (const folder of missing(path)) make(folder);
}

/**
 * Tries whether a folder can be created and written, and leaves nothing. What is missing of it is created below a
 * folder of another name, so that processes that use or try the same folder at that moment are not disturbed.
 *
 * @throws OUTPUT_UNWRITABLE as {@link makeFolder}; otherwise the operating system's error, which may name that folder.
 */
export function tryFolder(path: string): void {
  const [first] = missing(path);
  if (first === undefined) {
    accessSync(resolve(path), constants.W_OK | constants.X_OK);
    return;
  }
  const existing = dirname(first);
  const trial = mkdtempSync(join(existing, TRIAL_PREFIX));
  try {
    makeFolder(join(trial, relative(existing, resolve(path))));
  } finally {
    rmSync(trial, { recursive: true });
  }
}

/** The folders that do not exist, from the outermost. */
function missing(path: string): string[] {
  const folders: string[] = [];
  let parent = resolve(path);
  let stats = found(parent);
  while (stats === undefined && dirname(parent) !== parent) {
    if (isLink(parent)) throw new TrunklineError('OUTPUT_UNWRITABLE', `${parent} is a link to nothing`);
    folders.unshift(parent);
    parent = dirname(parent);
    stats = found(parent);
  }
  if (stats?.isDirectory() === true) return folders;
  throw new TrunklineError('OUTPUT_UNWRITABLE', `${parent} is a file, not a folder`);
}

/** Creates one folder. Another process may have been faster. */
function make(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether something is at a path where {@link found} finds nothing: a link whose target does not exist. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
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
