/** Reads every record of a store, and counts what waits in it. Nothing is changed. */
import { crc32 } from 'node:zlib';
import { serialDistance } from '../base/serial-distance.ts';
import { readLog } from '../store/durable/read-log.ts';
import { GroupItem } from '../store/mailbox-entry.ts';
import { GroupNote, type LogVisitor } from '../store/mailbox-log.ts';
import { FileDisk } from './file-disk.ts';
import type { StoreFolder } from './store-folder.ts';

/** What the log of a shard has. */
export interface CheckedLog {
  readonly shard: number;
  readonly files: number;
  readonly bytes: number;
  readonly records: number;
  /** Of entries that were not removed. */
  readonly messages: number;
  readonly receipts: number;
  readonly mailboxes: number;
  /**
   * Messages to groups and changes of members that not all shards have; members that have joined or left since the
   * plan.
   */
  readonly groupItems: number;
  readonly groupChanges: number;
  /** Bytes at the end that were never permanent: the next start removes them. */
  readonly tornBytes: number;
}

/**
 * Checks the log of a shard.
 * @throws STORE_DAMAGED, STORE_FOREIGN, STORE_VERSION or STORE_FAILED with the file.
 */
export function checkLog(store: StoreFolder, shard: number): CheckedLog {
  const disk = new FileDisk(store.logOf(shard));
  try {
    const waiting = new WaitingEntries();
    const before = disk.files();
    const { files } = readLog(disk, { shard, identity: store.manifest.identity }, crc32, waiting);
    const bytes = before.reduce((sum, file) => sum + file.bytes, 0);
    const newest = files.at(-1);
    const onDisk = before.find(({ number }) => number === newest?.number)?.bytes ?? 0;
    return { shard, files: before.length, bytes, ...waiting.counts(), tornBytes: onDisk - (newest?.bytes ?? onDisk) };
  } finally {
    disk.close();
  }
}

/**
 * Sequence numbers of the entries that wait, by account. It grows with the log that is checked, and ends with the
 * check.
 */
class WaitingEntries implements LogVisitor {
  readonly #mailboxes = new Map<number, { sequence: number; isReceipt: boolean; isItem: boolean }[]>();
  /** Group and row of members who have joined or left: of each there is a record in the log. */
  readonly #changes = new Set<string>();
  #records = 0;

  appended({ accountRow, sequence, isReceipt, item }: Parameters<LogVisitor['appended']>[0]): void {
    this.#records++;
    const mailbox = this.#mailboxes.get(accountRow) ?? [];
    mailbox.push({ sequence, isReceipt, isItem: item !== GroupItem.NONE });
    this.#mailboxes.set(accountRow, mailbox);
  }

  removed(accountRow: number, sequence: number): void {
    this.#records++;
    const mailbox = this.#mailboxes.get(accountRow) ?? [];
    const kept = mailbox.filter((entry) => serialDistance(entry.sequence, sequence) > 0);
    if (kept.length === 0) this.#mailboxes.delete(accountRow);
    else this.#mailboxes.set(accountRow, kept);
  }

  noted(note: number, subject: number, _sequence: number, detail: number): void {
    this.#records++;
    if (note === GroupNote.JOINED || note === GroupNote.LEFT) this.#changes.add(`${subject} ${detail}`);
  }

  counts(): Pick<CheckedLog, 'records' | 'messages' | 'receipts' | 'mailboxes' | 'groupItems' | 'groupChanges'> {
    let [messages, receipts, mailboxes, groupItems] = [0, 0, 0, 0];
    for (const mailbox of this.#mailboxes.values()) {
      const items = mailbox.filter(({ isItem }) => isItem).length;
      const ofMailbox = mailbox.filter(({ isReceipt }) => isReceipt).length;
      groupItems += items;
      receipts += ofMailbox;
      messages += mailbox.length - ofMailbox - items;
      if (items === 0) mailboxes++;
    }
    return { records: this.#records, messages, receipts, mailboxes, groupItems, groupChanges: this.#changes.size };
  }
}
