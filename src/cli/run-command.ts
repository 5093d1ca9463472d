/** `trunkline run`: one scenario from its file to its result and exit code. */
import type { Argv, CommandModule } from 'yargs';
import { machineLimits } from '../measure/machine-limits.ts';
import { allocatableBytes } from '../measure/memory.ts';
import { preflight } from '../run/preflight.ts';
import { checkMemory, planOn } from '../run/run-plan.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { TRANSPORTS, type TransportName } from '../scenario/scenario-schema.ts';
import { findScenario } from './find-scenario.ts';
import { RUN_EXIT_CODES, runAndReport, type ScenarioArguments, scenarioOptions } from './run-and-report.ts';

export interface RunArguments extends ScenarioArguments {
  readonly transport: TransportName | undefined;
}

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
      process.exitCode = await run(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<RunArguments> {
  return scenarioOptions(yargs)
    .option('transport', {
      choices: TRANSPORTS,
      describe: 'What lies between phones and switch, instead of what the scenario says',
    })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(RUN_EXIT_CODES);
}

async function run(args: RunArguments): Promise<number> {
  const { file, text } = await findScenario(args.scenario);
  const transport = args.transport === undefined ? [] : [`transport=${args.transport}`];
  const scenario = parseScenario(text, file, [...transport, ...args.set]);
  const { plan, sockets } = planOn(scenario, machineLimits(), 'both');
  const advice = sockets === null ? [] : preflight(sockets);
  if (sockets === null) checkMemory(plan, allocatableBytes() ?? Number.POSITIVE_INFINITY);
  return runAndReport({ scenario, file, plan, targets: null }, advice, args);
}
