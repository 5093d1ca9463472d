/** A log that records nothing, for mailboxes that end with their shard. Each record is complete at once. */
import type { MailboxLog } from './mailbox-log.ts';

export class VolatileLog implements MailboxLog {
  readonly openBatch = 0;
  readonly completedBatch = 0;

  append(): boolean {
    return true;
  }

  remove(): void {
    // Nothing was recorded.
  }

  note(): boolean {
    return true;
  }

  submit(): void {
    // Nothing is open.
  }

  replay(): void {
    // Nothing survives.
  }
}
