/** Reads every record of a store, and counts what waits in it. Nothing is changed. */
import { crc32 } from 'node:zlib';
import { serialDistance } from '../base/serial-distance.ts';
import { GroupState, PAIRS_MAX } from '../store/durable/group-state.ts';
import { readLog } from '../store/durable/read-log.ts';
import { GroupItem } from '../store/mailbox-entry.ts';
import type { LogVisitor } from '../store/mailbox-log.ts';
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
  /** Records of groups that are never dropped: see GroupState. */
  readonly untrackedRecords: number;
  /** Bytes at the end that were never permanent: the next start removes them. */
  readonly tornBytes: number;
}

/**
 * Checks the log of a shard.
 * @param pairsMax as in GroupState.
 * @throws STORE_DAMAGED, STORE_FOREIGN, STORE_VERSION or STORE_FAILED with the file.
 */
export function checkLog(store: StoreFolder, shard: number, pairsMax = PAIRS_MAX): CheckedLog {
  const disk = new FileDisk(store.logOf(shard));
  try {
    const waiting = new WaitingEntries(pairsMax);
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
  /** What the store thread of a switch will know of groups. */
  readonly #groups: GroupState;
  #records = 0;

  constructor(pairsMax: number) {
    this.#groups = new GroupState(pairsMax);
  }

  appended(entry: Parameters<LogVisitor['appended']>[0]): void {
    const { accountRow, sequence, isReceipt, item } = entry;
    this.#records++;
    this.#groups.appended(entry);
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

  noted(note: number, subject: number, sequence: number, detail: number): void {
    this.#records++;
    this.#groups.noted(note, subject, sequence, detail);
  }

  counts(): Omit<CheckedLog, 'shard' | 'files' | 'bytes' | 'tornBytes'> {
    let [messages, receipts, mailboxes, groupItems] = [0, 0, 0, 0];
    for (const mailbox of this.#mailboxes.values()) {
      const items = mailbox.filter(({ isItem }) => isItem).length;
      const ofMailbox = mailbox.filter(({ isReceipt }) => isReceipt).length;
      groupItems += items;
      receipts += ofMailbox;
      messages += mailbox.length - ofMailbox - items;
      if (items === 0) mailboxes++;
    }
    const { changedMembers: groupChanges, untracked: untrackedRecords } = this.#groups;
    return { records: this.#records, messages, receipts, mailboxes, groupItems, groupChanges, untrackedRecords };
  }
}
