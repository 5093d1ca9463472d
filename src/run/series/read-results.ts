/** Results on disk: single files, or folders that contain them at any depth. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { parseBareResult, parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { TRIAL_PREFIX } from './make-folder.ts';
import { TextReader } from './text-reader.ts';

const FILE = 'result.json';
/** Folder of a series that is skipped: runs that are left in it do not count. */
const SKIPPED = 'warm-up';

/**
 * Reads every result in the files and folders, each once.
 *
 * @throws RESULT_UNREADABLE for a path that does not exist, a folder without a result, or a result that is truncated,
 *   incomplete or of another schema: a result that cannot be read is never skipped silently.
 */
export function readResults(paths: readonly string[]): Result[] {
  return readEach(paths, parseResult);
}

/** The same without histograms and time series, for many results. @throws RESULT_UNREADABLE. */
export function readBareResults(paths: readonly string[]): Result[] {
  return readEach(paths, parseBareResult);
}

function readEach(paths: readonly string[], parse: (text: string, file: string) => Result): Result[] {
  const files = new Set(paths.flatMap(resultFiles));
  const reader = new TextReader();
  return [...files].map((file) => parse(textOf(file, reader), file));
}

function textOf(file: string, reader: TextReader): string {
  return readable(file, () => reader.read(file));
}

/**
 * What a reader of a path returns. @throws RESULT_UNREADABLE with what the file system says, if the path cannot be
 * read.
 */
export function readable<Found>(path: string, read: () => Found): Found {
  try {
    return read();
  } catch (error) {
    throw unreadable(`${path}: expected a result that can be read: ${causeOf(error)}`);
  }
}

/** The files of the results at a path. @throws RESULT_UNREADABLE if there is none. */
export function resultFiles(path: string): string[] {
  const stat = readable(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) throw unreadable(`${path}: expected a result or a folder of results, found nothing`);
  if (!stat.isDirectory()) return [path];
  const found = readable(path, () => filesBelow(path));
  if (found.length === 0) throw unreadable(`${path}: expected a folder with a ${FILE} in it, found none`);
  return found;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === SKIPPED || entry.name.startsWith(TRIAL_PREFIX) ? [] : filesBelow(path);
    return entry.name === FILE ? [path] : [];
  });
}

function unreadable(message: string): TrunklineError {
  return new TrunklineError('RESULT_UNREADABLE', `${message}. Runs leave theirs under the folder of --out.`);
}
