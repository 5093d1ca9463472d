/**
 * The store of a shard: the index of its mailboxes in memory, and the log that outlasts it. Every entry that is
 * appended or removed goes to both.
 *
 * Where acknowledgements wait for the log, a message is INCOMPLETE until its record is complete. The store keeps those
 * messages in a bounded queue and hands them out in the order in which they were appended.
 */
import { serialDistance } from '../base/serial-distance.ts';
import type { TableMemory } from '../base/table-memory.ts';
import { IdWindows, type JudgedMessage, WindowVerdict } from './id-windows.ts';
import { IncompleteEntries } from './incomplete-entries.ts';
import { EntryState, GroupItem, type MailboxEntry } from './mailbox-entry.ts';
import type { MailboxIndex } from './mailbox-index.ts';
import type { MailboxLog } from './mailbox-log.ts';
import { type GroupRecords, hasWindow, type MailboxNames, restoreMailboxes } from './restore-mailboxes.ts';
import type { UsedIds } from './used-ids.ts';

/** Returned by {@link MailboxStore.append} if the store takes no more entries now. */
export const STORE_FULL = -1;

/** What a shard does so that a crash loses no message that was acknowledged, and delivers none twice. */
export interface Durability {
  /**
   * Messages whose ✓ and delivery may wait for their records in the log at the same time. A further message is refused
   * (ERROR 2) and may be sent again. 0: nothing waits, and a crash may lose acknowledged messages.
   */
  readonly acknowledgementsMax: number;
  /**
   * Pairs of sender and recipient of which the recipient's home remembers the last ids, at 16 bytes each. 0: only
   * sessions know ids, and a message that is sent again after its sender's session was lost in a crash may be delivered
   * twice.
   */
  readonly idWindowsMax: number;
}

/** For mailboxes that need not outlast their shard. */
export const VOLATILE: Durability = { acknowledgementsMax: 0, idWindowsMax: 0 };

export class MailboxStore {
  readonly index: MailboxIndex;
  /** Whether mailboxes are to outlast the shard, and so groups and what they have accepted. */
  readonly isDurable: boolean;
  /** Whether messages are acknowledged and delivered only when their records are complete. */
  readonly delaysAcknowledgements: boolean;
  readonly #log: MailboxLog;
  readonly #incomplete: IncompleteEntries;
  /** None are kept where nothing is to outlast the shard. */
  readonly #windows: IdWindows | undefined;

  /** @param index must be empty; {@link restore} fills it from the log. */
  constructor(
    index: MailboxIndex,
    log: MailboxLog,
    { acknowledgementsMax, idWindowsMax }: Durability,
    tables?: TableMemory,
  ) {
    this.index = index;
    this.isDurable = idWindowsMax > 0;
    this.delaysAcknowledgements = acknowledgementsMax > 0;
    this.#log = log;
    this.#incomplete = new IncompleteEntries(acknowledgementsMax);
    this.#windows = idWindowsMax > 0 ? new IdWindows(idWindowsMax, tables) : undefined;
  }

  /** Bytes beside the index. */
  get bytes(): number {
    return this.#incomplete.bytes + (this.#windows?.bytes ?? 0);
  }

  /** Rebuilds the index and the accounts' rows from the records that the log has kept; see restoreMailboxes. */
  restore(names: MailboxNames, groups?: GroupRecords, usedIds?: UsedIds): void {
    restoreMailboxes(this.#log, this.index, names, this.#windows, groups, usedIds);
  }

  /** Judges the id of a message by what its mailbox has accepted before; always NEW where no windows are kept. */
  judge(message: JudgedMessage): WindowVerdict {
    return this.#windows === undefined ? WindowVerdict.NEW : this.#windows.judge(message);
  }

  /** Whether the next message would be refused only because too many wait for their records. */
  get isBusy(): boolean {
    return this.delaysAcknowledgements && this.#incomplete.isFull;
  }

  /**
   * Adds an entry at the end of a mailbox; a message must have been judged to be new.
   * @param shared the shared payload, for a message to a group.
   * @returns the mailbox's new name, which is also the entry's, or {@link STORE_FULL}.
   */
  append(mailbox: number, entry: MailboxEntry, shared?: number): number {
    const waits = this.delaysAcknowledgements && !entry.isReceipt && entry.item === GroupItem.NONE;
    if (waits && this.#incomplete.isFull) return STORE_FULL;
    if (!this.index.hasRoom(entry.payloadBytes, shared) || !this.#log.append(entry)) return STORE_FULL;
    const name = this.index.append(mailbox, entry, shared);
    if (this.#windows !== undefined && hasWindow(entry)) this.#windows.put(entry);
    // Its group waits for the record itself.
    if (entry.item !== GroupItem.NONE) this.index.setState(name, EntryState.CONFIRMED);
    if (waits) {
      this.index.setState(name, EntryState.INCOMPLETE);
      this.#incomplete.push(this.#log.openBatch, name);
    }
    return name;
  }

  /** Removes the oldest entry of a mailbox. @returns the mailbox's new name. */
  removeFirst(mailbox: number): number {
    const entry = this.index.first(mailbox);
    this.#log.remove(this.index.accountRow(entry), this.index.sequence(entry));
    return this.index.removeFirst(mailbox);
  }

  /** Records something about a group; see GroupNote. @returns false if the log takes no more records now. */
  note(note: number, subject: number, sequence: number, detail: number): boolean {
    return this.#log.note(note, subject, sequence, detail);
  }

  /** The batch that has what is recorded now. */
  get openBatch(): number {
    return this.#log.openBatch;
  }

  /** Whether the records of a batch are complete. */
  isComplete(batch: number): boolean {
    return serialDistance(this.#log.completedBatch, batch) >= 0;
  }

  /** Submits the records of this turn to the log. */
  submit(): void {
    this.#log.submit();
  }

  /** Whether messages wait for their records. */
  get hasIncomplete(): boolean {
    return this.#incomplete.length > 0;
  }

  /** Whether the record of the oldest message that waits is complete. */
  get hasCompletions(): boolean {
    return this.hasIncomplete && serialDistance(this.#log.completedBatch, this.#incomplete.batch) >= 0;
  }

  /** Takes the oldest message whose record is complete; see {@link hasCompletions}. It is WAITING from now on. */
  takeCompleted(): number {
    const entry = this.#incomplete.shift();
    this.index.setState(entry, EntryState.WAITING);
    return entry;
  }

  /** The incomplete entry of a message, or 0. */
  incompleteOf(mailbox: number, sender: number, id: number): number {
    if (mailbox === 0 || !this.hasIncomplete) return 0;
    const { index } = this;
    let entry = index.first(mailbox);
    while (entry !== 0) {
      const isIncomplete = index.state(entry) === EntryState.INCOMPLETE && !index.isShared(entry);
      if (isIncomplete && index.sender(entry) === sender && index.id(entry) === id) return entry;
      entry = index.next(mailbox, entry);
    }
    return 0;
  }

  /** Marks incomplete messages whose sessions were lost, by their addresses. */
  forgetSessions(isLost: (address: number) => boolean): void {
    for (let n = 0; n < this.#incomplete.length; n++) {
      const entry = this.#incomplete.entryAt(n);
      if (isLost(this.index.address(entry))) this.index.setSessionLost(entry);
    }
  }
}
