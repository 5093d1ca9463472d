/**
 * What a store thread knows about groups, so that it finds which of their records are still needed. It follows from the
 * records, like LogState. Needed are:
 *
 *  - an item that its home has passed on to all shards: a change, if it is the newest of its account in that group,
 *    since membership follows from the plan and these; a message, until it is settled, because its author is owed ✓✓;
 *  - the entry of a member, until the item is taken: members that have it must not get it again;
 *  - of each group the newest item that was taken, and the newest that a member could not get;
 *  - the newest change of each member here; that a message is settled, while its item has a record.
 *
 * The length of the log bounds the messages, but not the pairs of account and group that have ever changed. So each
 * table has a maximum ({@link PAIRS_MAX}): the records of what does not fit are kept, and the log grows with them. They
 * are counted, so that users can be told.
 */
import { GroupItem, type MailboxEntry, NOT_TO_GROUP } from '../mailbox-entry.ts';
import { GroupNote } from '../mailbox-log.ts';
import { NO_VALUE, PairTable } from './pair-table.ts';

/** Most pairs of a table: 384 MiB. */
export const PAIRS_MAX = 2 ** 24;
/** Bytes of an entry of a Map of V8 that has just grown: three words and half a bucket, for itself and a free one. */
const MAP_ENTRY_BYTES = 56;

/** Values of a message that has a record. */
const OWED = 0;
const SETTLED = 1;

export class GroupState {
  /** By group, at most all of them: the item that members are being given, and the items of notes TAKEN. */
  readonly #open = new Map<number, number>();
  readonly #taken = new Map<number, number>();
  readonly #rejected = new Map<number, number>();
  /** By group and row of a member: the item of its newest change. */
  readonly #members: PairTable;
  /** By row of a group and account: the same at the home of the group. */
  readonly #changes: PairTable;
  /** By row of a group and sequence number of a message that has a record: OWED or SETTLED. */
  readonly #messages: PairTable;
  /**
   * Whether all messages that have a record are in the table. If not, a message that is not there may be owed its ✓✓.
   */
  #knowsMessages = true;
  /** Records of pairs that did not fit: none of them is ever dropped. */
  #untracked = 0;

  /** @param pairsMax most pairs of each table. */
  constructor(pairsMax = PAIRS_MAX) {
    this.#members = new PairTable(pairsMax);
    this.#changes = new PairTable(pairsMax);
    this.#messages = new PairTable(pairsMax);
  }

  get bytes(): number {
    const groups = this.#open.size + this.#taken.size + this.#rejected.size;
    return groups * MAP_ENTRY_BYTES + this.#members.bytes + this.#changes.bytes + this.#messages.bytes;
  }

  /** How many records are kept for ever, because their pairs did not fit. */
  get untracked(): number {
    return this.#untracked;
  }

  /** Members here that have joined or left, as far as they fit. */
  get changedMembers(): number {
    return this.#members.size;
  }

  appended({ accountRow, sequence, sender, group, item, highest }: MailboxEntry): void {
    if (group === NOT_TO_GROUP) return;
    if (item === GroupItem.NONE) this.#open.set(group, highest);
    else if (item !== GroupItem.MESSAGE) this.#track(this.#changes, accountRow, sender, sequence);
    else if (!this.#track(this.#messages, accountRow, sequence, OWED)) this.#knowsMessages = false;
  }

  noted(note: number, subject: number, sequence: number, detail: number): void {
    if (note === GroupNote.SETTLED) {
      if (this.#messages.get(subject, sequence) === OWED) this.#messages.put(subject, sequence, SETTLED);
    } else if (note === GroupNote.TAKEN) {
      this.#open.delete(subject);
      this.#taken.set(subject, sequence);
      if (detail !== 0) this.#rejected.set(subject, sequence);
    } else this.#track(this.#members, subject, detail, sequence);
  }

  /** Whether the record of an entry that was removed can be dropped, which it then is. */
  drops({ accountRow, sequence, sender, group, item, highest }: MailboxEntry): boolean {
    if (group === NOT_TO_GROUP) return true;
    if (item === GroupItem.NONE) return this.#open.get(group) !== highest;
    if (item !== GroupItem.MESSAGE) return isOlder(this.#changes.get(accountRow, sender), sequence);
    const state = this.#messages.get(accountRow, sequence);
    if (state === NO_VALUE) return this.#knowsMessages;
    if (state === OWED) return false;
    this.#messages.delete(accountRow, sequence);
    return true;
  }

  isNoteNeeded(note: number, subject: number, sequence: number, detail: number): boolean {
    if (note === GroupNote.SETTLED) return !this.#knowsMessages || this.#messages.get(subject, sequence) !== NO_VALUE;
    if (note === GroupNote.TAKEN)
      return this.#taken.get(subject) === sequence || this.#rejected.get(subject) === sequence;
    return !isOlder(this.#members.get(subject, detail), sequence);
  }

  /** @returns whether the pair of a record has a place. */
  #track(table: PairTable, first: number, second: number, value: number): boolean {
    const fits = table.put(first, second, value);
    if (!fits) this.#untracked++;
    return fits;
  }
}

/** Whether a change is not the newest of its pair. Of a pair that did not fit, any may be. */
function isOlder(newest: number, sequence: number): boolean {
  return newest !== NO_VALUE && newest !== sequence;
}
