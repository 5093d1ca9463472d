#!/usr/bin/env node
/**
 * The entry of the program: finds the command that a command line names, loads it and runs it, and turns what it throws
 * into one sentence and an exit code. Commands return or throw, so every error is reported in the same way, and each
 * command can clean up before the process ends.
 */
import type { Argv, CommandModule } from 'yargs';
import { type ErrorCode, TrunklineError } from '../base/errors.ts';
import { packageVersion } from '../measure/fingerprint.ts';
import { printable, printableLines } from '../report/text/printable.ts';
import { unwritableFile } from '../run/series/result-folder.ts';
import { nearest } from '../scenario/nearest.ts';
import { checkWords, unknownVariables } from './options/check-words.ts';
import type { Command } from './options/declared-command.ts';
import { completeScenario } from './options/find-scenario.ts';
import { type SecretArguments, takeEnvironmentSecret } from './options/secret-options.ts';
import { ExitCode } from './terminal/exit-code.ts';

const HELP_WIDTH = 100;
const TAKE_SCENARIOS = [
  'run',
  'compare',
  'aa',
  'gate',
  'history',
  'drive',
  'capacity',
  'doctor',
  'profile',
  'simulate',
];
const HELP = ['--help', '-h'];
const VERSION = ['--version', '-v'];
const COMPLETION = 'completion';
const COMPLETING = '--get-yargs-completions';

type Load = (environmentSecret: SecretArguments) => Promise<Command>;

/** Commands, and yargs, are loaded on demand: loading all of them takes longer than running some of them. */
async function load<Arguments>(module: CommandModule<object, Arguments>): Promise<Command> {
  return (await import('./options/declared-command.ts')).declaredCommand(module);
}

const COMMANDS: Readonly<Record<string, Load>> = {
  run: async () => load((await import('./commands/run/run-command.ts')).runCommand()),
  compare: async () => load((await import('./commands/compare/compare-command.ts')).compareCommand()),
  aa: async () => load((await import('./commands/compare/aa-command.ts')).aaCommand()),
  gate: async () => load((await import('./commands/compare/gate-command.ts')).gateCommand()),
  history: async () => load((await import('./commands/history-command.ts')).historyCommand()),
  report: async () => load((await import('./commands/report-command.ts')).reportCommand()),
  serve: async (secret) => load((await import('./commands/serve/serve-command.ts')).serveCommand(secret)),
  drive: async (secret) => load((await import('./commands/serve/drive-command.ts')).driveCommand(secret)),
  capacity: async () => load((await import('./commands/search/capacity-command.ts')).capacityCommand()),
  ladder: async () => load((await import('./commands/search/ladder-command.ts')).ladderCommand()),
  simulate: async () => load((await import('./commands/simulate/simulate-command.ts')).simulateCommand()),
  doctor: async () => load((await import('./commands/doctor-command.ts')).doctorCommand()),
  profile: async () => load((await import('./commands/profile/profile-command.ts')).profileCommand()),
  store: async () => load((await import('./commands/store-command.ts')).storeCommand()),
  metrics: async () => load((await import('./commands/metrics-command.ts')).metricsCommand()),
  init: async () => load((await import('./commands/init-command.ts')).initCommand()),
};

/** Errors after which the help of the command is useful. */
const HELP_HELPS: ReadonlySet<ErrorCode> = new Set([
  'ARGUMENT_INVALID',
  'SETTING_INVALID',
  'THRESHOLD_INVALID',
  'METRIC_UNKNOWN',
  'SCENARIO_UNKNOWN',
  'SECRET_MISSING',
]);

function invalid(message: string): TrunklineError {
  return new TrunklineError('ARGUMENT_INVALID', message);
}

/** Where to read more: the help of the command, if there is a command of that name. */
function helpFor(code: ErrorCode): string {
  if (!HELP_HELPS.has(code)) return '';
  const command = process.argv.slice(2).find((word) => Object.hasOwn(COMMANDS, word));
  return ` See trunkline ${command === undefined ? '' : `${command} `}--help.`;
}

/**
 * A message of several lines, of which only the first begins at the margin: a name in it cannot forge a line of ours.
 */
function indented(message: string): string {
  return printableLines(message).replace(/\n(?! )/g, '\n  ');
}

/** Reports an error: a sentence if the user can solve it, the stack if it is a bug. */
function complain(error: unknown): number {
  if (error instanceof TrunklineError) {
    const sentence = /[.?!…]$/.test(error.message) ? error.message : `${error.message}.`;
    process.stderr.write(`trunkline: ${error.code}: ${indented(sentence)}${helpFor(error.code)}\n`);
    return error.kind === 'usage' ? ExitCode.USAGE : ExitCode.INVALID;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `trunkline: this is a bug in trunkline, not an error in the command:\n${printableLines(text)}\n`,
  );
  return ExitCode.INVALID;
}

async function parserOf(commands: readonly Command[]): Promise<Argv> {
  const { default: yargs } = await import('yargs');
  const parser = yargs([])
    .scriptName('trunkline')
    .locale('en')
    .usage(
      '$0 <command>\n\nConnection count, throughput and memory per connection of a message switch under millions of phones.',
    )
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .completion(
      COMPLETION,
      'Print a script for completion in bash or zsh',
      (current: string, argv: { _: (string | number)[] }) =>
        argv._.some((word) => TAKE_SCENARIOS.includes(String(word)))
          ? completeScenario(current)
          : [...Object.keys(COMMANDS), COMPLETION],
    )
    .example('$0 run million', 'Hold a million simulated phones and measure')
    .example('$0 compare smoke --candidate-set switch.shards=4', 'What one change does, in ten pairs')
    .example('$0 capacity smoke', 'Find the highest message rate')
    .example('$0 doctor', 'Say what this machine allows')
    .example('$0 completion >> ~/.bashrc', 'Complete commands and scenarios with Tab')
    .strict()
    .version(packageVersion())
    .alias('help', 'h')
    .alias('version', 'v')
    .wrap(Math.min(HELP_WIDTH, process.stdout.columns || HELP_WIDTH))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error.name !== 'YError') throw error;
      throw invalid(`${message ?? error?.message ?? 'The arguments are wrong'}.`);
    });
  for (const command of commands) command.addTo(parser);
  return parser;
}

async function parse(commands: readonly Command[], words: readonly string[]): Promise<void> {
  const parser = await parserOf(commands);
  await parser.parseAsync([...words]);
}

async function allCommands(secret: SecretArguments): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((one) => one(secret)));
}

/** @throws ARGUMENT_INVALID if there is no command of that name. */
function loaderOf(name: string): Load {
  const loader = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (loader !== undefined) return loader;
  const names = Object.keys(COMMANDS);
  const hint = nearest(name, name.startsWith('-') ? [...HELP, ...VERSION] : names);
  const what = name.startsWith('-') ? 'option' : 'command';
  throw invalid(
    `There is no ${what} ${name.startsWith('-') ? name : `"${name}"`}${hint === '' ? `; there are ${names.join(', ')}.` : hint}`,
  );
}

/** Reports environment variables that match no option, once, and continues. */
async function sayUnknownVariables(secret: SecretArguments): Promise<void> {
  if (!Object.keys(process.env).some((name) => name.startsWith('TRUNKLINE_'))) return;
  const names = (await allCommands(secret)).flatMap(({ options }) => options.map(({ name }) => name));
  for (const line of unknownVariables(process.env, names))
    process.stderr.write(`trunkline: note: ${printable(line)}\n`);
}

async function main(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(); // the reader has closed the pipe
    process.exit(complain(unwritableFile('stdout', error)));
  });
  const secret = takeEnvironmentSecret(process.env);
  const typed = process.argv.slice(2);
  const [first = '', ...rest] = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  if (typed.includes(COMPLETING) || first === COMPLETION) {
    await parse(await allCommands(secret), typed);
    return;
  }
  if (first === '') throw invalid('Expected a command, such as trunkline run smoke, found none.');
  if (VERSION.includes(first)) {
    process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  if (HELP.includes(first)) {
    await parse(await allCommands(secret), [first]);
    return;
  }
  const command = await loaderOf(first)(secret);
  const options = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  if (options.some((word) => HELP.includes(word))) {
    await parse([command], [first, '--help']);
    return;
  }
  const words = checkWords(first, command, rest, process.env);
  await sayUnknownVariables(secret);
  await parse([command], [first, ...words]);
}

try {
  await main();
} catch (error) {
  // When yargs completes a command line, it also complains about the flag that requested the completion.
  if (!process.argv.includes(COMPLETING)) process.exitCode = complain(error);
}
