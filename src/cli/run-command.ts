/** `trunkline run`: one scenario from its file to its result and exit code. */
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../base/errors.ts';
import { machineLimits } from '../measure/machine-limits.ts';
import { allocatableBytes } from '../measure/memory.ts';
import { summarize } from '../report/summary.ts';
import { executeRun, type RunListener } from '../run/execute-run.ts';
import { preflight, problemText } from '../run/preflight.ts';
import { ResultFolder, runId } from '../run/result-folder.ts';
import { checkMemory, planOn } from '../run/run-plan.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { TRANSPORTS, type TransportName } from '../scenario/scenario-schema.ts';
import { endWithParent } from './end-with-parent.ts';
import { exitCodeOf } from './exit-code.ts';
import { findScenario, shippedScenarios } from './find-scenario.ts';
import { Interruption } from './interruption.ts';
import { LiveView, SILENT } from './live-view.ts';
import { repeatRun } from './repeat-run.ts';
import { paletteFor } from './terminal-palette.ts';

export interface RunArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly transport: TransportName | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly repeat: number | undefined;
  readonly resume: string | undefined;
}

/** A typing error, not a plan, is above it. */
const REPEATS_MOST = 1000;
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 run smoke', 'Ten thousand simulated phones, a few seconds'],
  ['$0 run million', 'A million simulated phones'],
  ['$0 run million --set traffic.rate=300k', 'Change one thing, and compare'],
  ['$0 run ./mine.yaml --json > result.json', 'A scenario of your own, the result on stdout'],
];

export function runCommand(): CommandModule<object, RunArguments> {
  return {
    command: 'run <scenario>',
    describe: 'Run a scenario, report, and judge its thresholds',
    builder,
    handler: async (args) => {
      process.exitCode = args.repeat === undefined ? await run(args) : await repeatRun(args, timesOf(args.repeat));
    },
  };
}

function builder(yargs: Argv<object>): Argv<RunArguments> {
  return yargs
    .positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'Name of a shipped scenario, or path of a YAML file',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Put a value into the scenario, such as phones.count=20k; may be repeated',
    })
    .option('transport', {
      choices: TRANSPORTS,
      describe: 'What lies between phones and switch, instead of what the scenario says',
    })
    .option('out', { type: 'string', default: 'results', describe: 'Folder in which the folder of the result is made' })
    .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON instead of the summary' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .option('repeat', {
      type: 'number',
      describe: 'Run it so many times, each in a fresh process; --json prints an array',
    })
    .option('resume', { type: 'string', describe: 'With --repeat: go on with the runs in this folder' })
    .implies('resume', 'repeat')
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      'Exit codes: 0 fine, 1 a threshold failed, 2 usage or configuration, 3 the measurement is invalid, 130 and 143 on signals.',
    );
}

/** Completion: names of scenarios after `run`. */
export async function completeScenario(current: string): Promise<string[]> {
  return (await shippedScenarios()).filter((name) => name.startsWith(current));
}

function timesOf(repeat: number): number {
  if (Number.isInteger(repeat) && repeat >= 1 && repeat <= REPEATS_MOST) return repeat;
  throw new TrunklineError('ARGUMENT_INVALID', `--repeat: expected 1 to ${REPEATS_MOST} runs, found ${repeat}.`);
}

async function run(args: RunArguments): Promise<number> {
  const { file, text } = await findScenario(args.scenario);
  const transport = args.transport === undefined ? [] : [`transport=${args.transport}`];
  const scenario = parseScenario(text, file, [...transport, ...args.set]);
  const { plan, sockets } = planOn(scenario, machineLimits(), 'both');
  const advice = sockets === null ? [] : preflight(sockets);
  if (sockets === null) checkMemory(plan, allocatableBytes() ?? Number.POSITIVE_INFINITY);
  endWithParent();
  const startedAt = new Date();
  const id = runId(scenario.name, startedAt);
  const folder = await ResultFolder.create(args.out, id);
  const isSimulated = scenario.settings.transport === 'memory';
  const view = new LiveView(process.stderr, paletteFor(process.stderr, process.env), isSimulated);
  const interruption = new Interruption((text) => {
    if (!args.quiet) view.note(text);
  });
  try {
    const listener: RunListener = args.quiet ? SILENT : view;
    if (!args.quiet) for (const problem of advice) view.note(`note:\n${problemText(problem)}`);
    const order = { scenario, file, plan, id, startedAt, targets: null };
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
