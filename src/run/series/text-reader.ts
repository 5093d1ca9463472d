/**
 * Reads many text files one after another into one buffer, because a new buffer per file would cost more than the read.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 2 ** 18;
/** Maximum of a file: a hundred times a large result. A longer one is no result, or a device without an end. */
export const TEXT_FILE_BYTES_MAX = 2 ** 28;

export class TextReader {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);

  /** The whole file, as UTF-8. @throws the error of the file system, or one that says that the file is too long. */
  read(path: string): string {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size > TEXT_FILE_BYTES_MAX) throw tooLong();
      if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(2 * size);
      let bytes = 0;
      for (let more = -1; more !== 0; bytes += more) {
        if (bytes >= TEXT_FILE_BYTES_MAX) throw tooLong();
        if (bytes === this.#buffer.length) this.#grow();
        more = readSync(file, this.#buffer, bytes, this.#buffer.length - bytes, null);
      }
      return this.#buffer.toString('utf8', 0, bytes);
    } finally {
      closeSync(file);
    }
  }

  /** Enlarges the buffer: a file may be longer than its size says, because it grew or is a pipe. */
  #grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}

function tooLong(): Error {
  return new Error(`it is longer than ${TEXT_FILE_BYTES_MAX / 2 ** 20} MiB`);
}
