/**
 * The folder of a result or of a series. It is created before the run, so that no measurement is lost for want of it.
 */
import { rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { storedFault } from '../../result/stored-fault.ts';
import { makeFolder } from './make-folder.ts';

const FILE = 'result.json';
const OUT = '--out';

/** A file that was stored, and read again. */
export interface StoredFile {
  readonly path: string;
  /**
   * RESULT_INVALID if it cannot be read again, to be thrown once it has been shown: what was measured is there all the
   * same. Null if it can.
   */
  readonly fault: TrunklineError | null;
}

export class ResultFolder {
  readonly path: string;
  readonly #option: string;

  private constructor(path: string, option: string) {
    this.path = path;
    this.#option = option;
  }

  /** @param option the option that names the folder, for error messages. @throws OUTPUT_UNWRITABLE. */
  static async create(out: string, id: string, option = OUT): Promise<ResultFolder> {
    const path = join(out, id);
    try {
      makeFolder(path);
    } catch (error) {
      throw unwritable(out, error, option);
    }
    return new ResultFolder(path, option);
  }

  /** A folder that exists already. */
  static existing(path: string): ResultFolder {
    return new ResultFolder(path, OUT);
  }

  /** Writes the result atomically, and checks it. @throws OUTPUT_UNWRITABLE. */
  write(result: Result): Promise<StoredFile> {
    return this.writeChecked(FILE, `${JSON.stringify(result, null, 1)}\n`, parseResult);
  }

  /**
   * Writes a file with a schema atomically, and checks that it can be read again.
   *
   * @param read reads such files; it throws a TrunklineError for one that it refuses.
   * @throws OUTPUT_UNWRITABLE.
   */
  async writeChecked(name: string, text: string, read: (text: string, file: string) => unknown): Promise<StoredFile> {
    const path = await this.writeText(name, text);
    return { path, fault: storedFault(text, path, read) };
  }

  /** Writes a file of the folder atomically. @returns its path. @throws OUTPUT_UNWRITABLE. */
  async writeText(name: string, text: string): Promise<string> {
    const path = join(this.path, name);
    const part = `${path}.part`;
    try {
      await writeFile(part, text);
      await rename(part, path);
    } catch (error) {
      throw unwritable(this.path, error, this.#option);
    }
    return path;
  }

  /** Removes the folder of a run that left no result. */
  async discard(): Promise<void> {
    await rmdir(this.path).catch(() => undefined); // it is not empty or has been removed, so others use it
  }
}

/** The error for a folder that could not be written. @param option the option that names it. */
export function unwritable(path: string, error: unknown, option = OUT): TrunklineError {
  return new TrunklineError(
    'OUTPUT_UNWRITABLE',
    `Expected a folder that can be written at ${path}: ${causeOf(error)}. Choose another with ${option}.`,
  );
}

/** The error for a file that was named on the command line and could not be written. */
export function unwritableFile(path: string, error: unknown): TrunklineError {
  return new TrunklineError(
    'OUTPUT_UNWRITABLE',
    `Expected a file that can be written at ${path}: ${causeOf(error)}. Make room, or name another.`,
  );
}
