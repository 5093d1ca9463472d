/** `trunkline simulate`: runs a scenario in virtual time under faults, seed after seed, and replays failures. */
import { availableParallelism } from 'node:os';
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../../../base/errors.ts';
import { formatCount, formatShort } from '../../../base/units.ts';
import { currentLoad, fingerprint } from '../../../measure/fingerprint.ts';
import { runId } from '../../../run/phases/order/run-id.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { parseScenario } from '../../../scenario/scenario.ts';
import type { SimulationSums } from '../../../simulate/simulation-sums.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { findScenario } from '../../options/find-scenario.ts';
import { type PageFormat, pageFormatOption } from '../../options/output-format.ts';
import { noteUnusedKeys, sayUnusedKeys } from '../../options/scenario-notes.ts';
import { simulationSettings } from '../../options/simulation-settings.ts';
import { reportOutcome } from '../../pages/report-outcome.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { Interruption } from '../../terminal/interruption.ts';
import { StatusLine } from '../../terminal/status-line.ts';
import { replaySimulation } from './replay-simulation.ts';
import { simulateSeeds } from './simulate-seeds.ts';
import { simulationReport, writeReplays } from './simulation-report.ts';

export interface SimulateArguments {
  readonly scenario: string | undefined;
  readonly seed: number | undefined;
  readonly seeds: number | undefined;
  readonly minutes: number | undefined;
  readonly processes: number | undefined;
  readonly replay: string | undefined;
  readonly set: readonly string[];
  readonly out: string;
  readonly format: PageFormat;
  readonly quiet: boolean;
}

const MINUTE_MILLIS = 60_000;
const SEED_MAX = 2 ** 31 - 1;
const PROCESSES_MAX = 64;
/** Without `--processes`: more would compete with what else the machine does. */
const PROCESSES = 2;
/** How often progress is said: on a terminal the line is rewritten. */
const PROGRESS_MILLIS = { terminal: 200, pipe: 5000 } as const;

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 simulate faults --seed 7', 'One seed'],
  ['$0 simulate faults --seeds 200', '200 seeds, starting with 1, in two processes'],
  ['$0 simulate faults --minutes 30 --seed 1000', 'As many seeds as half an hour allows, starting with 1000'],
  ['$0 simulate faults --seeds 50 --set simulate.faults.switchCrashes=5/s', 'Another rate for one kind of fault'],
  ['$0 simulate --replay results/…/seed-7.json', 'Repeat a failure step by step'],
];

export function simulateCommand(): CommandModule<object, SimulateArguments> {
  return {
    command: 'simulate [scenario]',
    describe: 'Run a scenario in virtual time under faults, and check that no message is lost or shown twice',
    builder,
    handler: async (args) => {
      process.exitCode = await simulate(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<SimulateArguments> {
  return pageFormatOption(yargs)
    .positional('scenario', { type: 'string', describe: 'Name of a shipped scenario, or path of a YAML file' })
    .option('seed', { type: 'number', describe: 'The first seed; by default that of the scenario' })
    .option('seeds', { type: 'number', describe: 'Number of seeds; 1 unless --minutes is given' })
    .option('minutes', { type: 'number', describe: 'Start new seeds for this many minutes' })
    .option('processes', { type: 'number', describe: 'Number of processes; 2 by default' })
    .option('replay', { type: 'string', describe: 'Repeat the failure in this file, and print what happens' })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Set a key of the scenario, such as simulate.time=5s; may be repeated',
    })
    .option('out', { type: 'string', default: 'results', describe: 'Parent of the result folder' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      'Exit codes: 0 all checks passed; 1 a check failed, or the failure of --replay happened again; 2 usage; 3 a process failed; 130 and 143 on signals.',
    );
}

async function simulate(args: SimulateArguments): Promise<number> {
  if (args.replay !== undefined) return replaySimulation(args.replay, args.scenario);
  if (args.scenario === undefined)
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      'Expected a scenario, such as trunkline simulate faults, or --replay FILE, found neither.',
    );
  const text = await findScenario(args.scenario);
  const scenario = parseScenario(text.text, text.file, args.set);
  const firstSeed = wholeOption('--seed', args.seed ?? scenario.settings.seed, 0, SEED_MAX);
  const seeds = args.seeds ?? (args.minutes === undefined ? 1 : Number.POSITIVE_INFINITY);
  if (Number.isFinite(seeds)) wholeOption('--seeds', seeds, 1, SEED_MAX);
  const processes = wholeOption(
    '--processes',
    args.processes ?? Math.min(PROCESSES, availableParallelism()),
    1,
    PROCESSES_MAX,
  );
  const minutes = args.minutes ?? Number.POSITIVE_INFINITY;
  if (!(minutes > 0))
    throw new TrunklineError('ARGUMENT_INVALID', `--minutes: expected a number above 0, found ${minutes}.`);
  const settings = simulationSettings(scenario);
  checkOutputs(args);
  noteUnusedKeys(scenario.unused.filter(({ unusedBy }) => unusedBy === 'scenario' || unusedBy === 'its phones'));
  sayUnusedKeys(args.quiet);
  const folder = await ResultFolder.create(args.out, runId(`simulate-${scenario.name}`, new Date()));
  const status = new StatusLine(process.stderr, process.env);
  const interruption = new Interruption(() =>
    status.say('Interrupted: reporting the seeds so far. Interrupt again to stop immediately.'),
  );
  const before = fingerprint();
  const start = performance.now();
  try {
    const sums = await simulateSeeds({
      scenario: text,
      settings: args.set,
      firstSeed,
      seeds,
      untilMillis: start + minutes * MINUTE_MILLIS,
      processes,
      signal: interruption.signal,
      onSeed: args.quiet ? () => {} : progress(status, start, seeds),
    });
    status.clear();
    const elapsedMillis = performance.now() - start;
    const failures = await writeReplays(sums.failures, scenario, settings, folder, interruption.signal, (line) => {
      if (!args.quiet) status.say(line);
    });
    const run = {
      scenario: scenario.name,
      firstSeed,
      processes: Math.min(processes, sums.seeds),
      elapsedMillis,
      environment: { ...before, loadAfter: currentLoad() },
    };
    await reportOutcome(simulationReport(sums, failures, run), folder.path, args);
    return interruption.exitCode ?? (sums.failedSeeds === 0 ? ExitCode.FINE : ExitCode.THRESHOLD_FAILED);
  } finally {
    interruption.close();
  }
}

/** Says how far the series is, now and then. */
function progress(status: StatusLine, start: number, seeds: number): (sums: SimulationSums) => void {
  const every = process.stderr.isTTY ? PROGRESS_MILLIS.terminal : PROGRESS_MILLIS.pipe;
  let saidMillis = start;
  return (sums) => {
    const now = performance.now();
    if (now - saidMillis < every) return;
    saidMillis = now;
    const of = Number.isFinite(seeds) ? ` of ${formatCount(seeds)}` : '';
    const pace = formatShort(sums.events / (sums.spentMillis / 1000));
    const ratio = (sums.virtualMicros / 1000 / (now - start)).toFixed(1);
    status.show(
      `seeds: ${formatCount(sums.seeds)}${of}, ${formatCount(sums.failedSeeds)} failed; ${pace} events/s per process, ${ratio} × real time`,
      (text) => text,
    );
  };
}

function wholeOption(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `${option}: expected a whole number from ${min} to ${max}, found ${value}.`,
  );
}
