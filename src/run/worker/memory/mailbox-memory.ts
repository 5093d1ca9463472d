/**
 * Memory of the mailboxes of a switch with a store. The first part stays in memory; what is beyond it is a file that is
 * mapped behind it, so that long queues leave memory: the kernel writes their pages and reads them back when a phone
 * returns. Blocks are taken from the lowest on, and those that were freed last are used first, so short queues never touch
 * the file. It has no name: nothing is left of it when the thread ends, since the log has all that lasts.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TrunklineError } from '../../../base/errors.ts';
import type { TableMemory } from '../../../base/table-memory.ts';
import { formatBytes } from '../../../base/units.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../../transport/tcp/system/system-calls.ts';

const NAME = 'mailboxes.mapped';
const PAGE_BYTES = 2 ** 16;

/**
 * @param folder of the shard, for the file.
 * @param residentBytes bytes that stay in memory.
 * @param otherwise memory where nothing is to leave it, or where files cannot be mapped.
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

function mapped(folder: string, residentBytes: number, bytes: number): ArrayBuffer {
  const calls = loadSystemCalls();
  const path = join(folder, NAME);
  const descriptor = openSync(path, 'w+', 0o600);
  try {
    rmSync(path);
    // All of it now: a page of a mapped file for which the disk has no room would end the process.
    const error = calls.allocateFile(descriptor, 0, bytes - residentBytes);
    const memory = error === 0 ? calls.mapBehind(residentBytes, bytes, descriptor) : null;
    if (memory === null) {
      throw new TrunklineError(
        'STORE_UNWRITABLE',
        `Expected room for ${formatBytes(bytes - residentBytes)} of mailboxes in ${folder}, found none. Free space on the disk, make switch.mailbox.blocks smaller, or raise switch.store.resident.`,
      );
    }
    return memory;
  } finally {
    closeSync(descriptor);
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
