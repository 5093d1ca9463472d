/**
 * Only one process at a time runs a series, because two would disturb each other's measurements. Each creates a file
 * `running-<process id>-<its start>` in the folder and then looks for others; if two start at once, at least one sees
 * the other. A file whose process no longer exists, for example after kill -9, is removed. The lock works on one
 * machine; on another one, the series is refused because of its machine class, or the folder is not there.
 */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrunklineError } from '../../base/errors.ts';
import { processStart } from '../../measure/process-start.ts';
import { unwritable } from './result-folder.ts';

const NAME = /^running-(\d+)-(\d+)$/;

export class SeriesLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws SERIES_RUNNING if another process runs the series; OUTPUT_UNWRITABLE. */
  static async take(folder: string): Promise<SeriesLock> {
    const own = `running-${process.pid}-${processStart(process.pid) ?? 0}`;
    const lock = new SeriesLock(join(folder, own));
    try {
      await writeFile(lock.#path, '');
    } catch (error) {
      throw unwritable(folder, error);
    }
    for (const name of await readdir(folder)) {
      const [, processId, start] = NAME.exec(name) ?? [];
      if (processId === undefined || name === own) continue;
      if (processStart(Number(processId)) !== start) {
        await rm(join(folder, name), { force: true });
        continue;
      }
      await lock.release();
      throw new TrunklineError(
        'SERIES_RUNNING',
        `${folder}: process ${processId} is running this series. Wait for it or end it, then continue.`,
      );
    }
    return lock;
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
