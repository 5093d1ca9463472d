/** Entries as tests of the log write them. */
import { type MailboxEntry, PHONE_TO_PHONE } from '../mailbox-entry.ts';

/** A message from phone to phone without a payload, but for what is given. */
export function logEntry(changes: Partial<MailboxEntry> = {}): MailboxEntry {
  const payloadBytes = changes.payloadBytes ?? 0;
  return {
    accountRow: 0,
    sequence: 1,
    sender: 0,
    id: 1,
    isReceipt: false,
    ...PHONE_TO_PHONE,
    address: 0,
    generation: 0,
    highest: 1,
    seen: 1,
    payload: new DataView(new ArrayBuffer(payloadBytes)),
    payloadAt: 0,
    payloadBytes,
    ...changes,
  };
}
