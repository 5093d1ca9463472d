/** Checks that the outputs of a command can be written, before the command measures for minutes. */
import { closeSync, openSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { makeFolder } from '../../run/series/make-folder.ts';

/** Options that name output files, for commands that have them. */
export interface OutputOptions {
  readonly out?: string | undefined;
  readonly saveBaseline?: string | undefined;
  readonly junit?: string | undefined;
  readonly summary?: string | undefined;
  readonly comment?: string | undefined;
  readonly trend?: string | undefined;
  readonly trendMore?: string | undefined;
}

/** @throws OUTPUT_UNWRITABLE, naming the option and its value. */
export function checkOutputs(args: OutputOptions): void {
  checkFolder('--out', args.out);
  checkFolder('--save-baseline', args.saveBaseline);
  checkFile('--junit', args.junit);
  checkFile('--summary', args.summary);
  checkFile('--comment', args.comment);
  checkFile('--trend', args.trend);
  checkFile('--trend-more', args.trendMore);
}

function checkFolder(option: string, path: string | undefined): void {
  if (path === undefined) return;
  try {
    for (const made of makeFolder(path).reverse()) removeUnused(made);
  } catch (error) {
    throw unwritable(option, path, 'folder', causeOf(error));
  }
}

/**
 * Removes a folder that was made to try it, unless another process has put something there or has removed it. Of two
 * processes that try at the same moment, an empty folder may be left.
 */
function removeUnused(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function checkFile(option: string, path: string | undefined): void {
  if (path === undefined) return;
  const reason = whyUnwritable(path);
  if (reason !== null) throw unwritable(option, path, 'file', reason);
}

/** Opens the file as the command will. @returns why it cannot be written; null if it can. */
function whyUnwritable(path: string): string | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return 'it is a folder';
    if (found !== undefined && !found.isFile()) return null; // opening a pipe or a device may block until it has a reader
    closeSync(openSync(path, 'a'));
    if (found === undefined) rmSync(path);
    return null;
  } catch (error) {
    return causeOf(error);
  }
}

function unwritable(option: string, path: string, what: 'file' | 'folder', reason: string): TrunklineError {
  return new TrunklineError(
    'OUTPUT_UNWRITABLE',
    `${option} ${path}: expected a ${what} that can be written: ${reason}. Choose another path.`,
  );
}
