/** Finds the stored outcome that a path names: a file, or the folder of a series in which one stands. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OUTCOME_FILES, parseStoredOutcome, type StoredOutcome } from '../../analysis/stored-outcome.ts';
import { readable } from '../../run/series/read-results.ts';
import { TextReader } from '../../run/series/text-reader.ts';

export interface FoundOutcome {
  readonly outcome: StoredOutcome;
  /** Its file as stored. */
  readonly json: string;
  readonly path: string;
}

/** The file of a run, which is no outcome and may be large. */
const RESULT_FILE = 'result.json';

/**
 * @returns null if there is none, so that the path is that of a result or of nothing.
 * @throws RESULT_UNREADABLE for a path that cannot be read, or an outcome that is cut off, incomplete or of another
 * version.
 */
export function findOutcome(path: string): FoundOutcome | null {
  const file = readable(path, () => outcomeFile(path));
  if (file === undefined || basename(file) === RESULT_FILE) return null;
  const json = readable(file, () => new TextReader().read(file));
  const outcome = parseStoredOutcome(json, file);
  return outcome === null ? null : { outcome, json, path: file };
}

/** The file that may have an outcome. @throws the error of the file system. */
function outcomeFile(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const files = stat.isDirectory() ? Object.values(OUTCOME_FILES).map((name) => join(path, name)) : [path];
  return files.find((one) => statSync(one, { throwIfNoEntry: false })?.isFile());
}
