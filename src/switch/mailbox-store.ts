/**
 * The interface of a store of mailboxes. MemoryMailboxStore keeps them in memory; a durable store would
 * implement the same interface.
 *
 * A mailbox is a queue of entries, each a message or a receipt. The store names a mailbox by an
 * integer that the account's row keeps: 0 is the empty one, and every change returns the new name.
 * An entry is named by an integer above 0 as well and stays where it is until it is removed.
 */

/** Returned by {@link MailboxStore.append} if the whole store is full. */
export const STORE_FULL = -1;

/** Where an entry is on its way. */
export const EntryState = {
  /** Not sent to the phone, or sent to a session that is gone. */
  WAITING: 0,
  /** On its way to the phone, not confirmed. */
  SENT: 1,
  /** The phone has confirmed it; the receipt to the sender is still to be sent. */
  CONFIRMED: 2,
} as const;

/** What is appended. The object is the caller's and is filled anew for each call. */
export interface MailboxEntry {
  /** Row of the account whose mailbox it is. */
  accountRow: number;
  sequence: number;
  /** Account index of the sender (of a receipt: unused). */
  sender: number;
  /** The sender's id of the message. */
  id: number;
  isReceipt: boolean;
  /** The sender's session when it sent: where the receipt is tried first. */
  address: number;
  generation: number;
  payload: DataView;
  payloadAt: number;
  payloadBytes: number;
}

/** Who is told of entries that are overdue. */
export interface OverdueVisitor {
  overdue(accountRow: number): void;
}

export interface MailboxStore {
  /** Entries that are held. */
  readonly entries: number;
  /** The most entries that can be held. */
  readonly entriesMax: number;
  /**
   * Adds an entry at the end of a mailbox.
   * @returns the mailbox's new name (which is also the entry's), or {@link STORE_FULL}.
   */
  append(mailbox: number, entry: MailboxEntry): number;
  /** The oldest entry of a mailbox that is not empty. */
  first(mailbox: number): number;
  /** The entry after this one, or 0. */
  next(mailbox: number, entry: number): number;
  /** Removes the oldest entry. @returns the mailbox's new name. */
  removeFirst(mailbox: number): number;
  /** Entries in a mailbox. */
  count(mailbox: number): number;

  sequence(entry: number): number;
  sender(entry: number): number;
  id(entry: number): number;
  isReceipt(entry: number): boolean;
  address(entry: number): number;
  generation(entry: number): number;
  payloadBytes(entry: number): number;
  copyPayload(entry: number, target: DataView, at: number): void;
  state(entry: number): number;
  setState(entry: number, state: number): void;
  /** Remembers when the entry was appended or last sent, in ticks modulo 256. */
  setSentTick(entry: number, tick: number): void;

  /**
   * Examines the next few places of the store, cyclically, and calls the visitor for every entry that
   * was sent (or appended) `ageTicks` ago or more.
   */
  sweep(tick: number, ageTicks: number, places: number, visitor: OverdueVisitor): void;
  /** Places that one round of {@link sweep} has. */
  readonly sweepPlaces: number;
  /** Calls back for each message held (receipts left out), for checking integrity. */
  forEachMessage(visit: (sender: number, id: number) => void): void;
}
