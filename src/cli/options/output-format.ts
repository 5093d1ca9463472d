/**
 * The output format of a command: text, JSON or Markdown, and for commands that have a page, HTML. Every command has
 * the same two options.
 */
import type { Argv } from 'yargs';

const FORMATS = ['text', 'json', 'markdown'] as const;
export type OutputFormat = (typeof FORMATS)[number];

const PAGE_FORMATS = [...FORMATS, 'html'] as const;
/** The formats of a command that has a page. */
export type PageFormat = (typeof PAGE_FORMATS)[number];

export interface FormatArguments {
  readonly format: OutputFormat;
}

export interface PageFormatArguments {
  readonly format: PageFormat;
}

/** For a command without a page. */
export function formatOption<Before>(yargs: Argv<Before>): Argv<Before & FormatArguments> {
  return formatsOption(yargs, FORMATS) as unknown as Argv<Before & FormatArguments>; // one of the choices
}

/** For a command with a page. */
export function pageFormatOption<Before>(yargs: Argv<Before>): Argv<Before & PageFormatArguments> {
  return formatsOption(yargs, PAGE_FORMATS) as unknown as Argv<Before & PageFormatArguments>; // one of the choices
}

function formatsOption<Before>(yargs: Argv<Before>, choices: readonly string[]): Argv<Before> {
  return yargs
    .option('format', { choices, default: 'text', describe: 'Format of the output on stdout' })
    .option('json', { alias: 'j', type: 'boolean', default: false, describe: 'The same as --format json' })
    .middleware((args: Record<string, unknown>) => {
      if (args['json'] === true) args['format'] = 'json';
    }) as unknown as Argv<Before>; // json is converted to a format
}

/** Prints one of the formats; only that one is generated. */
export function printAs<Format extends PageFormat>(
  format: Format,
  texts: Readonly<Record<Format, () => string>>,
): void {
  process.stdout.write(`${texts[format]().trimEnd()}\n`);
}
