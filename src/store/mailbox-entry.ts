/** An entry of a mailbox: a message or a receipt. The index holds it in memory, and the log records it. */

/** The state of an entry in the index. It is volatile: an entry read back from a log is WAITING. */
export const EntryState = {
  /** Not sent to the phone, or sent to a session that is gone. */
  WAITING: 0,
  /** On its way to the phone, not confirmed. */
  SENT: 1,
  /** The phone has confirmed it; the receipt to the sender is still to be sent. */
  CONFIRMED: 2,
  /** Its record in the log is not complete: it is neither acknowledged nor sent yet. */
  INCOMPLETE: 3,
} as const;

/** In place of the sender of a receipt: it says that the message was received (✓✓), not that it was read. */
export const NO_READER = -1;

/** In place of a group: the message goes to one account. */
export const NOT_TO_GROUP = -1;

/**
 * What the home of a group has accepted and keeps in the group's own mailbox, until all shards have it. NONE: the entry
 * is in the mailbox of a phone.
 */
export const GroupItem = { NONE: 0, MESSAGE: 1, JOIN: 2, LEAVE: 3 } as const;

/** What an entry that is not of a group says about groups. */
export const PHONE_TO_PHONE = {
  group: NOT_TO_GROUP,
  version: 0,
  isList: false,
  item: GroupItem.NONE,
  members: 0,
} as const;

/** What is appended. The object belongs to the caller, who fills it anew for each call. */
export interface MailboxEntry {
  /** Row of the account whose mailbox it is. */
  accountRow: number;
  sequence: number;
  /** Account index of the sender; of a receipt the account that has read the message, or {@link NO_READER}. */
  sender: number;
  /** The sender's id of the message. */
  id: number;
  isReceipt: boolean;
  /** Account index of the group that the message goes to, or {@link NOT_TO_GROUP}, and the version of the group. */
  group: number;
  version: number;
  /** Whether the group is a list. */
  isList: boolean;
  /** A {@link GroupItem}. */
  item: number;
  /** Of an item: recipients of the message, or members after the change. */
  members: number;
  /** The sender's session when it sent: where the receipt is tried first. */
  address: number;
  generation: number;
  /**
   * The ids that this mailbox has accepted from the sender, this one included; see IdWindows. Unused where none are
   * kept. In the mailbox of a member of a group `highest` is the sequence number that the message has in the mailbox of
   * the group.
   */
  highest: number;
  seen: number;
  payload: DataView;
  payloadAt: number;
  payloadBytes: number;
}

/** An entry from phone to phone whose other fields are 0, for its owner to fill in. */
export function blankEntry(payload: DataView): MailboxEntry {
  return {
    accountRow: 0,
    sequence: 0,
    sender: 0,
    id: 0,
    isReceipt: false,
    ...PHONE_TO_PHONE,
    address: 0,
    generation: 0,
    highest: 0,
    seen: 0,
    payload,
    payloadAt: 0,
    payloadBytes: 0,
  };
}
