/**
 * Runs command lines one after the other in one process, as if each were typed, and prints what became of each: an
 * Outcome per line of JSON. For commands that are refused before anything starts: a process for each of them would
 * spend its time on loading the same modules again.
 *
 * Its only argument is a list of {@link TypedCommand}, as JSON.
 */
import type { Outcome } from './command.test-suite.ts';

export interface TypedCommand {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const MAIN = new URL('../../main.js', import.meta.url);
const [, , list = '[]'] = process.argv;
const commands = JSON.parse(list) as readonly TypedCommand[]; // written by the test
const environment = { ...process.env };
const print = process.stdout.write.bind(process.stdout);
process.stdout.setMaxListeners(0); // each command adds one of its own

/** Collects what is written to a stream from now on. */
function collect(stream: NodeJS.WriteStream): { text: string } {
  const collected = { text: '' };
  stream.write = (text: string | Uint8Array): boolean => {
    collected.text += typeof text === 'string' ? text : Buffer.from(text).toString();
    return true;
  };
  return collected;
}

for (const [n, command] of commands.entries()) {
  process.argv = [process.execPath, MAIN.pathname, ...command.words];
  process.env = { ...environment, ...command.environment };
  process.exitCode = undefined;
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  await import(`${MAIN.href}?typed=${n}`); // a module of its own, which shares all that it imports
  const outcome: Outcome = { code: Number(process.exitCode ?? 0), stdout: stdout.text, stderr: stderr.text };
  print(`${JSON.stringify(outcome)}\n`);
}
process.exitCode = 0;
