/** `trunkline history`: the stored results of a scenario over time, and when they changed. */
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { changeHistory } from '../../analysis/history/change-history.ts';
import { TrunklineError } from '../../base/errors.ts';
import { formatCount } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import { readBareResults } from '../../run/series/read-results.ts';
import { checkMetrics } from '../options/comparison-arguments.ts';
import { type PageFormat, pageFormatOption } from '../options/output-format.ts';
import { ownCommand } from '../options/own-command.ts';
import { reportStoredResults } from '../pages/report-outcome.ts';
import { ExitCode } from '../terminal/exit-code.ts';

export interface HistoryArguments {
  readonly what: string;
  readonly out: string;
  readonly metric: readonly string[] | undefined;
  readonly format: PageFormat;
  readonly quiet: boolean;
}

/** Seed of the permutation tests: the same results always give the same changes. */
const SEED = 1;

export function historyCommand(): CommandModule<object, HistoryArguments> {
  return {
    command: 'history <what>',
    describe: 'Show stored results of a scenario over time, and when they changed',
    builder,
    handler: async (args) => {
      process.exitCode = await history(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<HistoryArguments> {
  return pageFormatOption(yargs)
    .positional('what', { type: 'string', demandOption: true, describe: 'Name of a scenario, or a folder of results' })
    .option('out', {
      type: 'string',
      default: 'results',
      describe: 'Folder that is searched for results of the scenario, and in which the history is stored',
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'Do not print the path of the page on stderr' })
    .option('metric', { type: 'string', array: true, nargs: 1, describe: 'A metric to show; may be repeated' })
    .example('$0 history smoke', 'Results of smoke below results/')
    .example('$0 history ./kept --metric memory.switch.bytesPerConnection', 'One metric of the results in a folder')
    .epilogue('Exit codes: 0 shown, 2 usage or configuration, 3 no valid result measured any of the metrics.');
}

async function history(args: HistoryArguments): Promise<number> {
  checkMetrics(args.metric);
  const found = changeHistory(resultsOf(args), {
    seed: SEED,
    command: ownCommand(),
    ...(args.metric === undefined ? {} : { metrics: args.metric }),
  });
  const { parent, name } = folderOf(args);
  await reportStoredResults(found, parent, name, args);
  if (found.histories.some(({ points }) => points.length > 0)) return ExitCode.FINE;
  process.stderr.write(
    `trunkline: nothing to show over time: ${found.invalidResults === 1 ? '1 result is' : `${formatCount(found.invalidResults)} results are`} not valid (trunkline report says why), and metrics that were not measured have no history.\n`,
  );
  return ExitCode.INVALID;
}

function resultsOf({ what, out }: HistoryArguments): Result[] {
  if (existsSync(what)) return readBareResults([what]);
  if (!existsSync(out)) {
    throw new TrunklineError(
      'RESULT_UNREADABLE',
      `${what}: expected a folder of results, or a scenario with results below ${out}, found neither: run it first (trunkline run ${what}), or name the folder of its results with --out.`,
    );
  }
  const all = readBareResults([out]);
  const own = all.filter(({ scenario }) => scenario.name === what);
  if (own.length > 0) return own;
  const names = [...new Set(all.map(({ scenario }) => scenario.name))].join(', ');
  throw new TrunklineError(
    'RESULT_UNREADABLE',
    `${what}: expected a folder, or a scenario with results below ${out}, found results of ${names} there. Choose another folder with --out.`,
  );
}

/** Characters that a folder's name does not get from the name of a scenario. */
const UNUSUAL = /[^\w.-]+/g;

/** Where the history is stored: beside the results that were named, or below the folder of all results. */
function folderOf({ what, out }: HistoryArguments): { readonly parent: string; readonly name: string } {
  if (!existsSync(what)) return { parent: out, name: `history-${what.replaceAll(UNUSUAL, '-')}` };
  return { parent: statSync(what).isDirectory() ? what : dirname(what), name: 'history' };
}
