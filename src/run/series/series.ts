/**
 * A series of runs, each in a fresh process: runs of one scenario, or pairs of base and candidate. Each result is on
 * disk before the next run begins, so a series can continue after Ctrl-C, a full disk or the end of its process, and
 * measures nothing twice:
 *
 *     results/<start>-<name>-<id>/series.json            the plan, and the runs that are there
 *     results/<start>-<name>-<id>/base.yaml …            the scenarios as they were when it began
 *     results/<start>-<name>-<id>/run-003-base/<run>/    one result
 */

import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { TrunklineError } from '../../base/errors.ts';
import { fingerprint } from '../../measure/fingerprint.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { runId } from '../phases/order/run-id.ts';
import { freshRun } from './fresh-run.ts';
import { machineRest } from './machine-rest.ts';
import { ResultFolder } from './result-folder.ts';
import { readSeriesFile, SERIES_SCHEMA, type SeriesFile, writeSeriesFile } from './series-file.ts';
import { SeriesLock } from './series-lock.ts';
import { type PlannedRun, seriesOrder } from './series-order.ts';

/** The program of a side. */
export interface SeriesBuild {
  /** Its main file. */
  readonly entry: string;
  /** Commit of its source; null outside a repository. */
  readonly commit: string | null;
  /** Digest of its code; see measure/build-digest. */
  readonly code: string;
}

export interface SeriesSide {
  /** Name of the side, such as `base` or `candidate`; part of the names of folders. */
  readonly name: string;
  readonly build: SeriesBuild;
  readonly scenarioText: string;
  /** Settings of the form `a.b=c`. */
  readonly settings: readonly string[];
  readonly scenarioHash: string;
}

export interface SeriesOrder {
  /** Name of the series, part of the folder's name. */
  readonly name: string;
  /** One side, or base and candidate. */
  readonly sides: readonly SeriesSide[];
  /** Number of pairs, or of runs if there is only one side. */
  readonly blocks: number;
  readonly warmUps: number;
  readonly seed: number;
}

/** Receives the progress of a series. */
export interface SeriesListener {
  warmUp(number: number, of: number): void;
  starts(planned: PlannedRun, of: number, side: string): void;
  ends(planned: PlannedRun, result: Result): void;
  /** Each interval of a run that counts, as a line of `trunkline.interval/1`; not given: runs pass on none. */
  readonly interval?: ((line: string) => void) | undefined;
}

const WARM_UP = 'warm-up';

export class Series {
  readonly folder: string;
  readonly #order: SeriesOrder;
  readonly #lock: SeriesLock;
  /** By index of its run, at most all runs of the order. */
  readonly #results = new Map<number, Result>();
  #file: SeriesFile;
  /** Whether the previous run had sockets that the kernel may still be freeing. */
  #needsRest = false;
  #isWarm = false;

  private constructor(folder: string, order: SeriesOrder, file: SeriesFile, lock: SeriesLock) {
    this.folder = folder;
    this.#lock = lock;
    this.#order = { ...order, seed: file.seed };
    this.#file = file;
  }

  /** Creates the folder of a new series. Call {@link close} at the end. @throws OUTPUT_UNWRITABLE. */
  static async create(out: string, order: SeriesOrder): Promise<Series> {
    const startedAt = new Date();
    const id = runId(order.name, startedAt);
    const folder = await ResultFolder.create(out, id);
    const lock = await SeriesLock.take(folder.path);
    const file = plannedFile(order, id, startedAt);
    for (const side of order.sides) await folder.writeText(`${side.name}.yaml`, side.scenarioText);
    await writeSeriesFile(folder.path, file);
    return new Series(folder.path, order, file, lock);
  }

  /**
   * Continues an earlier series with its seed. Call {@link close} at the end.
   *
   * @throws SERIES_INVALID if the plan, a scenario, the code, Node or the machine class has changed;
   *   SERIES_RUNNING if another process runs it.
   */
  static async resume(folder: string, order: SeriesOrder): Promise<Series> {
    checkSame(folder, await readSeriesFile(folder), order);
    const lock = await SeriesLock.take(folder);
    try {
      const series = new Series(folder, order, await readSeriesFile(folder), lock); // read under the lock, so it is final
      await series.#readRuns();
      return series;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Allows other processes to continue the series. */
  async close(): Promise<void> {
    await this.#lock.release();
  }

  /** Seed of the order of the sides. A resumed series has that of its start. */
  get seed(): number {
    return this.#order.seed;
  }

  /** Number of completed runs in the first `blocks` blocks. */
  count(blocks: number): number {
    return this.#plannedRuns(blocks).filter(({ index }) => this.#results.has(index)).length;
  }

  /** The results of one side in the first `blocks`, in the order of the blocks. */
  results(side: number, blocks: number): Result[] {
    return this.#plannedRuns(blocks)
      .filter((planned) => planned.side === side)
      .flatMap(({ index }) => this.#results.get(index) ?? []);
  }

  /** Base and candidate of each of the first `blocks`, all of which must have run. */
  pairs(blocks: number): { base: Result; candidate: Result }[] {
    const candidates = this.results(1, blocks);
    return this.results(0, blocks).flatMap((base, i) => {
      const candidate = candidates[i];
      return candidate === undefined ? [] : [{ base, candidate }];
    });
  }

  /**
   * Executes those runs of the first `blocks` that are missing.
   *
   * @returns false if it was interrupted; completed runs are kept.
   * @throws RUN_REFUSED, RUN_FAILED or OUTPUT_UNWRITABLE; completed runs are kept.
   */
  async run(blocks: number, listener: SeriesListener, interrupted: AbortSignal): Promise<boolean> {
    const plannedRuns = this.#plannedRuns(blocks);
    const missing = plannedRuns.filter(({ index }) => !this.#results.has(index));
    const warmUps = missing.length > 0 && !this.#isWarm ? this.#order.warmUps : 0;
    for (let number = 1; number <= warmUps; number++) {
      listener.warmUp(number, warmUps);
      const result = await this.#execute((number - 1) % this.#order.sides.length, WARM_UP, interrupted);
      await rm(join(this.folder, WARM_UP), { recursive: true, force: true });
      if (result === null) return false;
    }
    this.#isWarm ||= warmUps > 0;
    for (const planned of missing) {
      const side = this.#side(planned.side);
      listener.starts(planned, plannedRuns.length, side.name);
      const folder = plannedFolder(planned, side);
      const result = await this.#execute(planned.side, folder, interrupted, listener.interval);
      if (result === null) return false;
      await this.#keep(planned, join(folder, result.id), result);
      listener.ends(planned, result);
    }
    return true;
  }

  #plannedRuns(blocks: number): PlannedRun[] {
    return seriesOrder(this.#order.sides.length, blocks, this.#order.seed);
  }

  #side(index: number): SeriesSide {
    return this.#order.sides[index] as SeriesSide; // planned runs refer to these sides
  }

  /** Executes one run in its own process, with no other at the same time. @returns null if it was interrupted. */
  async #execute(
    sideIndex: number,
    folder: string,
    interrupted: AbortSignal,
    onInterval?: (line: string) => void,
  ): Promise<Result | null> {
    const side = this.#side(sideIndex);
    const out = join(this.folder, folder);
    await rm(out, { recursive: true, force: true }); // left from a run without a result
    const { build, settings, name } = side;
    const order = {
      entry: build.entry,
      scenario: `./${name}.yaml`,
      settings,
      out: folder,
      workFolder: this.folder,
      onInterval,
    };
    if (this.#needsRest) await machineRest(interrupted);
    const result = await freshRun(order, interrupted).catch((error: unknown) => {
      if (interrupted.aborted && error instanceof TrunklineError) return null; // it was interrupted before it had a result
      throw error;
    });
    this.#needsRest = result?.scenario.isSimulated === false;
    if (result !== null && result.validity.ended !== 'interrupted') return result;
    await rm(out, { recursive: true, force: true });
    return null;
  }

  async #keep(planned: PlannedRun, folder: string, result: Result): Promise<void> {
    const run = { ...planned, resultId: result.id, folder };
    this.#file = { ...this.#file, runs: [...this.#file.runs, run] };
    this.#results.set(planned.index, result);
    await writeSeriesFile(this.folder, this.#file);
  }

  /** Reads the completed runs, including one that ended after the series' own process and is not in its file. */
  async #readRuns(): Promise<void> {
    for (const run of this.#file.runs) {
      this.#results.set(run.index, await readRun(join(this.folder, run.folder)));
    }
    for (const planned of this.#plannedRuns(this.#file.blocks)) {
      if (this.#results.has(planned.index)) continue;
      const out = join(this.folder, plannedFolder(planned, this.#side(planned.side)));
      const [name] = await readdir(out).catch(() => []);
      if (name === undefined) continue;
      const result = await readRun(join(out, name)).catch(() => null); // incomplete, so it runs again
      if (result === null || result.validity.ended === 'interrupted') continue;
      await this.#keep(planned, relative(this.folder, join(out, name)), result);
    }
  }
}

function plannedFolder(planned: PlannedRun, side: SeriesSide): string {
  return `run-${String(planned.index + 1).padStart(3, '0')}-${side.name}`;
}

async function readRun(folder: string): Promise<Result> {
  const path = join(folder, 'result.json');
  try {
    return parseResult(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof TrunklineError) throw error;
    throw invalid(`${path}: a run of the series is gone. Start the series anew without --resume.`);
  }
}

function plannedFile(order: SeriesOrder, id: string, startedAt: Date): SeriesFile {
  return {
    schema: SERIES_SCHEMA,
    id,
    startedAt: startedAt.toISOString(),
    seed: order.seed,
    blocks: order.blocks,
    warmUps: order.warmUps,
    machineClass: fingerprint().machineClass,
    node: process.version,
    sides: order.sides.map(({ name, scenarioHash, build: { commit, code } }) => ({ name, scenarioHash, commit, code })),
    runs: [],
  };
}

function checkSame(folder: string, file: SeriesFile, order: SeriesOrder): void {
  const now = plannedFile(order, file.id, new Date(file.startedAt));
  const compared: [what: string, was: unknown, is: unknown][] = [
    ['the class of machines', file.machineClass, now.machineClass],
    ['the version of Node', file.node, now.node],
    ['the number of pairs or runs', file.blocks, now.blocks],
    ['the number of warm-up runs', file.warmUps, now.warmUps],
    ['the sides', file.sides.map(({ name }) => name).join(), now.sides.map(({ name }) => name).join()],
    ...now.sides.flatMap(({ name, scenarioHash, commit, code }, i): [string, unknown, unknown][] => [
      [`the scenario of ${name}`, file.sides[i]?.scenarioHash, scenarioHash],
      [`the commit of ${name}`, file.sides[i]?.commit, commit],
      [`the code of ${name}`, file.sides[i]?.code, code],
    ]),
  ];
  for (const [what, was, is] of compared) {
    if (was === is) continue;
    throw invalid(
      `--resume ${folder}: expected the same series, found that ${what} was ${String(was)} and is ${String(is)}. Use the original arguments, or start anew without --resume.`,
    );
  }
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('SERIES_INVALID', message);
}
