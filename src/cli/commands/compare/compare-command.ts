/** `trunkline compare`: compares base and candidate, measured in pairs, or from stored results. */
import type { Argv, CommandModule } from 'yargs';
import { comparePairs } from '../../../analysis/comparison/compare-pairs.ts';
import { compareUnpaired } from '../../../analysis/comparison/compare-unpaired.ts';
import { type ComparisonOrder, DEFAULT_PAIRS } from '../../../analysis/comparison/comparison-order.ts';
import { withLatencyCurves } from '../../../analysis/comparison/with-latency-curves.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { pairEstimatesSoFar } from '../../../report/comparison/estimates-so-far.ts';
import type { Result } from '../../../result/result-schema.ts';
import { runId } from '../../../run/phases/order/run-id.ts';
import { readBareResults } from '../../../run/series/read-results.ts';
import type { Series, SeriesSide } from '../../../run/series/series.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { checkMetrics, checkPairs, metricOption, sideOptions } from '../../options/comparison-arguments.ts';
import { loadOptions, settingsOf } from '../../options/load-options.ts';
import { type PageFormat, pageFormatOption } from '../../options/output-format.ts';
import { ownCommand } from '../../options/own-command.ts';
import { checkRevisions, revisionOptions, type SidedBuilds, withBuilds } from '../../options/revision-options.ts';
import { reportOutcome, reportStoredResults } from '../../pages/report-outcome.ts';
import { seriesOptions, withSeries } from '../run/with-series.ts';
import { comparisonExitCode } from './comparison-exit-code.ts';
import { baseSide, candidateSide, checkDifferent, namedNoiseFloors, type SidedArguments } from './sided-arguments.ts';

export interface CompareArguments extends SidedArguments {
  readonly base: string | undefined;
  readonly results: readonly string[] | undefined;
  readonly against: readonly string[] | undefined;
  readonly pairs: number;
  readonly metric: readonly string[] | undefined;
  readonly format: PageFormat;
  readonly failOn: 'regressed' | undefined;
}

export function compareCommand(): CommandModule<object, CompareArguments> {
  return {
    command: 'compare [base] [candidate]',
    describe: 'Compare two scenarios, two settings of one, two revisions, or stored results',
    builder,
    handler: async (args) => {
      process.exitCode =
        args.results === undefined && args.against === undefined
          ? await comparePaired(args)
          : await compareStored(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<CompareArguments> {
  const stored = { type: 'string', array: true, nargs: 1 } as const;
  return revisionOptions(metricOption(sideOptions(loadOptions(pageFormatOption(seriesOptions(yargs))))))
    .option('results', {
      ...stored,
      describe: 'A stored result of the base, or a folder of them; may be repeated. Unpaired, weaker',
    })
    .option('against', { ...stored, describe: 'The same for the candidate' })
    .option('pairs', { type: 'number', default: DEFAULT_PAIRS, describe: 'Number of pairs of runs, fixed in advance' })
    .option('fail-on', { choices: ['regressed'] as const, describe: 'Exit with 1 on this verdict' })
    .example('$0 compare before.yaml after.yaml', 'Ten pairs, in the order AB BA AB …')
    .example('$0 compare smoke --candidate-set switch.shards=4', 'One scenario, one thing changed')
    .example('$0 compare smoke --base-revision main', 'The work tree against main, built beside it')
    .example('$0 compare --results results/old --against results/new', 'Stored results: unpaired, weaker')
    .epilogue(
      'Exit codes: 0 compared, 1 regressed with --fail-on, 2 usage or configuration, 3 the comparison is invalid, 4 inconclusive with --inconclusive-exit.',
    ) as unknown as Argv<CompareArguments>; // yargs turns base-set into baseSet, and so on
}

async function comparePaired(args: CompareArguments): Promise<number> {
  if (args.base === undefined) {
    throw new TrunklineError('ARGUMENT_INVALID', 'Expected a scenario, or --results and --against.');
  }
  const order = orderOf(args);
  checkPairs(args.pairs, order.gating);
  checkOutputs(args);
  checkRevisions(args);
  const { base: scenario } = args;
  return withBuilds(args, async (builds) => {
    const sides = await sidesOf(args, scenario, builds);
    const estimate = (series: Series): string[] => pairEstimatesSoFar(series.pairs(args.pairs), order);
    const plan = { name: 'compare', sides, blocks: args.pairs, estimate };
    return withSeries(args, plan, async (series, run) => {
      if (!(await run(args.pairs))) return 0;
      const pairs = series.pairs(args.pairs);
      const comparison = withLatencyCurves(comparePairs(pairs, order), pairs);
      await reportOutcome(comparison, series.folder, args);
      return comparisonExitCode(comparison, args);
    });
  });
}

async function sidesOf(args: CompareArguments, scenario: string, builds: SidedBuilds): Promise<SeriesSide[]> {
  const base = await baseSide(args, scenario, builds);
  const candidate = await candidateSide(args, scenario, builds);
  checkDifferent(
    base,
    candidate,
    'Expected two sides that differ, found the same scenario twice: change one with --candidate-set, or measure the noise with trunkline aa.',
  );
  return [base, candidate];
}

async function compareStored(args: CompareArguments): Promise<number> {
  checkStored(args);
  const order = orderOf(args);
  const bases = readBareResults(args.results ?? []);
  const candidates = readBareResults(args.against ?? []);
  checkOneScenario([...bases, ...candidates]);
  const comparison = compareUnpaired(bases, candidates, order);
  await reportStoredResults(comparison, args.out, runId('compare', new Date()), args);
  return comparisonExitCode(comparison, args);
}

/** @throws ARGUMENT_INVALID for options of runs beside --results, or if only one side is given. */
function checkStored(args: CompareArguments): void {
  if (args.results === undefined || args.against === undefined) {
    const [there, missing] = args.results === undefined ? ['--against', '--results'] : ['--results', '--against'];
    throw new TrunklineError('ARGUMENT_INVALID', `${there}: expected ${missing} as well, for the other side.`);
  }
  const { base, resume, baseRevision, candidateRevision } = args;
  const settings = [...args.baseSet, ...args.candidateSet, ...settingsOf(args)];
  const streams = args.stream.map((one) => `--stream ${one}`);
  const others = [base, resume, baseRevision, candidateRevision, ...settings, ...streams].filter(
    (one) => one !== undefined,
  );
  if (others.length === 0) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--results: stored results are compared as they are: remove ${others.join(', ')}.`,
  );
}

function checkOneScenario(results: readonly Result[]): void {
  const names = [...new Set(results.map(({ scenario }) => scenario.name))];
  if (names.length < 2) return;
  throw new TrunklineError(
    'COMPARISON_INVALID',
    `expected results of one scenario, found ${names.join(', ')}: name the folders of one with --results and --against`,
  );
}

function orderOf(args: CompareArguments): ComparisonOrder {
  checkMetrics(args.metric);
  return {
    command: ownCommand(),
    ...(args.metric === undefined ? {} : { gating: args.metric }),
    ...namedNoiseFloors(args),
  };
}
