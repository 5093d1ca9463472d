/**
 * The log of a shard's mailboxes: what must outlast the shard. It records appended and removed entries; the index
 * keeps them in memory. What is volatile (state and sent tick of an entry, the sweep) is not recorded.
 *
 * Records are collected in a batch. The shard submits the batch once per turn, and the log completes batches later, in
 * order. A complete batch survives the end of the shard. Of the others, any number of the oldest records may survive.
 *
 * A log may drop the record of a removed entry, unless it is the newest record of its mailbox, which has the sequence
 * number, or the newest one of its sender in that mailbox, which has the window of ids. Which records of groups it
 * may drop is in durable/group-state.ts.
 */
import { SERIAL_MASK } from '../base/serial-distance.ts';
import type { MailboxEntry } from './mailbox-entry.ts';

/** Receives the records of a log in the order in which they were made. */
export interface LogVisitor {
  /** @param entry valid only during the call. */
  appended(entry: MailboxEntry): void;
  /** All entries of the mailbox up to this sequence number were removed. */
  removed(accountRow: number, sequence: number): void;
  /** Something about a group; see {@link GroupNote}. */
  noted(note: number, subject: number, sequence: number, detail: number): void;
}

/** What a shard notes about groups besides entries of mailboxes. `sequence` is one of the group's own mailbox. */
export const GroupNote = {
  /**
   * All members here have the item, and those before it. `subject` is the group's account index, `detail` 1 if some
   * member could not be given it.
   */
  TAKEN: 0,
  /**
   * A row of this shard is a member from this item on, or not any more: it is taken too. `subject` as before, `detail`
   * the row.
   */
  JOINED: 1,
  LEFT: 2,
  /** The author of a message has had his ✓✓, or gets none. `subject` is the row of the group at its home. */
  SETTLED: 3,
} as const;

export interface MailboxLog {
  /** Number of the batch to which records are now added: a serial number of 30 bits. */
  readonly openBatch: number;
  /** Number of the newest batch that is complete; all earlier batches are complete too. */
  readonly completedBatch: number;
  /**
   * Records that an entry was appended. Copies what it needs.
   * @returns false if the log takes no more records now: its buffer or its disk is full. What it has taken it must
   *   complete; if it cannot, it throws, and the shard ends without acknowledging anything more.
   */
  append(entry: MailboxEntry): boolean;
  /**
   * Records that all entries of a mailbox up to this sequence number were removed. A log without room records
   * it later, or drops it: then the entries come back after a restart, and the phone discards them by their sequence
   * numbers.
   */
  remove(accountRow: number, sequence: number): void;
  /** Records a {@link GroupNote}. @returns false if the log takes no more records now. */
  note(note: number, subject: number, sequence: number, detail: number): boolean;
  /** Closes the open batch if it has records, and begins to complete it. */
  submit(): void;
  /**
   * Calls back for each record that survived; called before anything is recorded. The callbacks may make notes, which
   * are recorded after the last of them.
   */
  replay(visitor: LogVisitor): void;
}

/** The number of the batch after this one. */
export function nextBatch(batch: number): number {
  return (batch + 1) & SERIAL_MASK;
}
