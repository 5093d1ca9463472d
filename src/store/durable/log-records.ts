/**
 * The records of a log as bytes: the same in the buffer that a shard shares with its store thread, and on disk. Words
 * are little-endian, and a record is a multiple of four bytes long.
 *
 *     word 0   kind 0..2 · payload bytes 3..13 · receipt 14 · to a group 15 · list 16 · item of a group 17..18
 *     word 1   row of the account
 *     word 2   sequence number
 *
 * A REMOVED record ends here. An APPENDED or MARK record goes on:
 *
 *     word 3   sender's account index
 *     word 4   id
 *     word 5   address of the sender's session
 *     word 6   generation of that session 0..10 · seen ids of the window 11..26
 *     word 7   highest id of the window
 *     word 8   group, word 9 its version, word 10 members of an item: only if the message goes to a group
 *     …        payload, filled up with zeros
 *
 * A NOTE about a group has its kind in bits 3..4 of word 0, its subject in word 1, and its detail in word 3.
 *
 * A MARK stands for an entry that was removed, of which the sequence number or something else is still needed. PADDING
 * is a single word that sends a reader of the buffer back to its start; it never reaches the disk.
 */
import { copyBytes } from '../../base/copy-bytes.ts';
import { blankEntry, type MailboxEntry, NOT_TO_GROUP } from '../mailbox-entry.ts';

export const RecordKind = { APPENDED: 1, REMOVED: 2, MARK: 3, PADDING: 4, NOTE: 5 } as const;

const KIND_MASK = 7;
const LENGTH_SHIFT = 3;
const LENGTH_MASK = 0x7ff;
const RECEIPT_BIT = 1 << 14;
const GROUP_BIT = 1 << 15;
const LIST_BIT = 1 << 16;
const ITEM_SHIFT = 17;
const ITEM_MASK = 3;
const NOTE_SHIFT = 3;
const NOTE_MASK = 3;
const GENERATION_MASK = 0x7ff;
const SEEN_SHIFT = 11;
const WORD_BYTES = 4;
const ENTRY_HEAD_BYTES = 8 * WORD_BYTES;
const GROUP_BYTES = 3 * WORD_BYTES;
export const REMOVED_BYTES = 3 * WORD_BYTES;
export const NOTE_BYTES = 4 * WORD_BYTES;
const PADDING_BYTES = WORD_BYTES;
/** The longest record: a message to a group with the longest payload that an entry can have. */
export const RECORD_BYTES_MAX = ENTRY_HEAD_BYTES + GROUP_BYTES + LENGTH_MASK + 1;

/** Bytes of the record of an entry. */
export function appendedBytes({ group, payloadBytes }: Pick<MailboxEntry, 'group' | 'payloadBytes'>): number {
  return entryBytes(group !== NOT_TO_GROUP, payloadBytes);
}

/** Writes the record of an entry; it takes {@link appendedBytes}. */
export function writeAppended(view: DataView, at: number, entry: MailboxEntry): void {
  const { group, payloadBytes } = entry;
  const hasGroup = group !== NOT_TO_GROUP;
  const head =
    RecordKind.APPENDED |
    (payloadBytes << LENGTH_SHIFT) |
    (entry.isReceipt ? RECEIPT_BIT : 0) |
    (hasGroup ? GROUP_BIT : 0) |
    (entry.isList ? LIST_BIT : 0) |
    (entry.item << ITEM_SHIFT);
  writeEntryHead(view, at, head, entry);
  let payloadAt = at + ENTRY_HEAD_BYTES;
  if (hasGroup) {
    writeGroup(view, payloadAt, entry);
    payloadAt += GROUP_BYTES;
  }
  const end = at + entryBytes(hasGroup, payloadBytes);
  if (end > payloadAt) view.setInt32(end - WORD_BYTES, 0, true);
  copyBytes(entry.payload, entry.payloadAt, view, payloadAt, payloadBytes);
}

/** Writes the record of a removal; it takes {@link REMOVED_BYTES}. */
export function writeRemoved(view: DataView, at: number, accountRow: number, sequence: number): void {
  view.setInt32(at, RecordKind.REMOVED, true);
  view.setInt32(at + 4, accountRow, true);
  view.setInt32(at + 8, sequence, true);
}

/** Writes a note about a group; it takes {@link NOTE_BYTES}. The arguments are those of MailboxLog.note. */
export function writeNote(
  view: DataView,
  at: number,
  note: number,
  subject: number,
  sequence: number,
  detail: number,
): void {
  view.setInt32(at, RecordKind.NOTE | (note << NOTE_SHIFT), true);
  view.setInt32(at + 4, subject, true);
  view.setInt32(at + 8, sequence, true);
  view.setInt32(at + 12, detail, true);
}

export function writePadding(view: DataView, at: number): void {
  view.setInt32(at, RecordKind.PADDING, true);
}

/** Writes a mark in place of an entry that was removed. @returns its bytes. */
export function writeMark(view: DataView, at: number, entry: MailboxEntry): number {
  const hasGroup = entry.group !== NOT_TO_GROUP;
  const head =
    RecordKind.MARK |
    (entry.isReceipt ? RECEIPT_BIT : 0) |
    (hasGroup ? GROUP_BIT : 0) |
    (entry.isList ? LIST_BIT : 0) |
    (entry.item << ITEM_SHIFT);
  writeEntryHead(view, at, head, entry);
  if (hasGroup) writeGroup(view, at + ENTRY_HEAD_BYTES, entry);
  return entryBytes(hasGroup, 0);
}

/** The kind of the record that begins here. */
export function kindAt(view: DataView, at: number): number {
  return view.getInt32(at, true) & KIND_MASK;
}

/** The length of the record that begins here, which must be a whole one. */
export function recordBytes(view: DataView, at: number): number {
  const head = view.getInt32(at, true);
  const kind = head & KIND_MASK;
  if (kind === RecordKind.REMOVED) return REMOVED_BYTES;
  if (kind === RecordKind.NOTE) return NOTE_BYTES;
  if (kind === RecordKind.PADDING) return PADDING_BYTES;
  return entryBytes((head & GROUP_BIT) !== 0, (head >>> LENGTH_SHIFT) & LENGTH_MASK);
}

/** Reads records one by one. What it has read is valid until the next call. */
export class RecordReader {
  kind = 0;
  /** Of a removal or a note only its row and sequence number have a meaning. */
  readonly entry = blankEntry(new DataView(new ArrayBuffer(0)));
  /** Of a note, whose subject and sequence number are in the entry as row and sequence number. */
  note = 0;
  detail = 0;

  /**
   * Reads the record that begins at `at`.
   * @param end where the records end.
   * @returns where the next one begins, or -1 if there is no record: its kind is unknown, or it does not end before
   *   `end`.
   */
  read(view: DataView, at: number, end: number): number {
    if (end - at < PADDING_BYTES) return -1;
    const head = view.getInt32(at, true);
    this.kind = kindAt(view, at);
    if (this.kind === RecordKind.PADDING) return at + PADDING_BYTES;
    if (end - at < REMOVED_BYTES) return -1;
    const { entry } = this;
    entry.accountRow = view.getInt32(at + 4, true);
    entry.sequence = view.getInt32(at + 8, true);
    if (this.kind === RecordKind.REMOVED) return at + REMOVED_BYTES;
    if (this.kind === RecordKind.NOTE) {
      if (end - at < NOTE_BYTES) return -1;
      this.note = (head >>> NOTE_SHIFT) & NOTE_MASK;
      this.detail = view.getInt32(at + 12, true);
      return at + NOTE_BYTES;
    }
    if (this.kind !== RecordKind.APPENDED && this.kind !== RecordKind.MARK) return -1;
    const hasGroup = (head & GROUP_BIT) !== 0;
    const payloadBytes = (head >>> LENGTH_SHIFT) & LENGTH_MASK;
    const next = at + entryBytes(hasGroup, payloadBytes);
    if (next > end) return -1;
    entry.sender = view.getInt32(at + 12, true);
    entry.id = view.getInt32(at + 16, true);
    entry.address = view.getInt32(at + 20, true);
    const packed = view.getInt32(at + 24, true);
    entry.generation = packed & GENERATION_MASK;
    entry.seen = packed >>> SEEN_SHIFT;
    entry.highest = view.getInt32(at + 28, true);
    entry.isReceipt = (head & RECEIPT_BIT) !== 0;
    entry.isList = (head & LIST_BIT) !== 0;
    const groupAt = at + ENTRY_HEAD_BYTES;
    entry.group = hasGroup ? view.getInt32(groupAt, true) : NOT_TO_GROUP;
    entry.version = hasGroup ? view.getInt32(groupAt + WORD_BYTES, true) : 0;
    entry.members = hasGroup ? view.getInt32(groupAt + 2 * WORD_BYTES, true) : 0;
    entry.item = (head >>> ITEM_SHIFT) & ITEM_MASK;
    entry.payload = view;
    entry.payloadAt = groupAt + (hasGroup ? GROUP_BYTES : 0);
    entry.payloadBytes = payloadBytes;
    return next;
  }
}

function entryBytes(hasGroup: boolean, payloadBytes: number): number {
  return ENTRY_HEAD_BYTES + (hasGroup ? GROUP_BYTES : 0) + ((payloadBytes + WORD_BYTES - 1) & -WORD_BYTES);
}

function writeGroup(view: DataView, at: number, { group, version, members }: MailboxEntry): void {
  view.setInt32(at, group, true);
  view.setInt32(at + WORD_BYTES, version, true);
  view.setInt32(at + 2 * WORD_BYTES, members, true);
}

function writeEntryHead(view: DataView, at: number, head: number, entry: MailboxEntry): void {
  view.setInt32(at, head, true);
  view.setInt32(at + 4, entry.accountRow, true);
  view.setInt32(at + 8, entry.sequence, true);
  view.setInt32(at + 12, entry.sender, true);
  view.setInt32(at + 16, entry.id, true);
  view.setInt32(at + 20, entry.address, true);
  view.setInt32(at + 24, (entry.generation & GENERATION_MASK) | (entry.seen << SEEN_SHIFT), true);
  view.setInt32(at + 28, entry.highest, true);
}
