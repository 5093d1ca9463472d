/**
 * `trunkline aa`: measures a scenario against itself, for the differences that a machine reports when nothing changed.
 */
import type { Argv, CommandModule } from 'yargs';
import { DEFAULT_PAIRS } from '../../../analysis/comparison/comparison-order.ts';
import { measureNoiseFloors } from '../../../analysis/comparison/measure-noise-floors.ts';
import { pairEstimatesSoFar } from '../../../report/comparison/estimates-so-far.ts';
import type { Series } from '../../../run/series/series.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { checkPairs, gatingConfidence } from '../../options/comparison-arguments.ts';
import { type LoadArguments, loadOptions, settingsOf } from '../../options/load-options.ts';
import { type PageFormat, pageFormatOption } from '../../options/output-format.ts';
import { ownCommand } from '../../options/own-command.ts';
import { reportOutcome } from '../../pages/report-outcome.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { type SeriesArguments, scenarioSide, seriesOptions, withSeries } from '../run/with-series.ts';

export interface AaArguments extends SeriesArguments, LoadArguments {
  readonly scenario: string;
  readonly pairs: number;
  readonly format: PageFormat;
}

export function aaCommand(): CommandModule<object, AaArguments> {
  return {
    command: 'aa <scenario>',
    describe: 'Measure a scenario against itself: the noise floor of each metric',
    builder,
    handler: async (args) => {
      process.exitCode = await aa(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<AaArguments> {
  return loadOptions(pageFormatOption(seriesOptions(yargs)))
    .positional('scenario', { type: 'string', demandOption: true, describe: 'A shipped scenario, or a YAML file' })
    .option('pairs', {
      type: 'number',
      default: DEFAULT_PAIRS,
      describe: 'Number of pairs of runs, the same as in later comparisons',
    })
    .example('$0 aa smoke', 'Ten pairs of identical runs')
    .example('$0 compare smoke --candidate-set switch.shards=4 --noise-floors FILE', 'Use the stored noise floors')
    .epilogue('Exit codes: 0 measured, 2 usage or configuration, 3 no metric was precise enough for a noise floor.');
}

async function aa(args: AaArguments): Promise<number> {
  checkPairs(args.pairs, undefined);
  checkOutputs(args);
  const settings = settingsOf(args);
  const sides = await Promise.all(['base', 'candidate'].map((name) => scenarioSide(name, args.scenario, settings)));
  const estimate = (series: Series): string[] => pairEstimatesSoFar(series.pairs(args.pairs), {});
  return withSeries(args, { name: 'aa', sides, blocks: args.pairs, estimate }, async (series, run) => {
    if (!(await run(args.pairs))) return ExitCode.FINE;
    const order = { confidence: gatingConfidence(undefined), plannedPairs: args.pairs, command: ownCommand() };
    const floors = measureNoiseFloors(series.pairs(args.pairs), order);
    await reportOutcome(floors, series.folder, args);
    if (floors.floors.some(({ floorShare }) => floorShare !== null)) return ExitCode.FINE;
    process.stderr.write(
      `trunkline: no noise floor: ${floors.pairs.valid} of ${floors.pairs.planned} pairs are valid; trunkline report with a run in ${series.folder} says why\n`,
    );
    return ExitCode.INVALID;
  });
}
