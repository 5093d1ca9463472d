/** How a command prints what it found: for a person, a program, or a page. */
import type { Argv } from 'yargs';

const FORMATS = ['text', 'json', 'markdown'] as const;
export type OutputFormat = (typeof FORMATS)[number];

export function formatOption<Before>(yargs: Argv<Before>): Argv<Before & { format: OutputFormat }> {
  return yargs.option('format', {
    choices: FORMATS,
    default: 'text' as OutputFormat,
    describe: 'What is printed on stdout',
  });
}

/** Prints one of the three; only the one that is wanted is made. */
export function printAs(format: OutputFormat, texts: Readonly<Record<OutputFormat, () => string>>): void {
  process.stdout.write(`${texts[format]().trimEnd()}\n`);
}
