/**
 * Rebuilds the index of a shard from the records that its log has kept: mailboxes, sequence numbers, windows of ids.
 */
import { TrunklineError } from '../base/errors.ts';
import { serialDistance } from '../base/serial-distance.ts';
import type { IdWindows } from './id-windows.ts';
import { EntryState, GroupItem, type MailboxEntry, NOT_TO_GROUP } from './mailbox-entry.ts';
import type { MailboxIndex } from './mailbox-index.ts';
import { GroupNote, type LogVisitor, type MailboxLog } from './mailbox-log.ts';
import type { UsedIds } from './used-ids.ts';

/**
 * Whether the window of ids of its sender knows an entry: those of messages from phone to phone, and what phones ask of
 * a group, in its own mailbox. Members of a group get what its home has accepted once.
 */
export function hasWindow(entry: MailboxEntry): boolean {
  return !entry.isReceipt && (entry.group === NOT_TO_GROUP || entry.item !== GroupItem.NONE);
}

/** What the owner of the mailboxes keeps for each account. */
export interface MailboxNames {
  mailbox(row: number): number;
  setMailbox(row: number, mailbox: number): void;
  setSequence(row: number, sequence: number): void;
  /** Marks a mailbox that has entries to send. */
  setBacklog(row: number, backlog: boolean): void;
}

/** An item of a group that some members here had been given when the shard ended. */
export interface OpenItem {
  /** Its sequence number in the mailbox of the group. */
  readonly sequence: number;
  /** Its payload, with a reference that belongs to the receiver of this. */
  readonly shared: number;
  /** The members who have it. */
  readonly rows: ReadonlySet<number>;
}

/** Who keeps groups is told what the log says of them. */
export interface GroupRecords {
  /** The home of a group has accepted this. @param name of the entry in the mailbox of the group. */
  item(entry: MailboxEntry, name: number): void;
  /** What the group at this row had in its mailbox up to this sequence number is on all shards. */
  itemsRemoved(accountRow: number, sequence: number): void;
  noted: LogVisitor['noted'];
  /**
   * All records are read.
   * @param open by group.
   * @param sequences in the mailbox of its group, by shared payload; some of them are not in use any more.
   */
  restored(open: ReadonlyMap<number, OpenItem>, sequences: ReadonlyMap<number, number>): void;
}

/**
 * Fills an empty index, the accounts' rows and the windows (if any are kept) from the records of the log. Every entry
 * of a phone is WAITING afterwards. Its account is offline and has a backlog. Those of groups are CONFIRMED: no pump
 * sends them.
 * @param usedIds is told the newest ids of senders.
 * @throws TrunklineError STORE_EXCEEDS_INDEX if the entries need more blocks than the index has.
 */
export function restoreMailboxes(
  log: MailboxLog,
  index: MailboxIndex,
  names: MailboxNames,
  windows: IdWindows | undefined,
  groups?: GroupRecords,
  usedIds?: UsedIds,
): void {
  const restorer = new Restorer(index, names, windows, groups, usedIds);
  log.replay(restorer);
  if (groups !== undefined) restorer.finish();
  if (groups !== undefined) groups.restored(restorer.open, restorer.sequences);
  else for (const { shared } of restorer.open.values()) if (shared !== 0) index.shared.release(shared);
}

/** An item that members were given last, with what its payload is kept with. */
interface RestoredItem extends OpenItem {
  /** 0 while it has none, see #releaseUnused. */
  shared: number;
  readonly rows: Set<number>;
  readonly sender: number;
  readonly id: number;
  readonly version: number;
  readonly isList: boolean;
}

const NO_PAYLOAD = { view: new DataView(new ArrayBuffer(0)), at: 0, bytes: 0 };

class Restorer implements LogVisitor {
  readonly #index: MailboxIndex;
  readonly #names: MailboxNames;
  readonly #windows: IdWindows | undefined;
  readonly #groups: GroupRecords | undefined;
  readonly #usedIds: UsedIds | undefined;
  /** By group, one each at most: the item that members were given last, unless it is taken. It holds its payload. */
  readonly open = new Map<number, RestoredItem>();
  /** Groups whose open item may be in no mailbox any more. */
  readonly #unused = new Set<number>();
  /** By shared payload: its item. No more than payloads that fit the index. */
  readonly sequences = new Map<number, number>();

  constructor(
    index: MailboxIndex,
    names: MailboxNames,
    windows: IdWindows | undefined,
    groups: GroupRecords | undefined,
    usedIds: UsedIds | undefined,
  ) {
    this.#index = index;
    this.#names = names;
    this.#windows = windows;
    this.#groups = groups;
    this.#usedIds = usedIds;
  }

  appended(entry: MailboxEntry): void {
    const { accountRow } = entry;
    if (!this.#hasRoom(entry)) this.#releaseUnused();
    if (!this.#hasRoom(entry)) throw this.#tooManyEntries();
    const name = this.#append(this.#names.mailbox(accountRow), entry);
    this.#names.setMailbox(accountRow, name);
    this.#names.setSequence(accountRow, entry.sequence);
    if (entry.item === GroupItem.NONE) this.#names.setBacklog(accountRow, true);
    if (hasWindow(entry)) {
      this.#windows?.put(entry);
      this.#usedIds?.note(entry.sender, entry.highest);
    }
    if (entry.item === GroupItem.NONE) return;
    this.#index.setState(name, EntryState.CONFIRMED);
    this.#groups?.item(entry, name);
  }

  noted(note: number, subject: number, sequence: number, detail: number): void {
    if (note === GroupNote.TAKEN) this.#close(subject);
    this.#groups?.noted(note, subject, sequence, detail);
  }

  /** The first entry of a message to a group needs a block besides its payload; the others share it. */
  #hasRoom(entry: MailboxEntry): boolean {
    const { payloadBytes } = entry;
    if (!isOfMember(entry)) return this.#index.hasRoom(payloadBytes);
    return this.#hasPayload(this.#openOf(entry), entry)
      ? this.#index.hasRoom(0)
      : this.#index.hasSharedRoom(payloadBytes);
  }

  /**
   * Releases the payloads of items that no entry has any more. The shard may have known that an item was taken, by a
   * note that its log has dropped for a later one. If it was not, each further entry of it brings the payload again.
   */
  #releaseUnused(): void {
    for (const group of this.#unused) {
      const item = this.open.get(group);
      if (item === undefined || item.shared === 0 || !this.#index.shared.isHeldOnce(item.shared)) continue;
      this.#index.shared.release(item.shared);
      item.shared = 0;
    }
    this.#unused.clear();
  }

  /** All records are read: each item that is open holds a payload, if only an empty one. @throws STORE_EXCEEDS_INDEX. */
  finish(): void {
    for (const [group, item] of this.open) {
      if (item.shared !== 0) continue;
      if (!this.#index.shared.hasRoom(0)) throw this.#tooManyEntries();
      item.shared = this.#index.shared.keep(item.sender, item.id, group, item.version, item.isList, NO_PAYLOAD);
      this.sequences.set(item.shared, item.sequence);
    }
  }

  #tooManyEntries(): TrunklineError {
    return new TrunklineError(
      'STORE_EXCEEDS_INDEX',
      `Expected the entries of the store to fit into ${this.#index.entriesMax} mailbox blocks of a shard, found more. ` +
        'Start with a larger switch.mailbox.blocks.',
    );
  }

  /** Whether the payload of an entry is there: of one that was removed only a mark is left, without it. */
  #hasPayload(open: RestoredItem | undefined, { payloadBytes }: MailboxEntry): open is RestoredItem {
    return open !== undefined && open.shared !== 0 && this.#index.shared.payloadBytes(open.shared) >= payloadBytes;
  }

  #append(mailbox: number, entry: MailboxEntry): number {
    if (!isOfMember(entry)) return this.#index.append(mailbox, entry);
    const { accountRow, sender, id, group, version, isList, payload: view, payloadAt: at, payloadBytes: bytes } = entry;
    const before = this.#openOf(entry);
    let open = before;
    if (open === undefined || !this.#hasPayload(open, entry)) {
      this.#close(group);
      const shared = this.#index.shared.keep(sender, id, group, version, isList, { view, at, bytes });
      open = { sequence: entry.highest, shared, rows: before?.rows ?? new Set(), sender, id, version, isList };
      this.open.set(group, open);
      this.sequences.set(shared, entry.highest);
    }
    open.rows.add(accountRow);
    return this.#index.append(mailbox, entry, open.shared);
  }

  /**
   * Members are given one item of a group after another: so entries of one item have nothing else of the group between
   * them.
   */
  #openOf({ group, highest }: MailboxEntry): RestoredItem | undefined {
    const open = this.open.get(group);
    return open?.sequence === highest ? open : undefined;
  }

  #close(group: number): void {
    const open = this.open.get(group);
    if (open === undefined) return;
    this.open.delete(group);
    if (open.shared !== 0) this.#index.shared.release(open.shared);
  }

  removed(accountRow: number, sequence: number): void {
    let mailbox = this.#names.mailbox(accountRow);
    while (mailbox !== 0 && serialDistance(sequence, this.#index.sequence(this.#index.first(mailbox))) >= 0) {
      const first = this.#index.first(mailbox);
      const group = this.#index.isShared(first)
        ? this.#index.shared.group(this.#index.sharedPayload(first))
        : NOT_TO_GROUP;
      if (group !== NOT_TO_GROUP && this.open.has(group)) this.#unused.add(group);
      mailbox = this.#index.removeFirst(mailbox);
    }
    this.#names.setMailbox(accountRow, mailbox);
    this.#groups?.itemsRemoved(accountRow, sequence);
  }
}

/** Whether an entry is a message to a group, in the mailbox of a member. */
function isOfMember({ group, item }: MailboxEntry): boolean {
  return group !== NOT_TO_GROUP && item === GroupItem.NONE;
}
