/** `trunkline report`: a stored result again, as text or Markdown. Nothing is measured. */
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../base/errors.ts';
import { summarize } from '../report/summary.ts';
import { summaryMarkdown } from '../report/summary-markdown.ts';
import { readResults } from '../run/stored-results.ts';
import { formatOption, type OutputFormat, printAs } from './output-format.ts';
import { paletteFor } from './terminal-palette.ts';

export interface ReportArguments {
  readonly result: string;
  readonly format: OutputFormat;
}

export function reportCommand(): CommandModule<object, ReportArguments> {
  return {
    command: 'report <result>',
    describe: 'Print a stored result',
    builder,
    handler: (args) => report(args),
  };
}

function builder(yargs: Argv<object>): Argv<ReportArguments> {
  return formatOption(yargs)
    .positional('result', { type: 'string', demandOption: true, describe: 'A result.json, or the folder it is in' })
    .example('$0 report results/RUN', 'What trunkline run printed')
    .example('$0 report results/RUN --format markdown', 'For a pull request');
}

function report(args: ReportArguments): void {
  const [result, ...others] = readResults([args.result]);
  if (result === undefined || others.length > 0) {
    throw new TrunklineError(
      'RESULT_UNREADABLE',
      `${args.result}: expected one result, found ${others.length + 1}: name one, or see them all with trunkline history`,
    );
  }
  printAs(args.format, {
    text: () => summarize(result, args.result, paletteFor(process.stdout, process.env)),
    json: () => JSON.stringify(result, null, 1),
    markdown: () => summaryMarkdown(result),
  });
}
