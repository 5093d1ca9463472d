/**
 * Options that change the scenario: `--set` for any key, and short options for the three most common ones, with the
 * letters of autocannon: `-c` connections, `-d` duration, `-w` workers.
 */
import type { Argv } from 'yargs';
import { TrunklineError } from '../../base/errors.ts';
import { parseCount, parseDurationMicros } from '../../base/units.ts';

export interface LoadArguments {
  readonly set: readonly string[];
  readonly phones: string | undefined;
  readonly measure: string | undefined;
  readonly threads: string | undefined;
}

/** Options that change a scenario, for a command whose `--thread` means something else than `--threads`. */
export function settingOptions<Before>(yargs: Argv<Before>): Argv<Before & Omit<LoadArguments, 'threads'>> {
  return yargs
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Set a key of the scenario, such as phones.count=20k; may be repeated',
    })
    .option('phones', { alias: 'c', type: 'string', describe: 'Number of phones: phones.count' })
    .option('measure', {
      alias: 'd',
      type: 'string',
      describe: 'Duration of the measurement: phases.measure; 10 means 10s',
    });
}

export function loadOptions<Before>(yargs: Argv<Before>): Argv<Before & LoadArguments> {
  return settingOptions(yargs).option('threads', {
    alias: 'w',
    type: 'string',
    describe: 'Threads per side: switch.shards, driver.lanes',
  });
}

/** The settings for these arguments; those of `--set` come last. @throws ARGUMENT_INVALID. */
export function settingsOf({
  set,
  phones,
  measure,
  threads,
}: Omit<LoadArguments, 'measure'> & Partial<LoadArguments>): string[] {
  return [
    ...(phones === undefined ? [] : [`phones.count=${checkedCount('--phones', phones)}`]),
    ...(measure === undefined ? [] : [`phases.measure=${checkedDuration(measure)}`]),
    ...(threads === undefined
      ? []
      : ['switch.shards', 'driver.lanes'].map((key) => `${key}=${checkedCount('--threads', threads)}`)),
    ...set,
  ];
}

function checkedCount(option: string, text: string): string {
  const count = parseCount(text);
  if (count !== null && Number.isInteger(count) && count >= 1) return String(count);
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `${option}: expected a whole number of at least 1, such as ${option === '--phones' ? '20k' : '2'}, found "${text}".`,
  );
}

/** A bare number is in seconds, as in autocannon. */
function checkedDuration(text: string): string {
  const written = /^\d+(\.\d+)?$/.test(text) ? `${text}s` : text;
  if (parseDurationMicros(written) !== null) return written;
  throw new TrunklineError('ARGUMENT_INVALID', `--measure: expected a duration such as 10s, found "${text}".`);
}
