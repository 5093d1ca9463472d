/**
 * What the code of the running program is, whatever its repository says: two builds with the same digest do the same. A
 * commit does not say so, since a build may contain changes that were never committed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../', import.meta.url));
/** Code that no command runs. */
const TESTS = /\.(test|test-suite|test-worker|bench)\.js$/;
const DIGITS = 16;

/** Hexadecimal: the first 64 bits of the SHA-256 digest of all files of code below a folder. */
export function buildDigest(folder = built): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((one) => one.endsWith('.js') && !TESTS.test(one)).sort()) {
    hash.update(`${name}\n`);
    hash.update(readFileSync(`${folder}/${name}`));
  }
  return hash.digest('hex').slice(0, DIGITS);
}
