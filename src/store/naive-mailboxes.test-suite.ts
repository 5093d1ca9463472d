/**
 * Mailboxes, sequence numbers, windows of ids and members of groups as the records of a log say, without any
 * cleverness.
 */
import { serialDistance } from '../base/serial-distance.ts';
import type { MailboxEntry } from './mailbox-entry.ts';
import { GroupNote, type LogVisitor } from './mailbox-log.ts';
import { hasWindow } from './restore-mailboxes.ts';

/** An entry that waits. */
export type Kept = Pick<
  MailboxEntry,
  'sequence' | 'sender' | 'id' | 'isReceipt' | 'group' | 'version' | 'isList' | 'address' | 'generation'
> & {
  readonly payload: string;
};

export class NaiveMailboxes implements LogVisitor {
  readonly mailboxes = new Map<number, Kept[]>();
  readonly sequences = new Map<number, number>();
  readonly windows = new Map<string, string>();
  readonly members = new Map<string, string>();

  appended(entry: MailboxEntry): void {
    const { accountRow, sequence, sender, id, isReceipt, group, version, isList, address, generation } = entry;
    const bytes = new Uint8Array(entry.payload.buffer, entry.payload.byteOffset + entry.payloadAt, entry.payloadBytes);
    const payload = Buffer.from(bytes).toString('hex');
    const kept = { sequence, sender, id, isReceipt, group, version, isList, address, generation, payload };
    this.mailboxes.set(accountRow, [...(this.mailboxes.get(accountRow) ?? []), kept]);
    this.sequences.set(accountRow, sequence);
    if (hasWindow(entry)) this.windows.set(`${accountRow} ${sender}`, `${entry.highest} ${entry.seen}`);
  }

  removed(accountRow: number, sequence: number): void {
    const left = (this.mailboxes.get(accountRow) ?? []).filter((entry) => serialDistance(entry.sequence, sequence) > 0);
    this.mailboxes.set(accountRow, left);
  }

  noted(note: number, subject: number, sequence: number, detail: number): void {
    if (note !== GroupNote.JOINED && note !== GroupNote.LEFT) return;
    this.members.set(`${subject} ${detail}`, `${note} ${sequence}`);
  }

  /** As text that can be compared. */
  toString(): string {
    const sorted = (map: Map<unknown, unknown>) => [...map].sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1));
    const mailboxes = sorted(this.mailboxes).filter(([, entries]) => (entries as Kept[]).length > 0);
    const maps = [this.sequences, this.windows, this.members].map(sorted);
    return JSON.stringify([mailboxes, ...maps], undefined, 1);
  }
}
