/**
 * A file or pipe that lines are appended to without waiting. One write is in progress at a time; further lines wait in
 * a bounded queue, in whole or in part, until there is room again: on the disk, or in a pipe whose reader is slow.
 */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import type { OnFault } from './stream.ts';

/** Maximum of lines that wait; further ones are dropped. */
export const WAITING_LINES_MAX = 100;
/** Time that the last write may take after the run. */
const CLOSE_MILLIS = 2000;
/** Without O_NONBLOCK, opening or writing a pipe would block a thread for as long as nobody reads. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
const MODE = 0o644;

export class LineFile {
  readonly #handle: FileHandle;
  readonly #onFault: OnFault;
  readonly #waiting: Buffer[] = [];
  #writing: Promise<void> | null = null;
  #dropped = 0;
  #isClosed = false;

  private constructor(handle: FileHandle, onFault: OnFault) {
    this.#handle = handle;
    this.#onFault = onFault;
  }

  /**
   * Creates the file, or replaces its content.
   * @param option names the file in messages.
   * @throws OUTPUT_UNWRITABLE.
   */
  static async open(path: string, option: string, onFault: OnFault): Promise<LineFile> {
    try {
      return new LineFile(await open(path, FLAGS, MODE), onFault);
    } catch (error) {
      const isUnread = (error as NodeJS.ErrnoException).code === 'ENXIO';
      throw new TrunklineError(
        'OUTPUT_UNWRITABLE',
        isUnread
          ? `${option}: expected a file, or a pipe with a reader, found no reader. Start the reader first.`
          : `${option}: expected a file that can be written: ${causeOf(error)}. Choose another path.`,
      );
    }
  }

  /** Lines that were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Appends a line, or drops it if too many are waiting. */
  add(line: string): void {
    if (this.#waiting.length >= WAITING_LINES_MAX) this.#dropped++;
    else this.#waiting.push(Buffer.from(`${line}\n`));
    void this.#write();
  }

  /** Tries once more to write what waits; the rest is dropped. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MILLIS);
    });
    await Promise.race([this.#write().then(() => this.#write()), late]);
    clearTimeout(timer);
    this.#isClosed = true;
    this.#dropped += this.#waiting.length;
    await Promise.race([this.#handle.close().catch(() => {}), late]);
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeWaiting().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    try {
      for (let first = this.#waiting[0]; first !== undefined && !this.#isClosed; first = this.#waiting[0]) {
        const { bytesWritten } = await this.#handle.write(first);
        if (bytesWritten < first.length) this.#waiting[0] = first.subarray(bytesWritten);
        else this.#waiting.shift();
      }
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isFull || this.#waiting.length >= WAITING_LINES_MAX) {
        this.#onFault(isFull ? 'its reader does not read' : causeOf(error));
      }
    }
  }
}
