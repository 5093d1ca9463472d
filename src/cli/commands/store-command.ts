/** `trunkline store check DIR`: reads every record of a store and counts what waits in it. */
import type { Argv, CommandModule } from 'yargs';
import { formatBytes, formatCount } from '../../base/units.ts';
import { type CheckedLog, checkLog } from '../../disk/check-store.ts';
import { StoreFolder } from '../../disk/store-folder.ts';
import { processStart } from '../../measure/process-start.ts';
import { asBlock, formatOption, type OutputFormat, printAs } from '../options/output-format.ts';
import { ExitCode } from '../terminal/exit-code.ts';

export interface StoreArguments {
  readonly action: string;
  readonly folder: string;
  readonly format: OutputFormat;
}

const SCHEMA = 'trunkline.store-check/1';

export function storeCommand(): CommandModule<object, StoreArguments> {
  return {
    command: 'store <action> <folder>',
    describe: 'Check a store: read every record, and count what waits in it',
    builder,
    handler: async (args) => {
      process.exitCode = check(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<StoreArguments> {
  return formatOption(yargs)
    .positional('action', {
      type: 'string',
      choices: ['check'],
      demandOption: true,
      describe: 'check: nothing is changed',
    })
    .positional('folder', { type: 'string', demandOption: true, describe: 'Folder of the store' })
    .example([['$0 store check mail', 'Is it whole, and what waits in it?']])
    .epilogue('The store must not be open. Exit codes: 0 whole, 2 damaged, or not a store.');
}

/** @throws STORE_MISSING, STORE_LOCKED, STORE_DAMAGED, STORE_FOREIGN or STORE_VERSION. */
function check({ folder, format }: StoreArguments): number {
  const store = StoreFolder.openAny(folder, processStart);
  try {
    const { shards, numbering } = store.manifest;
    const logs = Array.from({ length: shards }, (_, shard) => checkLog(store, shard));
    const text = (): string =>
      checkedText(
        logs,
        numbering.reduce((sum, block) => sum + block.count, 0),
      );
    printAs(format, {
      text,
      json: () => JSON.stringify({ schema: SCHEMA, shards, numbering, logs }),
      markdown: () => asBlock(text()),
    });
    return ExitCode.FINE;
  } finally {
    store.close();
  }
}

function checkedText(logs: readonly CheckedLog[], accounts: number): string {
  const sum = (name: Exclude<keyof CheckedLog, 'shard'>): number => logs.reduce((total, log) => total + log[name], 0);
  const torn = sum('tornBytes');
  return [
    `${logs.length} shards for ${formatCount(accounts)} numbers: ${formatBytes(sum('bytes'))} in ${formatCount(sum('files'))} files, ${formatCount(sum('records'))} records`,
    `${formatCount(sum('messages'))} messages and ${formatCount(sum('receipts'))} receipts wait in ${formatCount(sum('mailboxes'))} mailboxes`,
    ...(torn === 0
      ? []
      : [`${formatBytes(torn)} at the end of logs were never permanent; the next start removes them`]),
    'The store is whole.',
  ].join('\n');
}
