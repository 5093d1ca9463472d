/**
 * One process at a time runs a series: two would measure each other. Each leaves a file
 * `running-<process id>-<its start>` in the folder and then looks for others: of two at once at least
 * one sees the other. A file of a process that is no more, after kill -9 say, is stale and removed. It
 * holds on one machine; another one is refused for its class already, or shares no folder.
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

  /** @throws SERIES_RUNNING where another process runs the series, OUTPUT_UNWRITABLE. */
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
