/** The report of a run, as a browser shows it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandFolder } from './support/command-folder.test-suite.ts';
import { checkReport, describeInBrowser } from './support/report-page.test-suite.ts';

const REFERENCE = fileURLToPath(new URL('../../../results/reference/', import.meta.url));

describeInBrowser('the report of a run', (browser) => {
  const folder = commandFolder();

  /** The report of a stored result, as a file. */
  async function reportOf(result: string, name: string): Promise<string> {
    const { stdout } = await folder.trunkline(['report', result, '--format', 'html']);
    writeFileSync(folder.path(name), stdout);
    return folder.path(name);
  }

  checkReport(browser, 'a million connections', () => reportOf(`${REFERENCE}idle-ladder-1M.json`, 'million.html'));
});
