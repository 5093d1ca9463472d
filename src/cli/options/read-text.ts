/**
 * Reads files named on the command line, up to a maximum size: a device never ends, and the wrong file may be large.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Much larger than any file written by hand. */
const BYTES_MAX = 2 ** 20;
const CHUNK_BYTES = 2 ** 16;

/** @throws an Error that says why the file cannot be read, or that it is too long. */
export function readText(path: string): string {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).isDirectory()) throw new Error('it is a folder');
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const read = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (read === 0) return Buffer.concat(chunks).toString('utf8');
      bytes += read;
      if (bytes > BYTES_MAX) throw new Error('it is longer than 1 MiB');
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}
