/**
 * Writes the page of a report beside its JSON. The page is made from the JSON and can be made again, so a failure to
 * write it is said on stderr and costs nothing else.
 */
import { causeOf } from '../../base/cause-of.ts';
import { printable } from '../../report/text/printable.ts';
import type { ResultFolder } from '../../run/series/result-folder.ts';

/** Name of the page in the folder of a result. */
export const PAGE_FILE = 'report.html';

/** @param make makes the page; what it throws is said as well. */
export async function writePage(folder: Pick<ResultFolder, 'writeText'>, make: () => string): Promise<void> {
  try {
    await folder.writeText(PAGE_FILE, make());
  } catch (error) {
    const cause = causeOf(error);
    process.stderr.write(`trunkline: note: the result is stored, but not its ${PAGE_FILE}: ${printable(cause)}\n`);
  }
}
