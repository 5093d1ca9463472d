/** Creates a folder and its parents, one at a time. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Node's own `recursive` turns in a circle for ever where a file system says of a folder that is there that
 * it is not, as /proc does to whoever makes something in it.
 *
 * @returns the folders that it made, from the outermost.
 * @throws what the operating system says of the first that it cannot make.
 */
export function makeFolder(path: string): string[] {
  const missing: string[] = [];
  let parent = resolve(path);
  while (statSync(parent, { throwIfNoEntry: false }) === undefined && dirname(parent) !== parent) {
    missing.unshift(parent);
    parent = dirname(parent);
  }
  if (!statSync(parent).isDirectory()) throw new Error(`${parent} is a file`);
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
