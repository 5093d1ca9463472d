/** The output format of a command: text, JSON or Markdown. Every command has the same two options. */
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
    }) as unknown as Argv<Before & FormatArguments>; // json is converted to a format
}

/** Prints one of the three; only that one is generated. */
export function printAs(format: OutputFormat, texts: Readonly<Record<OutputFormat, () => string>>): void {
  process.stdout.write(`${texts[format]().trimEnd()}\n`);
}

/** Text for a terminal as a code block in Markdown. */
export function asBlock(text: string): string {
  return ['```text', text.trimEnd(), '```'].join('\n');
}
