/** `trunkline report`: prints a stored result or outcome as text, Markdown or a page. Nothing is measured. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { at } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import { summarize } from '../../report/run/summarize.ts';
import { summaryMarkdown } from '../../report/run/summary-markdown.ts';
import { seriesGap } from '../../result/series-fault.ts';
import { readResults, resultFiles } from '../../run/series/read-results.ts';
import { findOutcome } from '../options/find-outcome.ts';
import { type PageFormat, pageFormatOption, printAs } from '../options/output-format.ts';
import { outcomeFormats } from '../pages/outcome-formats.ts';
import { profileSections } from '../pages/profile-sections.ts';
import { repeatCommand } from '../pages/repeat-command.ts';
import { pageSource, runPageHtml } from '../pages/run-page-html.ts';
import { terminalPalette } from '../terminal/terminal-palette.ts';

export interface ReportArguments {
  readonly result: string;
  readonly format: PageFormat;
}

export function reportCommand(): CommandModule<object, ReportArguments> {
  return {
    command: 'report <result>',
    describe: 'Print a stored result, comparison, gate, capacity, ladder or history',
    builder,
    handler: (args) => report(args),
  };
}

function builder(yargs: Argv<object>): Argv<ReportArguments> {
  return pageFormatOption(yargs)
    .positional('result', {
      type: 'string',
      demandOption: true,
      describe: 'A result.json, gate.json and the like, or the folder it is in',
    })
    .example('$0 report results/RUN', 'What trunkline run printed')
    .example('$0 report results/RUN --format markdown', 'For a pull request')
    .example('$0 report results/RUN --format html > run.html', 'A page to send, without network');
}

function report(args: ReportArguments): void {
  const found = findOutcome(args.result);
  if (found !== null) {
    printAs(args.format, outcomeFormats(found.outcome, found, terminalPalette(process.stdout, process.env)));
    return;
  }
  const files = resultFiles(args.result);
  const [file = '', ...others] = files;
  if (others.length > 0) {
    throw new TrunklineError(
      'RESULT_UNREADABLE',
      `${args.result}: expected one result, found ${files.length}: name one, such as ${newestOf(files)}, or see a scenario's over time with trunkline history.`,
    );
  }
  const result = at(readResults([file]), 0);
  const gap = seriesGap(result.series);
  if (gap !== null) process.stderr.write(`note: ${gap}\n`);
  printAs(args.format, {
    text: () => summarize(result, args.result, terminalPalette(process.stdout, process.env)),
    json: () => JSON.stringify(result, null, 1),
    markdown: () => summaryMarkdown(result),
    html: () =>
      runPageHtml(
        result,
        pageSource(basename(file), readFileSync(file)),
        repeatCommand(result),
        profileSections(result, dirname(file)),
      ),
  });
}

/** Names of run folders begin with the start time. */
function newestOf(files: readonly string[]): string {
  return dirname([...files].sort().at(-1) ?? '');
}
