/** `trunkline store check DIR`: reads every record of a store and counts what waits in it. */

import type { Argv, CommandModule } from 'yargs';
import { formatBytes, formatCountOf } from '../../base/units.ts';
import { type CheckedLog, checkLog } from '../../disk/check-log.ts';
import { StoreFolder } from '../../disk/store-folder.ts';
import { processStart } from '../../measure/process-start.ts';
import { markdownBlock } from '../../report/text/markdown.ts';
import { untrackedRecordsText } from '../../result/untracked-records-text.ts';
import { formatOption, type OutputFormat, printAs } from '../options/output-format.ts';
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
    describe: 'Check a store: read every record, and count the messages that wait in it',
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
      describe: 'check: reads everything and changes nothing',
    })
    .positional('folder', { type: 'string', demandOption: true, describe: 'Folder of the store' })
    .example([['$0 store check mail', 'Is the store undamaged, and how many messages wait in it?']])
    .epilogue('No run or switch may have the store open. Exit codes: 0 undamaged; 2 damaged, in use, or not a store.');
}

/** @throws STORE_MISSING, STORE_LOCKED, STORE_DAMAGED, STORE_FOREIGN or STORE_VERSION. */
function check({ folder, format }: StoreArguments): number {
  const store = StoreFolder.openAny(folder, processStart);
  try {
    const { shards, numbering } = store.manifest;
    void store.idsUsed; // throws if it is damaged: a run would refuse the store
    const logs = Array.from({ length: shards }, (_, shard) => checkLog(store, shard));
    const text = (): string =>
      checkedText(
        logs,
        numbering.reduce((sum, block) => sum + block.count, 0),
      );
    printAs(format, {
      text,
      json: () => JSON.stringify({ schema: SCHEMA, shards, numbering, logs }),
      markdown: () => markdownBlock(text()),
    });
    return ExitCode.FINE;
  } finally {
    store.close();
  }
}

/**
 * Shards whose logs are empty beside others that are not. A log without files cannot be told from one never written.
 */
function withoutRecords(logs: readonly CheckedLog[]): string[] {
  const empty = logs.filter(({ records }) => records === 0);
  if (empty.length === 0 || empty.length === logs.length) return [];
  return [
    `no records of ${empty.map(({ shard }) => `shard ${shard}`).join(', ')}: nothing was stored there, or its files were removed`,
  ];
}

/** What a check has found, as text. @param accounts that the store has. */
export function checkedText(logs: readonly CheckedLog[], accounts: number): string {
  const sum = (name: Exclude<keyof CheckedLog, 'shard'>): number => logs.reduce((total, log) => total + log[name], 0);
  const torn = sum('tornBytes');
  return [
    `${formatCountOf(logs.length, 'shard')} for ${formatCountOf(accounts, 'number')}: ${formatBytes(sum('bytes'))} in ${formatCountOf(sum('files'), 'file')}, ${formatCountOf(sum('records'), 'record')}`,
    `waiting: ${formatCountOf(sum('messages'), 'message')} and ${formatCountOf(sum('receipts'), 'receipt')} in ${formatCountOf(sum('mailboxes'), 'mailbox', 'mailboxes')}`,
    ...(sum('groupItems') + sum('groupChanges') === 0
      ? []
      : [
          `groups: ${formatCountOf(sum('groupItems'), 'message or change', 'messages and changes')} on the way to members, ${formatCountOf(sum('groupChanges'), 'changed membership')}`,
        ]),
    ...(torn === 0 ? [] : [`${formatBytes(torn)} at the end of logs: incomplete writes, which the next start removes`]),
    ...withoutRecords(logs),
    ...(sum('untrackedRecords') === 0 ? [] : [untrackedRecordsText(sum('untrackedRecords'))]),
    'The store is undamaged.',
  ].join('\n');
}
