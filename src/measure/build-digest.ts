/**
 * What the code of the running program is, whatever its repository says: two builds with the same digest do the same. A
 * commit does not say so, since a build may contain changes that were never committed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../', import.meta.url));
/** Code that no command runs. */
const TESTS = /\.(test|test-suite|test-worker|bench)\.js$/;
const DIGITS = 16;

/**
 * Hexadecimal: the first 64 bits of the SHA-256 digest of all files of code below a folder.
 * @param folder the `dist` of a build, wherever it is; that of the running program if it is not given.
 * @throws the error of the file system.
 */
export function buildDigest(folder = built): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((one) => one.endsWith('.js') && !TESTS.test(one)).sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(folder, name)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, DIGITS);
}
