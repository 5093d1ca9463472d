/**
 * What a store thread knows about the mailboxes of its shard: enough to say which records of the log are still needed.
 * It follows from the records themselves. Two words per account, the windows of ids, and what group-state.ts has.
 */
import { SERIAL_MASK, serialDistance } from '../../base/serial-distance.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import { IdWindows } from '../id-windows.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import type { LogVisitor } from '../mailbox-log.ts';
import { hasWindow } from '../restore-mailboxes.ts';
import { GroupState, PAIRS_MAX } from './group-state.ts';

/** In place of a sequence number: the account has had no entry. Sequence numbers are not negative. */
const NONE = -1;

/** What becomes of the record of an entry, or of a mark. */
export const Need = {
  /** The entry is in its mailbox. */
  ENTRY: 0,
  /** It was removed, but something that it says is still the newest of its kind: a mark is enough. */
  MARK: 1,
  NOTHING: 2,
} as const;
export type Need = (typeof Need)[keyof typeof Need];

export class LogState implements LogVisitor {
  /** Sequence number of the newest entry of each account, and of the newest one that was removed. */
  readonly #newest: Int32Array;
  readonly #removed: Int32Array;
  readonly #windows: IdWindows | undefined;
  readonly #groups: GroupState;

  /**
   * @param rows accounts that have their home at the shard.
   * @param idWindowsMax as in Durability.
   * @param pairsMax as in GroupState.
   */
  constructor(rows: number, idWindowsMax: number, pairsMax = PAIRS_MAX, memory: TableMemory = PLAIN_MEMORY) {
    this.#newest = memory.words(rows).fill(NONE);
    this.#removed = memory.words(rows).fill(NONE);
    this.#windows = idWindowsMax > 0 ? new IdWindows(idWindowsMax, memory) : undefined;
    this.#groups = new GroupState(pairsMax);
  }

  /** See GroupState. */
  get untracked(): number {
    return this.#groups.untracked;
  }

  get bytes(): number {
    const columns = this.#newest.byteLength + this.#removed.byteLength;
    return columns + (this.#windows?.bytes ?? 0) + this.#groups.bytes;
  }

  appended(entry: MailboxEntry): void {
    this.#newest[entry.accountRow] = entry.sequence;
    if (hasWindow(entry)) this.#windows?.put(entry);
    this.#groups.appended(entry);
  }

  noted(note: number, subject: number, sequence: number, detail: number): void {
    this.#groups.noted(note, subject, sequence, detail);
  }

  removed(accountRow: number, sequence: number): void {
    const before = this.#removed[accountRow] as number; // a row of the shard, here and below
    if (before === NONE || serialDistance(sequence, before) > 0) this.#removed[accountRow] = sequence & SERIAL_MASK;
  }

  /** What is needed of an entry whose record is complete. If it is NOTHING, the record is dropped. */
  needOf(entry: MailboxEntry): Need {
    const { accountRow, sequence } = entry;
    const removed = this.#removed[accountRow] as number;
    if (removed === NONE || serialDistance(sequence, removed) > 0) return Need.ENTRY;
    if (sequence === this.#newest[accountRow]) return Need.MARK;
    if (hasWindow(entry) && this.#windows?.holds(entry) === true) return Need.MARK;
    return this.#groups.drops(entry) ? Need.NOTHING : Need.MARK;
  }

  /** Whether a note is needed; see GroupState. */
  isNoteNeeded(note: number, subject: number, sequence: number, detail: number): boolean {
    return this.#groups.isNoteNeeded(note, subject, sequence, detail);
  }

  /** Whether the record of a removal is needed: no later one of its account says more. */
  isRemovalNeeded(accountRow: number, sequence: number): boolean {
    return sequence === this.#removed[accountRow];
  }
}
