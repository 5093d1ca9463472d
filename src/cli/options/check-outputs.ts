/** Checks that the outputs of a command can be written, before the command measures for minutes. */
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { tryFolder } from '../../run/series/make-folder.ts';

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
    tryFolder(path);
  } catch (error) {
    throw unwritable(option, path, 'folder', causeOf(error));
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
