/** Reads many text files one after another into one buffer: a new one for each costs more than what is read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 2 ** 18;

export class TextReader {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);

  /** The whole file, as UTF-8. @throws what the file system says. */
  read(path: string): string {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(2 * size);
      let bytes = 0;
      for (let more = -1; more !== 0; bytes += more) {
        if (bytes === this.#buffer.length) this.#grow();
        more = readSync(file, this.#buffer, bytes, this.#buffer.length - bytes, null);
      }
      return this.#buffer.toString('utf8', 0, bytes);
    } finally {
      closeSync(file);
    }
  }

  /** A file may be longer than it said: it grew, or it is a pipe. */
  #grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
