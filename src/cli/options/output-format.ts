/** How a command prints what it found: for a person, a program, or a page. Every command has the same two options. */
import type { Argv } from 'yargs';

const FORMATS = ['text', 'json', 'markdown'] as const;
export type OutputFormat = (typeof FORMATS)[number];

export interface FormatArguments {
  readonly format: OutputFormat;
}

export function formatOption<Before>(yargs: Argv<Before>): Argv<Before & FormatArguments> {
  return yargs
    .option('format', { choices: FORMATS, default: 'text' as OutputFormat, describe: 'Format of the output on stdout' })
    .option('json', { alias: 'j', type: 'boolean', default: false, describe: 'The same as --format json' })
    .middleware((args: Record<string, unknown>) => {
      if (args['json'] === true) args['format'] = 'json';
    }) as unknown as Argv<Before & FormatArguments>; // json has become a format
}

/** Prints one of the three; only the one that is wanted is made. */
export function printAs(format: OutputFormat, texts: Readonly<Record<OutputFormat, () => string>>): void {
  process.stdout.write(`${texts[format]().trimEnd()}\n`);
}

/** Text for a terminal as it stands on a page of Markdown. */
export function asBlock(text: string): string {
  return ['```text', text.trimEnd(), '```'].join('\n');
}
