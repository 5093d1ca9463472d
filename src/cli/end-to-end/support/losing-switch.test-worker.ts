/**
 * Loaded before a run by the tests: a switch that acknowledges each message, and forgets one in so many of them.
 */
import { EntryState } from '../../../store/mailbox-entry.ts';
import { MailboxIndex } from '../../../store/mailbox-index.ts';

const ONE_IN = Number(process.env['TEST_LOSE_ONE_IN'] ?? Number.POSITIVE_INFINITY);

const { append } = MailboxIndex.prototype;
let appended = 0;
MailboxIndex.prototype.append = function losing(mailbox, message, shared) {
  const entry = append.call(this, mailbox, message, shared);
  if (!message.isReceipt && ++appended % ONE_IN === 0) this.setState(entry, EntryState.CONFIRMED);
  return entry;
};
