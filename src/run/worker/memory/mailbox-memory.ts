/**
 * Memory of the mailboxes of a switch with a store. The first part stays in memory; what is beyond it is a file that is
 * mapped behind it, so that long queues leave memory: the kernel writes their pages and reads them back when a phone
 * returns. Blocks are taken from the lowest on, and those that were freed last are used first, so short queues never
 * touch the file. It has no name: nothing is left of it when the thread ends, since the log has all that lasts.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TrunklineError } from '../../../base/errors.ts';
import type { TableMemory } from '../../../base/table-memory.ts';
import { formatBytes } from '../../../base/units.ts';
import { attempt } from '../../../disk/store-folder.ts';
import { BLOCK_BYTES } from '../../../store/mailbox-blocks.ts';
import { ErrorNumber, errorName } from '../../../transport/tcp/system/error-number.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../../transport/tcp/system/system-calls.ts';

const NAME = 'mailboxes.mapped';
const PAGE_BYTES = 2 ** 16;

/**
 * @param folder of the shard, for the file.
 * @param residentBytes bytes that stay in memory.
 * @param otherwise memory where nothing is to leave it, or where files cannot be mapped.
 * @returns memory whose `words` throws STORE_UNWRITABLE if the file cannot be made, or has no room.
 */
export function mailboxMemory(folder: string, residentBytes: number, otherwise: TableMemory): TableMemory {
  return {
    words: (count) => {
      const bytes = roundUp(count * Int32Array.BYTES_PER_ELEMENT);
      const resident = roundUp(residentBytes);
      if (bytes <= resident || whyNoSystemCalls() !== null) return otherwise.words(count);
      return new Int32Array(mapped(folder, resident, bytes), 0, count);
    },
  };
}

/** Blocks of a shard that stay in memory; all of them where files cannot be mapped. */
export function residentBlocks(residentBytes: number): number | undefined {
  return whyNoSystemCalls() === null ? Math.floor(roundUp(residentBytes) / BLOCK_BYTES) : undefined;
}

function mapped(folder: string, residentBytes: number, bytes: number): ArrayBuffer {
  const calls = loadSystemCalls();
  const path = join(folder, NAME);
  const descriptor = attempt(folder, 'open', () => openSync(path, 'w+', 0o600));
  try {
    attempt(folder, 'open', () => rmSync(path));
    // All of it now: a page of a mapped file for which the disk has no room would end the process.
    const error = calls.allocateFile(descriptor, 0, bytes - residentBytes);
    const memory = error === 0 ? calls.mapBehind(residentBytes, bytes, descriptor) : null;
    if (memory === null) throw mappingRefused(folder, bytes - residentBytes, error === 0 ? calls.errno() : error);
    return memory;
  } finally {
    closeSync(descriptor);
  }
}

/** The error for a file of mailboxes that the system refused. @param errno of the call that failed. */
export function mappingRefused(folder: string, bytes: number, errno: number): TrunklineError {
  const found = errno === ErrorNumber.ENOSPC ? 'none' : `the error ${errorName(errno)}`;
  const advice = errno === ErrorNumber.ENOSPC ? 'Free space on the disk' : 'Use a folder on another file system';
  return new TrunklineError(
    'STORE_UNWRITABLE',
    `Expected room for ${formatBytes(bytes)} of mailboxes in ${folder}, found ${found}. ${advice}, make switch.mailbox.blocks smaller, or raise switch.store.resident.`,
  );
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
