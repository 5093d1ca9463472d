/** Rebuilds the index of a shard from the records that its log has kept: mailboxes, sequence numbers, windows of ids. */
import { TrunklineError } from '../base/errors.ts';
import { serialDistance } from '../base/serial-distance.ts';
import type { IdWindows } from './id-windows.ts';
import { type MailboxEntry, NOT_TO_GROUP } from './mailbox-entry.ts';
import type { MailboxIndex } from './mailbox-index.ts';
import type { LogVisitor, MailboxLog } from './mailbox-log.ts';

/** Whether the window of ids of its sender knows an entry: those of messages from phone to phone. A group has its own memory. */
export function hasWindow(entry: MailboxEntry): boolean {
  return !entry.isReceipt && entry.group === NOT_TO_GROUP;
}

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
    if (!this.#hasRoom(entry)) {
      throw new TrunklineError(
        'STORE_EXCEEDS_INDEX',
        `Expected the entries of the store to fit into ${this.#index.entriesMax} mailbox blocks of a shard, found more. ` +
          'Start with a larger switch.mailbox.blocks.',
      );
    }
    this.#names.setMailbox(accountRow, this.#append(this.#names.mailbox(accountRow), entry));
    this.#names.setSequence(accountRow, entry.sequence);
    this.#names.setBacklog(accountRow, true);
    if (hasWindow(entry)) this.#windows?.put(entry);
  }

  /** An entry of a group needs a block besides its payload: after a restart each entry has one of its own. */
  #hasRoom(entry: MailboxEntry): boolean {
    const { payloadBytes } = entry;
    return entry.group === NOT_TO_GROUP ? this.#index.hasRoom(payloadBytes) : this.#index.hasSharedRoom(payloadBytes);
  }

  #append(mailbox: number, entry: MailboxEntry): number {
    if (entry.group === NOT_TO_GROUP) return this.#index.append(mailbox, entry);
    const { sender, id, group, version, isList, payload: view, payloadAt: at, payloadBytes: bytes } = entry;
    const shared = this.#index.shared.keep(sender, id, group, version, isList, { view, at, bytes });
    const name = this.#index.append(mailbox, entry, shared);
    this.#index.shared.release(shared);
    return name;
  }

  removed(accountRow: number, sequence: number): void {
    let mailbox = this.#names.mailbox(accountRow);
    while (mailbox !== 0 && serialDistance(sequence, this.#index.sequence(this.#index.first(mailbox))) >= 0) {
      mailbox = this.#index.removeFirst(mailbox);
    }
    this.#names.setMailbox(accountRow, mailbox);
  }
}
