#!/usr/bin/env node
/** The command line: the only place that prints or exits. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { TrunklineError } from '../base/errors.ts';
import { packageVersion } from '../measure/fingerprint.ts';
import { unwritableFile } from '../run/result-folder.ts';
import { aaCommand } from './aa-command.ts';
import { capacityCommand } from './capacity-command.ts';
import { compareCommand } from './compare-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { driveCommand } from './drive-command.ts';
import { ExitCode } from './exit-code.ts';
import { completeScenario } from './find-scenario.ts';
import { gateCommand } from './gate-command.ts';
import { historyCommand } from './history-command.ts';
import { ladderCommand } from './ladder-command.ts';
import { reportCommand } from './report-command.ts';
import { runCommand } from './run-command.ts';
import { takeEnvironmentSecret } from './secret-options.ts';
import { serveCommand } from './serve-command.ts';

const HELP_WIDTH = 100;
const TAKE_SCENARIOS = ['run', 'compare', 'aa', 'gate', 'history', 'drive', 'capacity', 'doctor'];
const COMMANDS = [...TAKE_SCENARIOS, 'report', 'serve', 'ladder', 'completion'];

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
    .command(runCommand())
    .command(compareCommand())
    .command(aaCommand())
    .command(gateCommand())
    .command(historyCommand())
    .command(reportCommand())
    .command(serveCommand(environmentSecret))
    .command(driveCommand(environmentSecret))
    .command(capacityCommand())
    .command(ladderCommand())
    .command(doctorCommand())
    .env('TRUNKLINE')
    .completion(
      'completion',
      'Print a script for completion in bash or zsh',
      (current: string, argv: { _: (string | number)[] }) =>
        argv._.some((word) => TAKE_SCENARIOS.includes(String(word))) ? completeScenario(current) : COMMANDS,
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
  await parser.parseAsync();
}

try {
  await main();
} catch (error) {
  // Where yargs is asked to complete it does, and then goes on to complain of the flag that asked for it.
  if (!process.argv.includes('--get-yargs-completions')) process.exitCode = complain(error);
}
