/**
 * Reads files named on the command line, up to a maximum size: a device never ends, and the wrong file may be large.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { causeOf } from '../../base/cause-of.ts';
import { type ErrorCode, TrunklineError } from '../../base/errors.ts';

/** Much larger than any file written by hand. */
const BYTES_MAX = 2 ** 20;
const CHUNK_BYTES = 2 ** 16;

/**
 * @param expected what the user was to name, the beginning of the message:
 *   `--tls-key: expected a file that can be read`.
 * @throws a TrunklineError with this code, whose message says what was expected and why the file cannot be read.
 */
export function readText(path: string, code: ErrorCode, expected: string): string {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    if (fstatSync(file).isDirectory()) throw new TrunklineError(code, `${expected}: it is a folder.`);
    const bytes = readLimited(file);
    if (bytes === null) throw new TrunklineError(code, `${expected}: it is longer than 1 MiB.`);
    if (!isUtf8(bytes) || bytes.includes(0)) throw new TrunklineError(code, `${expected}: it is not text (UTF-8).`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof TrunklineError) throw error;
    const reason = causeOf(error);
    throw new TrunklineError(code, `${expected}: ${reason}.`);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** The text of a file that a flag names. @throws FILE_UNREADABLE, naming the flag. */
export function readFlagText(flag: string, path: string): string {
  return readText(path, 'FILE_UNREADABLE', `${flag}: expected a file that can be read`);
}

/** The whole file; null if it is too long. */
function readLimited(file: number): Buffer | null {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const read = readSync(file, chunk, 0, CHUNK_BYTES, null);
    if (read === 0) return Buffer.concat(chunks);
    bytes += read;
    if (bytes > BYTES_MAX) return null;
    chunks.push(chunk.subarray(0, read));
  }
}
