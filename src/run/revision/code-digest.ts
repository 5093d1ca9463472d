/** Identifies the code of a build: a commit is not enough if its tree has changes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Beside the code in a tree that was built, not in an installed package, and never run by a command. */
const NOT_OF_A_PACKAGE = /\.(test|test-suite|test-worker|bench)\.js$/;
const DIGITS = 16;

/**
 * @param entry a build's `cli/main.js`.
 * @returns the same for builds whose code is the same, wherever they stand.
 * @throws what the file system says.
 */
export function codeDigest(entry: string): string {
  const top = dirname(dirname(entry));
  const files = readdirSync(top, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && one.name.endsWith('.js') && !NOT_OF_A_PACKAGE.test(one.name))
    .map((one) => join(one.parentPath, one.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(top, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, DIGITS);
}
