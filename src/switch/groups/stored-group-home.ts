/**
 * The home of groups where what it accepts is stored: messages, and changes of members. Nothing that it has answered
 * with ✓ is lost when a shard ends, or the whole switch.
 *
 * What is accepted is an item: an entry of the group's own mailbox, recorded in the log of this shard. So the mailbox
 * orders and numbers items, keeps them, and has the ids by which one that is sent again is recognized. An item is
 * answered with ✓ and sent to other shards only when its record is complete, and stays until all of them have stored it
 * (ItemQueue, TakenItems). GROUPS.md has the protocol, and why nothing is lost or shown twice.
 */
import type { ByteSpan } from '../../base/byte-span.ts';
import { count, countBy } from '../../base/counters.ts';
import { TrunklineError } from '../../base/errors.ts';
import { WindowVerdict } from '../../store/id-windows.ts';
import { blankEntry, GroupItem, type MailboxEntry } from '../../store/mailbox-entry.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { STORE_FULL } from '../../store/mailbox-store.ts';
import { ErrorFrameCode, GROUP_PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { MESSAGE_ACCEPTED } from '../homes/account-home.ts';
import type { SessionAnswers } from '../homes/session-answers.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { HomeOfGroups } from './group-home.ts';
import { GroupRequest } from './group-request.ts';
import type { GroupVersions } from './group-versions.ts';
import { ItemQueue, type ItemQueueParts } from './item-queue.ts';
import type { OwedReceipts } from './owed-receipts.ts';
import { type RecentMessages, UNKNOWN } from './recent-messages.ts';
import type { LocalItemHome } from './taken-items.ts';

/** In place of the number of members: not known any more. */
const MEMBERS_UNKNOWN = -1;

export interface StoredGroupHomeParts extends ItemQueueParts {
  readonly answers: SessionAnswers;
  readonly owed: OwedReceipts;
  readonly counters: Float64Array;
  readonly recent: RecentMessages;
  readonly versions: GroupVersions;
}

export class StoredGroupHome implements HomeOfGroups, LocalItemHome {
  readonly #settings: ShardSettings;
  readonly #groups: GroupSettings;
  readonly #parts: StoredGroupHomeParts;
  readonly #index: MailboxIndex;
  readonly #items: ItemQueue;
  readonly #entry = blankEntry(new DataView(new ArrayBuffer(0)));

  constructor(settings: ShardSettings, groups: GroupSettings, parts: StoredGroupHomeParts) {
    this.#settings = settings;
    this.#groups = groups;
    this.#parts = parts;
    this.#index = parts.mailboxes;
    this.#items = new ItemQueue(settings, groups, parts);
  }

  get bytes(): number {
    return this.#items.bytes + this.#parts.owed.bytes;
  }

  get waits(): boolean {
    return this.#items.length > 0 || this.#parts.owed.waits;
  }

  route(author: number, address: number, generation: number, id: number, account: number, payload: ByteSpan): void {
    const { versions, answers, counters } = this.#parts;
    const group = this.#groups.plan.groupAt(account);
    const entry = this.#fill(author, address, generation, id, account);
    if (!this.#isNew(entry)) return;
    const code = this.#judge(group, author, payload.bytes);
    if (code !== MESSAGE_ACCEPTED) {
      answers.message(address, generation, id, code);
      return;
    }
    entry.item = GroupItem.MESSAGE;
    entry.isList = this.#groups.plan.isList(group);
    entry.members = versions.sizeOf(group) - (versions.isMember(group, author) ? 1 : 0);
    entry.payload = payload.view;
    entry.payloadAt = payload.at;
    entry.payloadBytes = payload.bytes;
    if (!this.#accept(group, entry)) {
      answers.message(address, generation, id, ErrorFrameCode.STORE_FULL);
      return;
    }
    count(counters, SwitchCounter.groupMessagesAccepted);
    countBy(counters, SwitchCounter.groupRecipients, entry.members);
  }

  request(
    account: number,
    address: number,
    generation: number,
    id: number,
    groupAccount: number,
    request: number,
  ): void {
    const { answers } = this.#parts;
    const group = this.#groups.plan.groupAt(groupAccount);
    if (group === NO_GROUP) {
      answers.message(address, generation, id, ErrorFrameCode.RECIPIENT_UNKNOWN);
      return;
    }
    const entry = this.#fill(account, address, generation, id, groupAccount);
    if (request === GroupRequest.ASK) {
      this.#answerKnown(entry);
      return;
    }
    if (!this.#isNew(entry)) return;
    const code = this.#change(group, entry, request === GroupRequest.JOIN);
    if (code !== MESSAGE_ACCEPTED) answers.message(address, generation, id, code);
  }

  done(author: number, id: number, hasRejected: boolean, shard: number): void {
    this.#parts.owed.done(author, id, hasRejected, shard);
  }

  taken(account: number, shard: number, sequence: number): void {
    this.#items.taken(account, shard, sequence);
  }

  answered(shard: number, author: number, id: number, state: number): void {
    this.#parts.owed.answered(shard, author, id, state);
  }

  doWork(): number {
    return this.#items.doWork() + this.#parts.owed.doWork();
  }

  forgetShard(shard: number): void {
    this.#items.forgetShard(shard);
  }

  /**
   * Takes an item that was read back, after those before it.
   * @throws STORE_EXCEEDS_INDEX if the queue has no room for it.
   */
  restoreItem(item: number, group: number, name: number, version: number, members: number): void {
    if (this.#items.isFull) {
      throw new TrunklineError(
        'STORE_EXCEEDS_INDEX',
        `Expected at most ${this.#groups.queueMax} messages and changes of groups to wait in the log of shard ${this.#settings.shard}, found more. Start the version of trunkline that wrote the store.`,
      );
    }
    this.#items.restore(item, group, name, version, members);
  }

  /** All items are read back. */
  restored(): void {
    this.#items.restored();
  }

  /** Fills in whoever asks. */
  #fill(sender: number, address: number, generation: number, id: number, account: number): MailboxEntry {
    const entry = this.#entry;
    entry.accountRow = this.#settings.homes.rowOf(account);
    entry.sender = sender;
    entry.address = address;
    entry.generation = generation;
    entry.id = id;
    entry.group = account;
    entry.isList = false;
    entry.payloadBytes = 0;
    return entry;
  }

  /** Whether an id is new to the group; if not, it is answered. */
  #isNew(entry: MailboxEntry): boolean {
    const verdict = this.#parts.store.judge(entry);
    if (verdict === WindowVerdict.NEW) return true;
    if (verdict === WindowVerdict.DUPLICATE) this.#answerKnown(entry);
    else this.#parts.answers.message(entry.address, entry.generation, entry.id, ErrorFrameCode.ID_TOO_OLD);
    return false;
  }

  /** Whether a message is accepted: MESSAGE_ACCEPTED, or the code of the refusal. */
  #judge(group: number, author: number, payloadBytes: number): number {
    const { plan } = this.#groups;
    if (payloadBytes > GROUP_PAYLOAD_BYTES_MAX) return ErrorFrameCode.PAYLOAD_TOO_LONG;
    const { versions } = this.#parts;
    const mayWrite = plan.isList(group) ? plan.ownerOf(group) === author : versions.isMember(group, author);
    if (!mayWrite) return ErrorFrameCode.NOT_A_MEMBER;
    return this.#items.isFull ? ErrorFrameCode.STORE_FULL : MESSAGE_ACCEPTED;
  }

  /**
   * Accepts a change; one that changes nothing is an item as well, so that its id is known.
   * @returns as {@link #judge}.
   */
  #change(group: number, entry: MailboxEntry, isMember: boolean): number {
    const { versions, counters } = this.#parts;
    const isChange = versions.isMember(group, entry.sender) !== isMember;
    if (isChange && isMember && versions.sizeOf(group) >= this.#groups.plan.membersMax)
      return ErrorFrameCode.GROUP_FULL;
    if (this.#items.isFull || (isChange && !versions.change(group, entry.sender))) return ErrorFrameCode.STORE_FULL;
    entry.item = isMember ? GroupItem.JOIN : GroupItem.LEAVE;
    entry.members = versions.sizeOf(group);
    if (!this.#accept(group, entry)) {
      if (isChange) versions.change(group, entry.sender); // as it was; a version was skipped
      return ErrorFrameCode.STORE_FULL;
    }
    if (isChange) count(counters, isMember ? SwitchCounter.groupJoins : SwitchCounter.groupLeaves);
    return MESSAGE_ACCEPTED;
  }

  /** @returns false if the store has no room. */
  #accept(group: number, entry: MailboxEntry): boolean {
    const { store, accounts, versions, owed } = this.#parts;
    const { accountRow } = entry;
    entry.version = versions.versionOf(group);
    entry.sequence = accounts.nextSequence(accountRow);
    const changed = store.append(accounts.mailbox(accountRow), entry);
    if (changed === STORE_FULL) return false;
    accounts.setMailbox(accountRow, changed);
    accounts.setSequence(accountRow, entry.sequence);
    this.#items.push(entry.item, group, changed, entry.version, entry.members);
    owed.remember(entry);
    if (!store.delaysAcknowledgements) this.#items.acknowledgeNewest();
    return true;
  }

  /** Answers an id that was accepted before. Where its record is not complete, its ✓ now goes to this session. */
  #answerKnown({ sender, id, address, generation }: MailboxEntry): void {
    const { recent, answers, counters, store } = this.#parts;
    count(counters, SwitchCounter.groupDuplicates);
    const incomplete = store.delaysAcknowledgements ? this.#items.incompleteOf(sender, id) : 0;
    if (incomplete === 0) {
      const known = recent.find(sender, id);
      const isKnown = known !== UNKNOWN;
      const members = isKnown ? recent.members(known) : MEMBERS_UNKNOWN;
      answers.group(address, generation, id, isKnown ? recent.version(known) : 0, members);
      return;
    }
    const index = this.#index;
    const [earlierAddress, earlierGeneration] = [index.address(incomplete), index.generation(incomplete)];
    const isEarlierLost = index.isSessionLost(incomplete);
    index.setSession(incomplete, address, generation);
    const isSame = earlierAddress === address && earlierGeneration === generation;
    if (!isEarlierLost && !isSame) answers.message(earlierAddress, earlierGeneration, id, ErrorFrameCode.STORE_FULL);
  }
}
