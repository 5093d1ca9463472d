/**
 * Fills a new store with messages that wait, for benchmarks: of 64 B, from and to accounts drawn at random, of a switch
 * with two shards and the numbers of `trunkline serve`. The arguments are the folder, the number of messages, and the
 * length of a file.
 */
import { crc32 } from 'node:zlib';
import { mixPair } from '../base/pseudo-random.ts';
import { DurableLog } from '../store/durable/durable-log.ts';
import { logBuffer, logBufferBytes } from '../store/durable/log-buffer.ts';
import { LogWriter } from '../store/durable/log-writer.ts';
import { blankEntry } from '../store/mailbox-entry.ts';
import { HOME_SALT, Placement } from '../wire/placement.ts';
import { FileDisk } from './file-disk.ts';
import { logFolder, StoreFolder } from './store-folder.ts';

const SHARDS = 2;
const NUMBERING = [{ first: 447_700_000_000, count: 1_000_000 }];
const ACCOUNTS = 1_000_000;
const PAYLOAD_BYTES = 64;
const RING_BYTES = 2 ** 22;
/** Messages of a commit, about what a busy switch has. */
const COMMIT_MESSAGES = 256;
/** Frames are not synced one by one, which would only take time: a benchmark of a start does not depend on it. */
class UnsyncedDisk extends FileDisk {
  override beginSync(): void {}
}

const [folder = '', messages = '0', fileBytesMax = `${2 ** 26}`] = process.argv.slice(2);
const identity = 1;
const store = StoreFolder.open(folder, {
  ...{ shards: SHARDS, numbering: NUMBERING, groups: null, identity, processStart: () => null },
});
const homes = new Placement(SHARDS, HOME_SALT);
const rows = homes.rowsFor(ACCOUNTS);
const logs = Array.from({ length: SHARDS }, (_, shard) => {
  const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
  const disk = new UnsyncedDisk(logFolder(folder, shard));
  const settings = { shard, identity, fileBytesMax: Number(fileBytesMax), rows, idWindowsMax: 4 };
  const writer = new LogWriter(settings, { buffer, disk, checksum: crc32, wake: () => {} });
  return { writer, disk, log: new DurableLog({ buffer, wake: () => {}, replay: () => {} }) };
});
const sequences = new Int32Array(ACCOUNTS);
const entry = { ...blankEntry(new DataView(new ArrayBuffer(PAYLOAD_BYTES))), payloadBytes: PAYLOAD_BYTES, seen: 1 };

function account(n: number, salt: number): number {
  return (mixPair(n, salt) >>> 0) % ACCOUNTS;
}

function commit(): void {
  for (const { log, writer } of logs) {
    log.submit();
    while (writer.hasWork()) writer.doWork();
  }
}

for (let n = 0; n < Number(messages); n++) {
  const recipient = account(n, 1);
  sequences[recipient] = (sequences[recipient] ?? 0) + 1;
  entry.accountRow = homes.rowOf(recipient);
  entry.sequence = sequences[recipient] ?? 0;
  entry.sender = account(n, 2);
  entry.id = n + 1;
  entry.highest = entry.id;
  if (logs[homes.shardOf(recipient)]?.log.append(entry) !== true) throw new Error('a ring has room for a commit');
  if (n % COMMIT_MESSAGES === 0) commit();
}
commit();
for (const { disk } of logs) disk.close();
store.close();
