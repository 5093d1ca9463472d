/** Reads from the logs of a store which ids of messages phones have used. Nothing is changed. */
import { crc32 } from 'node:zlib';
import { SERIAL_MASK, serialDistance } from '../base/serial-distance.ts';
import { readLog } from '../store/durable/read-log.ts';
import { hasWindow } from '../store/restore-mailboxes.ts';
import { FileDisk } from './file-disk.ts';
import type { StoreFolder } from './store-folder.ts';

/**
 * The newest id that any phone has used, as far as the store knows; `from` if none is newer.
 * @throws STORE_DAMAGED, STORE_FOREIGN, STORE_VERSION or STORE_FAILED with the file.
 */
export function newestId(store: StoreFolder, from: number): number {
  let most = 0;
  const visitor = {
    appended: (entry: Parameters<typeof hasWindow>[0]): void => {
      if (hasWindow(entry)) most = Math.max(most, serialDistance(entry.highest, from));
    },
    removed: (): void => {},
    noted: (): void => {},
  };
  for (let shard = 0; shard < store.manifest.shards; shard++) {
    const disk = new FileDisk(store.logOf(shard));
    try {
      readLog(disk, { shard, identity: store.manifest.identity }, crc32, visitor);
    } finally {
      disk.close();
    }
  }
  return (from + most) & SERIAL_MASK;
}
