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
 * So it grows with the pairs of account and group that have ever changed, and with the messages whose ✓✓ is owed, which
 * their home limits.
 */
import { GroupItem, type MailboxEntry, NOT_TO_GROUP } from '../mailbox-entry.ts';
import { GroupNote } from '../mailbox-log.ts';

/** Numbers by two numbers. */
type Pairs<Value> = Map<number, Map<number, Value>>;

export class GroupState {
  /** By group: the item that members are being given, and the items of notes TAKEN. */
  readonly #open = new Map<number, number>();
  readonly #taken = new Map<number, number>();
  readonly #rejected = new Map<number, number>();
  /** By group and row of a member: the item of its newest change. */
  readonly #members: Pairs<number> = new Map();
  /** By row of a group and account: the same at the home of the group. */
  readonly #changes: Pairs<number> = new Map();
  /** By row of a group and sequence number of a message that has a record: whether it is settled. */
  readonly #messages: Pairs<boolean> = new Map();

  appended({ accountRow, sequence, sender, group, item, highest }: MailboxEntry): void {
    if (group === NOT_TO_GROUP) return;
    if (item === GroupItem.NONE) this.#open.set(group, highest);
    else if (item === GroupItem.MESSAGE) put(this.#messages, accountRow, sequence, false);
    else put(this.#changes, accountRow, sender, sequence);
  }

  noted(note: number, subject: number, sequence: number, detail: number): void {
    if (note === GroupNote.SETTLED) {
      if (this.#messages.get(subject)?.has(sequence) === true) put(this.#messages, subject, sequence, true);
    } else if (note === GroupNote.TAKEN) {
      this.#open.delete(subject);
      this.#taken.set(subject, sequence);
      if (detail !== 0) this.#rejected.set(subject, sequence);
    } else put(this.#members, subject, detail, sequence);
  }

  /** Whether the record of an entry that was removed can be dropped, which it then is. */
  drops({ accountRow, sequence, sender, group, item, highest }: MailboxEntry): boolean {
    if (group === NOT_TO_GROUP) return true;
    if (item === GroupItem.NONE) return this.#open.get(group) !== highest;
    if (item !== GroupItem.MESSAGE) return this.#changes.get(accountRow)?.get(sender) !== sequence;
    if (this.#messages.get(accountRow)?.get(sequence) === false) return false;
    this.#messages.get(accountRow)?.delete(sequence);
    return true;
  }

  isNoteNeeded(note: number, subject: number, sequence: number, detail: number): boolean {
    if (note === GroupNote.SETTLED) return this.#messages.get(subject)?.has(sequence) === true;
    if (note === GroupNote.TAKEN)
      return this.#taken.get(subject) === sequence || this.#rejected.get(subject) === sequence;
    return this.#members.get(subject)?.get(detail) === sequence;
  }
}

function put<Value>(pairs: Pairs<Value>, one: number, other: number, value: Value): void {
  const of = pairs.get(one);
  if (of === undefined) pairs.set(one, new Map([[other, value]]));
  else of.set(other, value);
}
