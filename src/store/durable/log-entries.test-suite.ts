/** Entries as tests of the log write them. */
import { blankEntry, type MailboxEntry } from '../mailbox-entry.ts';

/** A message from phone to phone without a payload, but for what is given. */
export function logEntry(changes: Partial<MailboxEntry> = {}): MailboxEntry {
  const payloadBytes = changes.payloadBytes ?? 0;
  const payload = new DataView(new ArrayBuffer(payloadBytes));
  return { ...blankEntry(payload), sequence: 1, id: 1, highest: 1, seen: 1, payloadBytes, ...changes };
}
