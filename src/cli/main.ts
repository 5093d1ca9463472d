#!/usr/bin/env node
/** The command line: the only place that prints or exits. */
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { TrunklineError } from '../base/errors.ts';
import { packageVersion } from '../measure/fingerprint.ts';
import { unwritableFile } from '../run/result-folder.ts';
import { ExitCode } from './exit-code.ts';
import { completeScenario } from './find-scenario.ts';
import { type SecretArguments, takeEnvironmentSecret } from './secret-options.ts';

const HELP_WIDTH = 100;
const TAKE_SCENARIOS = ['run', 'compare', 'aa', 'gate', 'history', 'drive', 'capacity', 'doctor'];

type Add = (parser: Argv, environmentSecret: SecretArguments) => Promise<unknown>;

/** Loaded when they are asked for: to load all of them takes longer than some of them take to run. */
const COMMANDS: Readonly<Record<string, Add>> = {
  run: async (parser) => parser.command((await import('./run-command.ts')).runCommand()),
  compare: async (parser) => parser.command((await import('./compare-command.ts')).compareCommand()),
  aa: async (parser) => parser.command((await import('./aa-command.ts')).aaCommand()),
  gate: async (parser) => parser.command((await import('./gate-command.ts')).gateCommand()),
  history: async (parser) => parser.command((await import('./history-command.ts')).historyCommand()),
  report: async (parser) => parser.command((await import('./report-command.ts')).reportCommand()),
  serve: async (parser, secret) => parser.command((await import('./serve-command.ts')).serveCommand(secret)),
  drive: async (parser, secret) => parser.command((await import('./drive-command.ts')).driveCommand(secret)),
  capacity: async (parser) => parser.command((await import('./capacity-command.ts')).capacityCommand()),
  ladder: async (parser) => parser.command((await import('./ladder-command.ts')).ladderCommand()),
  doctor: async (parser) => parser.command((await import('./doctor-command.ts')).doctorCommand()),
  metrics: async (parser) => parser.command((await import('./metrics-command.ts')).metricsCommand()),
};

/** Says what went wrong: a sentence for what people can mend, the stack for what only we can. */
function complain(error: unknown): number {
  if (error instanceof TrunklineError) {
    process.stderr.write(`trunkline: ${error.code}: ${error.message}\n`);
    return error.kind === 'usage' ? ExitCode.USAGE : ExitCode.INVALID;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`trunkline: this is a fault of trunkline itself, please report it:\n${text}\n`);
  return ExitCode.INVALID;
}

async function main(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(); // the reader has seen enough
    process.exit(complain(unwritableFile('stdout', error)));
  });
  const environmentSecret = takeEnvironmentSecret(process.env);
  const parser = yargs(hideBin(process.argv))
    .scriptName('trunkline')
    .usage(
      '$0 <command>\n\nConnection count, throughput and memory per connection of a message switch under millions of phones.',
    )
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .env('TRUNKLINE')
    .completion(
      'completion',
      'Print a script for completion in bash or zsh',
      (current: string, argv: { _: (string | number)[] }) =>
        argv._.some((word) => TAKE_SCENARIOS.includes(String(word)))
          ? completeScenario(current)
          : [...Object.keys(COMMANDS), 'completion'],
    )
    .example('$0 run million', 'Hold a million simulated phones and measure')
    .example('$0 compare smoke --candidate-set switch.shards=4', 'What one change does, in ten pairs')
    .example('$0 capacity smoke', 'Search the most messages a second')
    .example('$0 doctor', 'Say what this machine allows')
    .example('$0 completion >> ~/.bashrc', 'Complete commands and scenarios with Tab')
    .demandCommand(1, 'Expected a command; see trunkline --help.')
    .recommendCommands()
    .strict()
    .version(packageVersion())
    .alias('help', 'h')
    .wrap(Math.min(HELP_WIDTH, process.stdout.columns || HELP_WIDTH))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined) throw error;
      throw new TrunklineError('ARGUMENT_INVALID', `${message ?? 'The arguments are wrong.'} See trunkline --help.`);
    });
  const [asked = ''] = hideBin(process.argv);
  const wanted = Object.entries(COMMANDS).filter(([name]) => name === asked || !Object.hasOwn(COMMANDS, asked));
  for (const [, add] of wanted) await add(parser, environmentSecret);
  await parser.parseAsync();
}

try {
  await main();
} catch (error) {
  // Where yargs is asked to complete it does, and then goes on to complain of the flag that asked for it.
  if (!process.argv.includes('--get-yargs-completions')) process.exitCode = complain(error);
}
