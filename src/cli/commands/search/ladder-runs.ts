/**
 * The runs of a ladder on disk, each in a fresh process, one after another:
 *
 *     results/ladder-<name>-<digest>/001-<variant>.json     round and variant, and its result or why there is none
 *     results/ladder-<name>-<digest>/runs/<run>/            the files of the run itself
 *
 * The digest covers everything that may change a figure: the ladder, its scenario, the code, Node and the class of
 * machines. The same command therefore continues with the stored runs, and never mixes them with runs of something
 * else.
 */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LadderRun } from '../../../analysis/ladder/conclude-ladder.ts';
import { type Ladder, type LadderTurn, ladderVariants } from '../../../analysis/ladder/parse-ladder-file.ts';
import { at } from '../../../base/assert.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { buildDigest } from '../../../measure/build-digest.ts';
import { fingerprint } from '../../../measure/fingerprint.ts';
import { parseJson } from '../../../result/parse-json.ts';
import { parseResult } from '../../../result/parse-result.ts';
import { freshRun } from '../../../run/series/fresh-run.ts';
import { machineRest } from '../../../run/series/machine-rest.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { SeriesLock } from '../../../run/series/series-lock.ts';
import { OWN_ENTRY } from '../../terminal/own-entry.ts';

const DIGEST_DIGITS = 8;
const ROUND_DIGITS = 3;
const RUNS = 'runs';
const WARM_UP = 'warm-up';

export class LadderRuns {
  readonly #folder: ResultFolder;
  readonly #ladder: Ladder;
  readonly #lock: SeriesLock;
  #isWarm = false;
  /** Whether the previous run had sockets that the kernel may still be releasing. */
  #needsRest = false;

  private constructor(folder: ResultFolder, ladder: Ladder, lock: SeriesLock) {
    this.#folder = folder;
    this.#ladder = ladder;
    this.#lock = lock;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /**
   * Creates or finds the folder below `out`. Call {@link close} at the end.
   *
   * @param texts of the ladder and of its scenario.
   * @throws OUTPUT_UNWRITABLE; SERIES_RUNNING if another process is running it.
   */
  static async open(out: string, ladder: Ladder, texts: readonly string[]): Promise<LadderRuns> {
    const hash = createHash('sha256');
    for (const part of [...texts, buildDigest(), process.version, fingerprint().machineClass]) {
      hash.update(part).update('\0');
    }
    const id = `ladder-${ladder.name}-${hash.digest('hex').slice(0, DIGEST_DIGITS)}`;
    const folder = await ResultFolder.create(out, id);
    return new LadderRuns(folder, ladder, await SeriesLock.take(folder.path));
  }

  /** Allows other processes to continue the ladder. */
  async close(): Promise<void> {
    await this.#lock.release();
  }

  /** The stored run of a turn; null if there is none. @throws RESULT_UNREADABLE for a file that was changed. */
  async kept(turn: LadderTurn): Promise<LadderRun | null> {
    const path = join(this.folder, fileOf(turn));
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return null;
    const { result, failure } = parseJson(text, path) as { result: unknown; failure: string | null }; // as run() wrote it
    return {
      variant: turn.variant.name,
      round: turn.round,
      result: result === null ? null : parseResult(JSON.stringify(result), path),
      failure,
    };
  }

  /**
   * Runs a turn and stores the outcome. The first run of a session is preceded by a warm-up run that does not count.
   *
   * @returns null if it was interrupted and has to run again.
   * @throws OUTPUT_UNWRITABLE.
   */
  async run(turn: LadderTurn, interrupted: AbortSignal): Promise<LadderRun | null> {
    await this.#warmUp(interrupted);
    const outcome = await this.#execute(turn.variant.settings, RUNS, interrupted);
    if (interrupted.aborted) return null;
    await this.write(fileOf(turn), JSON.stringify(outcome));
    return { variant: turn.variant.name, round: turn.round, ...outcome };
  }

  /** Writes a file of the folder atomically. @returns its path. @throws OUTPUT_UNWRITABLE. */
  write(name: string, text: string): Promise<string> {
    return this.#folder.writeText(name, text);
  }

  /**
   * A warm-up run, so that no counted run reads everything from disk or starts on an idle machine in a low power state.
   */
  async #warmUp(interrupted: AbortSignal): Promise<void> {
    if (this.#isWarm) return;
    this.#isWarm = true;
    await this.#execute(at(ladderVariants(this.#ladder), 0).settings, WARM_UP, interrupted);
    await rm(join(this.folder, WARM_UP), { recursive: true, force: true });
  }

  async #execute(
    settings: readonly string[],
    out: string,
    interrupted: AbortSignal,
  ): Promise<Pick<LadderRun, 'result' | 'failure'>> {
    if (this.#needsRest) await machineRest(interrupted);
    const { scenario } = this.#ladder;
    const order = { entry: OWN_ENTRY, scenario, settings, out: join(this.folder, out) };
    const outcome = await freshRun(order, interrupted).then(
      (result) => ({ result, failure: null }),
      (error: unknown) => {
        if (!(error instanceof TrunklineError)) throw error;
        return { result: null, failure: error.message };
      },
    );
    this.#needsRest = outcome.result?.scenario.isSimulated === false;
    return outcome;
  }
}

function fileOf({ round, variant }: LadderTurn): string {
  return `${String(round + 1).padStart(ROUND_DIGITS, '0')}-${variant.name}.json`;
}
