/** `trunkline run`: runs scenarios, reports the results and sets the exit code. */
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../../../base/errors.ts';
import { prepareRun } from '../../../run/phases/order/prepare-run.ts';
import type { RunOrder } from '../../../run/phases/order/run-order.ts';
import { TRANSPORT_CHOICES, type TransportChoice } from '../../../scenario/terms/transports.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { checkMembersKnown, checkStored } from '../../options/check-stored.ts';
import { findRuns } from '../../options/find-runs.ts';
import { settingsOf } from '../../options/load-options.ts';
import { sayScenarioNotes } from '../../options/scenario-notes.ts';
import { endWithParent } from '../../terminal/end-with-parent.ts';
import { repeatRun } from './repeat-run.ts';
import { RUN_EXIT_CODES, type RunReportArguments, reportOptions, runAndReport } from './run-and-report.ts';
import { runSeries } from './run-series.ts';

export interface RunArguments extends RunReportArguments {
  readonly scenario: readonly string[];
  readonly step: readonly string[];
  readonly transport: TransportChoice | undefined;
  readonly repeat: number | undefined;
  readonly resume: string | undefined;
  readonly store: string | undefined;
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 run smoke', 'Ten thousand simulated phones, a few seconds'],
  ['$0 run million', 'A million simulated phones'],
  ['$0 run million --set traffic.rate=300k', 'Change one thing, and compare'],
  ['$0 run transports', 'The same load over every transport, side by side'],
  ['$0 run smoke --repeat 5', 'Medians and ranges of five runs'],
  ['$0 run idle-ladder --step 200k --step 425k', 'Two steps of a scenario'],
  ['$0 run idle-ladder --step 1M --transport best-real', 'A million real connections, over tun or tcp'],
  ['$0 run million --stream prometheus=9464', 'Prometheus can read each interval while it runs'],
  ['$0 run ./mine.yaml --json > result.json', 'A scenario of your own, the result on stdout'],
];

export function runCommand(): CommandModule<object, RunArguments> {
  return {
    command: 'run <scenario..>',
    describe: 'Run a scenario, report it, and check its thresholds; several scenarios or steps are shown side by side',
    builder,
    handler: async (args) => {
      process.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<RunArguments> {
  return reportOptions(yargs)
    .positional('scenario', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Names of shipped scenarios, or paths of YAML files',
    })
    .option('step', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Run only this step of the scenario; may be repeated',
    })
    .option('transport', {
      choices: TRANSPORT_CHOICES,
      describe:
        'Transport between phones and switch, instead of that of the scenario; best-real: tun where this machine allows it, otherwise tcp',
    })
    .option('repeat', {
      type: 'number',
      describe: 'Number of runs, each in a fresh process; shows medians and ranges',
    })
    .option('resume', { type: 'string', describe: 'With --repeat: continue the runs in this folder' })
    .option('store', {
      type: 'string',
      describe:
        'Folder of the store, with switch.durability: it is read back, and kept; by default a temporary folder, removed after the run',
    })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(`${RUN_EXIT_CODES} Of several runs the worst counts; runs that do not fit the machine are ignored.`);
}

async function run(args: RunArguments): Promise<number> {
  const transport = args.transport === undefined ? [] : [`transport=${args.transport}`];
  const settings = [...transport, ...settingsOf(args)];
  if (args.resume !== undefined && args.repeat === undefined) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--resume ${args.resume}: expected --repeat N as well, found none: repeat the command of the interrupted series.`,
    );
  }
  checkOutputs(args);
  if (args.repeat !== undefined && args.store !== undefined) throw storeOfOneRun(args.store);
  if (args.repeat !== undefined) return repeatRun(onlyScenario(args), settings, args.repeat, args);
  endWithParent();
  const order = await findRuns(args.scenario, settings, args.step);
  sayScenarioNotes(args.quiet);
  if (order.series !== null) {
    if (args.store !== undefined) throw storeOfOneRun(args.store);
    return runSeries(order.series, args);
  }
  const prepared = prepareRun(order.scenario, order.file, null);
  const { advice } = prepared;
  return runAndReport(withStore(prepared.order, args.store), advice, args);
}

function storeOfOneRun(store: string): TrunklineError {
  return new TrunklineError(
    'ARGUMENT_INVALID',
    `--store ${store}: expected a single run, found several: a store belongs to one run at a time.`,
  );
}

/** @throws ARGUMENT_INVALID if the scenario has no store. */
function withStore(order: RunOrder, store: string | undefined): RunOrder {
  if (store === undefined) return order;
  checkStored(store, order.plan);
  checkMembersKnown(store, order.plan);
  return { ...order, storeFolder: store };
}

function onlyScenario({ scenario, step }: RunArguments): string {
  const [only, ...others] = scenario;
  if (only !== undefined && others.length === 0 && step.length === 0) return only;
  const found = [...scenario, ...step.map((name) => `--step ${name}`)].join(', ');
  throw new TrunklineError('ARGUMENT_INVALID', `--repeat: expected one scenario and no step, found ${found}.`);
}
