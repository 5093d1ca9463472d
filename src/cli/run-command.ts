/** `trunkline run`: scenarios from their files to results and an exit code. */
import type { Argv, CommandModule } from 'yargs';
import { summarize } from '../report/summary.ts';
import { executeRun, type RunListener } from '../run/execute-run.ts';
import { problemText } from '../run/preflight.ts';
import { prepareRun } from '../run/prepare-run.ts';
import { ResultFolder } from '../run/result-folder.ts';
import { TRANSPORTS, type TransportName } from '../scenario/scenario-schema.ts';
import { exitCodeOf } from './exit-code.ts';
import { findRuns, type OneRun } from './find-runs.ts';
import { shippedScenarios } from './find-scenario.ts';
import { Interruption } from './interruption.ts';
import { LiveView, SILENT } from './live-view.ts';
import { runSeries } from './run-series.ts';
import { paletteFor } from './terminal-palette.ts';

export interface RunArguments {
  readonly scenario: readonly string[];
  readonly set: readonly string[];
  readonly step: readonly string[];
  readonly transport: TransportName | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 run smoke', 'Ten thousand simulated phones, a few seconds'],
  ['$0 run million', 'A million simulated phones'],
  ['$0 run million --set traffic.rate=300k', 'Change one thing, and compare'],
  ['$0 run transports', 'One load over every transport, side by side'],
  ['$0 run idle-ladder --step 200k --step 425k', 'Two rungs of a ladder'],
  ['$0 run ./mine.yaml --json > result.json', 'A scenario of your own, the result on stdout'],
];

export function runCommand(): CommandModule<object, RunArguments> {
  return {
    command: 'run <scenario..>',
    describe: 'Run a scenario, report, and judge its thresholds; several, or one with steps, side by side',
    builder,
    handler: async (args) => {
      process.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<RunArguments> {
  return yargs
    .positional('scenario', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Names of shipped scenarios, or paths of YAML files',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Put a value into the scenario, such as phones.count=20k; may be repeated',
    })
    .option('step', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Run only this step of the scenario; may be repeated',
    })
    .option('transport', {
      choices: TRANSPORTS,
      describe: 'What lies between phones and switch, instead of what the scenario says',
    })
    .option('out', { type: 'string', default: 'results', describe: 'Folder in which the folder of the result is made' })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print the result (of steps: all of them, in a list) as JSON',
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      'Exit codes: 0 fine, 1 a threshold failed, 2 usage or configuration, 3 the measurement is invalid, 130 and 143 on signals; of several runs the worst, those that do not fit the machine aside.',
    );
}

/** Completion: names of scenarios after `run`. */
export async function completeScenario(current: string): Promise<string[]> {
  return (await shippedScenarios()).filter((name) => name.startsWith(current));
}

async function run(args: RunArguments): Promise<number> {
  const transport = args.transport === undefined ? [] : [`transport=${args.transport}`];
  const order = await findRuns(args.scenario, [...transport, ...args.set], args.step);
  return order.series === null ? runOne(order, args) : runSeries(order.series, args);
}

async function runOne({ scenario, file }: OneRun, args: RunArguments): Promise<number> {
  const { order, advice } = prepareRun(scenario, file, null);
  const folder = await ResultFolder.create(args.out, order.id);
  const isSimulated = scenario.settings.transport === 'memory';
  const view = new LiveView(process.stderr, paletteFor(process.stderr, process.env), isSimulated);
  const interruption = new Interruption((text) => (args.quiet ? undefined : view.note(text)));
  try {
    const listener: RunListener = args.quiet ? SILENT : view;
    if (!args.quiet) for (const problem of advice) view.note(`note:\n${problemText(problem)}`);
    const result = await executeRun(order, listener, interruption.signal);
    view.close();
    const path = await folder.write(result);
    const output = args.json
      ? JSON.stringify(result, null, 1)
      : summarize(result, path, paletteFor(process.stdout, process.env));
    process.stdout.write(`${output}\n`);
    return interruption.exitCode ?? exitCodeOf(result);
  } catch (error) {
    view.close();
    await folder.discard();
    throw error;
  } finally {
    interruption.close();
  }
}
