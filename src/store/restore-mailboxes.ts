/** Rebuilds the index of a shard from the records that its log has kept: mailboxes, sequence numbers, windows of ids. */
import { TrunklineError } from '../base/errors.ts';
import { serialDistance } from '../base/serial-distance.ts';
import type { IdWindows } from './id-windows.ts';
import type { MailboxEntry } from './mailbox-entry.ts';
import type { MailboxIndex } from './mailbox-index.ts';
import type { LogVisitor, MailboxLog } from './mailbox-log.ts';

/** What the owner of the mailboxes keeps for each account. */
export interface MailboxNames {
  mailbox(row: number): number;
  setMailbox(row: number, mailbox: number): void;
  setSequence(row: number, sequence: number): void;
  /** Marks a mailbox that has entries to send. */
  setBacklog(row: number, backlog: boolean): void;
}

/**
 * Fills an empty index, the accounts' rows and the windows (if any are kept) from the records of the log. Every entry
 * is WAITING afterwards. Its account is offline and has a backlog.
 * @throws TrunklineError STORE_EXCEEDS_INDEX if the entries need more blocks than the index has.
 */
export function restoreMailboxes(
  log: MailboxLog,
  index: MailboxIndex,
  names: MailboxNames,
  windows: IdWindows | undefined,
): void {
  log.replay(new Restorer(index, names, windows));
}

class Restorer implements LogVisitor {
  readonly #index: MailboxIndex;
  readonly #names: MailboxNames;
  readonly #windows: IdWindows | undefined;

  constructor(index: MailboxIndex, names: MailboxNames, windows: IdWindows | undefined) {
    this.#index = index;
    this.#names = names;
    this.#windows = windows;
  }

  appended(entry: MailboxEntry): void {
    const { accountRow } = entry;
    if (!this.#index.hasRoom(entry.payloadBytes)) {
      throw new TrunklineError(
        'STORE_EXCEEDS_INDEX',
        `Expected the entries of the store to fit into ${this.#index.entriesMax} mailbox blocks of a shard, found more. ` +
          'Start with a larger switch.mailbox.blocks.',
      );
    }
    this.#names.setMailbox(accountRow, this.#index.append(this.#names.mailbox(accountRow), entry));
    this.#names.setSequence(accountRow, entry.sequence);
    this.#names.setBacklog(accountRow, true);
    if (!entry.isReceipt) this.#windows?.put(entry);
  }

  removed(accountRow: number, sequence: number): void {
    let mailbox = this.#names.mailbox(accountRow);
    while (mailbox !== 0 && serialDistance(sequence, this.#index.sequence(this.#index.first(mailbox))) >= 0) {
      mailbox = this.#index.removeFirst(mailbox);
    }
    this.#names.setMailbox(accountRow, mailbox);
  }
}
