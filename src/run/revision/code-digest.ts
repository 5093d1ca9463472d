/** Identifies the code of a build: a commit is not enough if its tree has changes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Tests and benchmarks of a built tree. An installed package lacks them, and no command runs them. */
const NOT_OF_A_PACKAGE = /\.(test|test-suite|test-worker|bench)\.js$/;
const DIGITS = 16;

/**
 * @param entry a build's `cli/main.js`.
 * @returns the same digest for builds with the same code, wherever they are.
 * @throws the error of the file system.
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
