/**
 * The home of groups where what it accepts is stored: messages, and changes of members. It does what GroupHome does, and
 * nothing that it has answered with ✓ is lost when a shard ends, or the whole switch.
 *
 * What is accepted is an ITEM: an entry of the group's own mailbox, recorded in the log of this shard with the version of the
 * group and the recipients. The mailbox gives it its sequence number, and the window of ids by which it is recognized when it is
 * sent again. An item is answered with ✓ and sent to other shards only when its record is complete. It is sent to all shards (a
 * change to the home of its account), in the order of its group, and stays in the mailbox until all of them have stored it
 * (TakenItems). A shard that starts again is sent all items again that it has not confirmed, and drops those that it has.
 *
 * Why nothing is lost: an item that was answered is in this log until each shard has a complete note behind the last entry
 * that the item made there. Why nothing is shown twice: the home gives each sequence number once, since others see it only when
 * its record is complete, and a shard applies each once. Why the recipients are right: each shard applies the items of a group
 * in the order in which the home accepted them, so it has the members of the version of a message when it takes it.
 *
 * Who is a member is what the plan and the newest change of each account say; the log keeps these, and so the version. The
 * author is owed ✓✓ until all shards have reported; the record of a message is kept for that until it is noted as SETTLED. Reports
 * are not stored: after a restart of either side the home asks each shard that has stored the message, one question at a time.
 *
 * The queue of items is bounded; while it is full, messages and changes are refused (ERROR 2), and may be sent again.
 *
 *     word 0   GroupItem        word 1   group      word 2   entry of the mailbox     word 3   version
 *     word 4   members          word 5   batch of its record
 */
import type { ByteSpan } from '../../base/byte-span.ts';
import { count, countBy } from '../../base/counters.ts';
import { TrunklineError } from '../../base/errors.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { WindowVerdict } from '../../store/id-windows.ts';
import { GroupItem, type MailboxEntry, PHONE_TO_PHONE } from '../../store/mailbox-entry.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { type MailboxStore, STORE_FULL } from '../../store/mailbox-store.ts';
import { ErrorFrameCode, GROUP_PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { MESSAGE_ACCEPTED } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import type { SessionAnswers } from '../homes/session-answers.ts';
import type { AccountTable } from '../tables/account-table.ts';
import type { AddressLayout } from '../tables/address-layout.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { FanOuts } from './fan-outs.ts';
import type { HomeOfGroups } from './group-home.ts';
import { GroupRequest } from './group-request.ts';
import type { GroupVersions } from './group-versions.ts';
import type { OwedReceipts } from './owed-receipts.ts';
import { type RecentMessages, UNKNOWN } from './recent-messages.ts';
import type { LocalItemHome } from './taken-items.ts';
import { WordQueue } from './word-queue.ts';

const ITEM_WORDS = 6;
/** Items that are sent to one shard in one turn. */
const ITEMS_PER_TURN = 512;
const NONE = -1;
/** In place of the number of members: not known any more. */
const MEMBERS_UNKNOWN = -1;

export interface StoredGroupHomeParts {
  readonly store: MailboxStore;
  readonly mailboxes: MailboxIndex;
  readonly accounts: AccountTable;
  readonly addresses: AddressLayout;
  readonly hops: Hops;
  readonly counters: Float64Array;
  readonly answers: SessionAnswers;
  readonly fanOuts: FanOuts;
  readonly recent: RecentMessages;
  readonly owed: OwedReceipts;
  readonly versions: GroupVersions;
}

export class StoredGroupHome implements HomeOfGroups, LocalItemHome {
  readonly #settings: ShardSettings;
  readonly #groups: GroupSettings;
  readonly #parts: StoredGroupHomeParts;
  readonly #index: MailboxIndex;
  readonly #queue: WordQueue;
  readonly #entry: MailboxEntry;
  readonly #payload: ByteSpan = { view: new DataView(new ArrayBuffer(PAYLOAD_BYTES_MAX)), at: 0, bytes: 0 };
  readonly #firstRow: number;
  /** By row of a group and shard: the newest item that the shard has stored. */
  readonly #taken: Int32Array;
  /** Items at the front of the queue whose records are complete, and how many of them were sent to each shard. */
  #complete = 0;
  readonly #sent: Int32Array;

  constructor(settings: ShardSettings, groups: GroupSettings, parts: StoredGroupHomeParts) {
    const { homes } = settings;
    const { plan } = groups;
    this.#settings = settings;
    this.#groups = groups;
    this.#parts = parts;
    this.#index = parts.mailboxes;
    this.#queue = new WordQueue(groups.queueMax, ITEM_WORDS);
    this.#firstRow = homes.rowOf(plan.accountOf(0));
    const rows = homes.rowOf(plan.accountOf(plan.count)) - this.#firstRow + 1;
    this.#taken = new Int32Array(rows * homes.shards).fill(NONE);
    this.#sent = new Int32Array(homes.shards);
    this.#entry = {
      ...PHONE_TO_PHONE,
      accountRow: 0,
      sequence: 0,
      sender: 0,
      id: 0,
      isReceipt: false,
      address: 0,
      generation: 0,
      highest: 0,
      seen: 0,
      payload: this.#payload.view,
      payloadAt: 0,
      payloadBytes: 0,
    };
  }

  get bytes(): number {
    return this.#queue.bytes + this.#taken.byteLength + this.#parts.owed.bytes;
  }

  get waits(): boolean {
    return this.#queue.length > 0 || this.#parts.owed.waits;
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
    const place = this.#takenPlace(this.#settings.homes.rowOf(account), shard);
    const before = this.#taken[place] as number; // a group of this home
    if (before === NONE || serialDistance(sequence, before) > 0) this.#taken[place] = sequence;
  }

  answered(shard: number, author: number, id: number, state: number): void {
    this.#parts.owed.answered(shard, author, id, state);
  }

  doWork(): number {
    let done = this.#completeItems();
    for (let shard = 0; shard < this.#settings.homes.shards; shard++) done += this.#sendTo(shard);
    return done + this.#removeTaken() + this.#parts.owed.doWork();
  }

  /** The sessions of a shard that has ended are lost, and it has stored what it has confirmed, at least. */
  forgetShard(shard: number): void {
    const { addresses, owed } = this.#parts;
    for (let n = this.#complete; n < this.#queue.length; n++) {
      const entry = this.#entryAt(n);
      if (addresses.shardOf(this.#index.address(entry)) === shard) this.#index.setSessionLost(entry);
    }
    this.#sent[shard] = 0;
    owed.askAfter(shard, this.#complete);
  }

  /**
   * Takes an item that was read back, after those before it.
   * @throws STORE_EXCEEDS_INDEX if the queue has no room for it.
   */
  restoreItem(item: number, group: number, name: number, version: number, members: number): void {
    if (this.#queue.isFull) {
      throw new TrunklineError(
        'STORE_EXCEEDS_INDEX',
        `Expected at most ${this.#groups.queueMax} messages and changes of groups to wait in the log of shard ${this.#settings.shard}, found more. Start the version of trunkline that wrote the store.`,
      );
    }
    this.#push(item, group, name, version, members);
    this.#complete++;
    for (let shard = 0; shard < this.#settings.homes.shards; shard++) this.#parts.owed.askAfter(shard, this.#complete);
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
    return this.#queue.isFull ? ErrorFrameCode.STORE_FULL : MESSAGE_ACCEPTED;
  }

  /** Accepts a change; one that changes nothing is an item as well, so that its id is known. @returns as {@link #judge}. */
  #change(group: number, entry: MailboxEntry, isMember: boolean): number {
    const { versions, counters } = this.#parts;
    const isChange = versions.isMember(group, entry.sender) !== isMember;
    if (isChange && isMember && versions.sizeOf(group) >= this.#groups.plan.membersMax)
      return ErrorFrameCode.GROUP_FULL;
    if (this.#queue.isFull || (isChange && !versions.change(group, entry.sender))) return ErrorFrameCode.STORE_FULL;
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
    this.#push(entry.item, group, changed, entry.version, entry.members);
    owed.remember(entry);
    if (!store.delaysAcknowledgements) this.#acknowledge(this.#queue.length - 1);
    return true;
  }

  /** Answers an id that was accepted before. Where its record is not complete, its ✓ now goes to this session. */
  #answerKnown({ sender, id, address, generation }: MailboxEntry): void {
    const { recent, answers, counters, store } = this.#parts;
    count(counters, SwitchCounter.groupDuplicates);
    const incomplete = store.delaysAcknowledgements ? this.#incompleteOf(sender, id) : 0;
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

  /** The entry of an item whose record is not complete, or 0. */
  #incompleteOf(sender: number, id: number): number {
    const index = this.#index;
    for (let n = this.#complete; n < this.#queue.length; n++) {
      const entry = this.#entryAt(n);
      if (index.sender(entry) === sender && index.id(entry) === id) return entry;
    }
    return 0;
  }

  /** Answers items whose records are complete, which may be sent from now on. @returns how many. */
  #completeItems(): number {
    const { store } = this.#parts;
    const { words } = this.#queue;
    let done = 0;
    for (; this.#complete < this.#queue.length; done++) {
      if (!store.isComplete(words[this.#queue.at(this.#complete) + 5] as number)) break; // an item has six words
      if (store.delaysAcknowledgements) this.#acknowledge(this.#complete);
      this.#complete++;
    }
    return done;
  }

  #acknowledge(n: number): void {
    const index = this.#index;
    const { words } = this.#queue;
    const item = this.#queue.at(n);
    const entry = words[item + 2] as number; // as above, here and below
    if (index.isSessionLost(entry)) return;
    const [version, members] = [words[item + 3] as number, words[item + 4] as number];
    this.#parts.answers.group(index.address(entry), index.generation(entry), index.id(entry), version, members);
  }

  /** Sends a shard what it has not been sent. @returns how many items. */
  #sendTo(shard: number): number {
    let at = this.#sent[shard] as number; // a shard of the switch
    const end = Math.min(this.#complete, at + ITEMS_PER_TURN);
    const begin = at;
    while (at < end && (!this.#isFor(at, shard) || this.#send(at, shard))) at++;
    this.#sent[shard] = at;
    return at - begin;
  }

  /** Whether an item concerns a shard: a message may have members anywhere. */
  #isFor(n: number, shard: number): boolean {
    if (this.#queue.words[this.#queue.at(n)] === GroupItem.MESSAGE) return true;
    return this.#settings.homes.shardOf(this.#index.sender(this.#entryAt(n))) === shard;
  }

  /** @returns false if there is no room now. */
  #send(n: number, shard: number): boolean {
    const { fanOuts, hops } = this.#parts;
    const index = this.#index;
    const { words } = this.#queue;
    const item = this.#queue.at(n);
    const entry = this.#entryAt(n);
    const account = this.#groups.plan.accountOf(words[item + 1] as number);
    const version = words[item + 3] as number;
    const [sender, id, sequence] = [index.sender(entry), index.id(entry), index.sequence(entry)];
    const isLocal = shard === this.#settings.shard;
    if (words[item] !== GroupItem.MESSAGE) {
      const isMember = words[item] === GroupItem.JOIN;
      if (isLocal) return fanOuts.takeChange(account, sender, isMember, sequence);
      return hops.write.membership(shard, account, sender, isMember ? 1 : 0, sequence);
    }
    const bytes = index.payloadBytes(entry);
    if (isLocal) {
      index.copyPayload(entry, this.#payload.view, 0);
      this.#payload.bytes = bytes;
      return fanOuts.take(account, version, sender, id, sequence, this.#payload);
    }
    const at = hops.write.fanOut(shard, bytes, account, version, sender, id, sequence);
    if (at < 0) return false;
    index.copyPayload(entry, hops.view, at);
    hops.end(shard);
    return true;
  }

  /** Removes items from the front that all shards have stored. @returns how many. */
  #removeTaken(): number {
    const { accounts, store, owed } = this.#parts;
    let done = 0;
    for (; this.#complete > 0 && this.#isTaken(); done++) {
      const row = this.#index.accountRow(this.#entryAt(0));
      accounts.setMailbox(row, store.removeFirst(accounts.mailbox(row)));
      this.#queue.shift();
      this.#complete--;
      for (let shard = 0; shard < this.#sent.length; shard++)
        this.#sent[shard] = Math.max(0, (this.#sent[shard] as number) - 1);
      owed.itemRemoved();
    }
    return done;
  }

  /** Whether all shards have stored the oldest item. */
  #isTaken(): boolean {
    const entry = this.#entryAt(0);
    const row = this.#index.accountRow(entry);
    const sequence = this.#index.sequence(entry);
    for (let shard = 0; shard < this.#sent.length; shard++) {
      const taken = this.#taken[this.#takenPlace(row, shard)] as number; // as above
      if (this.#isFor(0, shard) && (taken === NONE || serialDistance(taken, sequence) < 0)) return false;
    }
    return true;
  }

  #entryAt(n: number): number {
    return this.#queue.words[this.#queue.at(n) + 2] as number; // an item has six words
  }

  #takenPlace(row: number, shard: number): number {
    return (row - this.#firstRow) * this.#settings.homes.shards + shard;
  }

  #push(kind: number, group: number, entry: number, version: number, members: number): void {
    const item = this.#queue.push();
    const { words } = this.#queue;
    words[item] = kind;
    words[item + 1] = group;
    words[item + 2] = entry;
    words[item + 3] = version;
    words[item + 4] = members;
    words[item + 5] = this.#parts.store.openBatch;
  }
}
