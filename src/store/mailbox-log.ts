/**
 * The log of a shard's mailboxes: what must outlast the shard. It records appended and removed entries; the index
 * keeps them in memory. What is volatile (state and sent tick of an entry, the sweep) is not recorded.
 *
 * Records are collected in a batch. The shard submits the batch once per turn, and the log completes batches later, in
 * order. A complete batch survives the end of the shard. Of the others, any number of the oldest records may survive.
 *
 * A log may drop the record of a removed entry, unless it is the newest record of its mailbox, which has the sequence
 * number, or the newest one of its sender in that mailbox, which has the window of ids.
 */
import { SERIAL_MASK } from '../base/serial-distance.ts';
import type { MailboxEntry } from './mailbox-entry.ts';

/** Receives the records of a log in the order in which they were made. */
export interface LogVisitor {
  /** @param entry valid only during the call. */
  appended(entry: MailboxEntry): void;
  /** All entries of the mailbox up to this sequence number were removed. */
  removed(accountRow: number, sequence: number): void;
}

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
   * Records that all entries of a mailbox up to this sequence number were removed. A log without room may drop the
   * record: then the entries come back after a restart, and the phone discards them by their sequence numbers.
   */
  remove(accountRow: number, sequence: number): void;
  /** Closes the open batch if it has records, and begins to complete it. */
  submit(): void;
  /** Calls back for each record that survived; called before anything is recorded. */
  replay(visitor: LogVisitor): void;
}

/** The number of the batch after this one. */
export function nextBatch(batch: number): number {
  return (batch + 1) & SERIAL_MASK;
}
