/**
 * Stores an outcome and its page, and prints it. Where the outcome of measurements cannot be stored, the command fails.
 * An outcome of stored results can be made again at any time, so it is printed all the same.
 */
import { join } from 'node:path';
import { OUTCOME_FILES, parseStoredOutcome, type StoredOutcome } from '../../analysis/stored-outcome.ts';
import { TrunklineError } from '../../base/errors.ts';
import { outcomeJson } from '../../report/text/outcome-json.ts';
import { printable } from '../../report/text/printable.ts';
import { ResultFolder } from '../../run/series/result-folder.ts';
import { type PageFormat, printAs } from '../options/output-format.ts';
import { terminalPalette } from '../terminal/terminal-palette.ts';
import { outcomeFormats } from './outcome-formats.ts';
import { outcomePageHtml } from './outcome-page-html.ts';
import { PAGE_FILE, writePage } from './write-page.ts';

export interface OutcomeReport {
  readonly format: PageFormat;
  /** Whether nothing is said on stderr about the page. */
  readonly quiet: boolean;
}

/** Stores it in the folder of its runs and prints it. @throws OUTPUT_UNWRITABLE; RESULT_INVALID, when it is printed. */
export async function reportOutcome(outcome: StoredOutcome, folder: string, report: OutcomeReport): Promise<void> {
  const fault = await storeOutcome(outcome, folder, report);
  printOutcome(outcome, folder, report);
  if (fault !== null) throw fault;
}

/**
 * The same for an outcome of stored results.
 *
 * @param name of its folder, which is made below `parent`.
 * @throws RESULT_INVALID, when it is printed.
 */
export async function reportStoredResults(
  outcome: StoredOutcome,
  parent: string,
  name: string,
  report: OutcomeReport,
): Promise<void> {
  const folder = join(parent, name);
  let fault: TrunklineError | null = null;
  try {
    await ResultFolder.create(parent, name);
    fault = await storeOutcome(outcome, folder, report);
  } catch (error) {
    if (!(error instanceof TrunklineError) || error.code !== 'OUTPUT_UNWRITABLE') throw error;
    process.stderr.write(`trunkline: note: the outcome is not stored: ${printable(error.message)}\n`);
  }
  printOutcome(outcome, folder, report);
  if (fault !== null) throw fault;
}

/**
 * Stores it and its page in an existing folder.
 *
 * @returns the error to end with, when it is printed, if it cannot be read again: see ResultFolder.
 * @throws OUTPUT_UNWRITABLE.
 */
export async function storeOutcome(
  outcome: StoredOutcome,
  folder: string,
  { quiet }: OutcomeReport,
): Promise<TrunklineError | null> {
  const json = outcomeJson(outcome);
  const file = OUTCOME_FILES[outcome.schema];
  const stored = ResultFolder.existing(folder);
  const { fault } = await stored.writeChecked(file, json, parseStoredOutcome);
  await writePage(stored, () => outcomePageHtml(outcome, json, file));
  if (!quiet) process.stderr.write(`page  ${printable(join(folder, PAGE_FILE))}\n`);
  return fault;
}

/** Prints it. @param folder where it is stored. */
export function printOutcome(outcome: StoredOutcome, folder: string, { format }: OutcomeReport): void {
  const source = { json: outcomeJson(outcome), path: join(folder, OUTCOME_FILES[outcome.schema]) };
  printAs(format, outcomeFormats(outcome, source, terminalPalette(process.stdout, process.env)));
}
