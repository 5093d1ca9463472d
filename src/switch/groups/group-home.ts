/**
 * The home of groups: accepts messages to its groups and changes of their members, each group's in one order.
 *
 * When a message is accepted its recipients are fixed: the members of the present version of the group, without the
 * author. The author gets ✓ with both. Then the message waits in the home's queue, behind earlier messages and changes,
 * and is sent to every shard that is home of members, once with its payload; a change is sent to the home of the one
 * member. So each shard sees messages and changes in the order of this home (FanOuts). The queue is bounded: while it is
 * full, messages and changes are refused (ERROR 2), and may be sent again.
 *
 *     word 0   kind        word 1   FAN_OUT: shared payload    JOIN, LEAVE: group
 *     word 2   FAN_OUT: next shard                             JOIN, LEAVE: account
 *
 * The home knows who is a member by the plan and by the changes since (MembershipChanges), so it need not ask the home of
 * the author. When all shards have reported that their members have a message, its author gets ✓✓ (RecentMessages).
 *
 * All of this is lost when the shard ends. A new one begins with the first members of the plan, and with a version above
 * all earlier ones; the other shards are told by the hop that says that it has started.
 * A message that was sent to some shards and whose author has no ✓ yet is sent again by him, and its members on these shards
 * get it twice: mailboxes do not know ids of authors. What was accepted and waits in the queue is lost.
 */
import { count, countBy } from '../../base/counters.ts';
import type { SharedPayloads } from '../../store/shared-payloads.ts';
import { ErrorFrameCode, GROUP_PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { MESSAGE_ACCEPTED } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import type { SessionAnswers } from '../homes/session-answers.ts';
import { Passage, type SessionPassages } from '../homes/session-passages.ts';
import type { GroupSettings, ShardSettings } from '../shard-settings.ts';
import { SwitchCounter } from '../switch-counters.ts';
import type { FanOuts, LocalGroups } from './fan-outs.ts';
import { GroupRequest } from './group-request.ts';
import { MembershipChanges } from './membership-changes.ts';
import { RecentMessages, UNKNOWN } from './recent-messages.ts';
import { WordQueue } from './word-queue.ts';

/** Items of the queue that are handled in one turn, and receipts that are tried again. */
const ITEMS_PER_TURN = 512;
/** Receipts that wait for room to their authors. */
const RECEIPTS_MAX = 1024;
const ITEM_WORDS = 3;
const RECEIPT_WORDS = 4;
const Kind = { FAN_OUT: 0, JOIN: 1, LEAVE: 2, VOID: 3 } as const;
/** Versions of one incarnation: those of the next are higher. */
const INCARNATION_VERSIONS = 2 ** 20;
/** In place of the number of members: not known any more. */
const MEMBERS_UNKNOWN = -1;

export class GroupHome implements LocalGroups {
  readonly #settings: ShardSettings;
  readonly #groups: GroupSettings;
  readonly #shared: SharedPayloads;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #answers: SessionAnswers;
  readonly #passages: SessionPassages;
  readonly #fanOuts: FanOuts;
  readonly #changes: MembershipChanges;
  readonly #recent: RecentMessages;
  readonly #queue: WordQueue;
  readonly #receipts = new WordQueue(RECEIPTS_MAX, RECEIPT_WORDS);
  /** By row of a group of this home: version and number of members. */
  readonly #versions: Int32Array;
  readonly #sizes: Int32Array;
  /** By row and shard: the members whose home it is, in the version that was sent last. */
  readonly #counts: Int32Array;
  /** Row of the accounts of a shard that group 0 has or would have. */
  readonly #firstRow: number;

  /** @param incarnation how often this shard had been started before. */
  constructor(
    settings: ShardSettings,
    groups: GroupSettings,
    incarnation: number,
    shared: SharedPayloads,
    hops: Hops,
    counters: Float64Array,
    answers: SessionAnswers,
    passages: SessionPassages,
    fanOuts: FanOuts,
  ) {
    const { plan } = groups;
    this.#settings = settings;
    this.#groups = groups;
    this.#shared = shared;
    this.#hops = hops;
    this.#counters = counters;
    this.#answers = answers;
    this.#passages = passages;
    this.#fanOuts = fanOuts;
    this.#changes = new MembershipChanges(plan, groups.changesMax);
    this.#recent = new RecentMessages(groups.recentMax);
    this.#queue = new WordQueue(groups.queueMax, ITEM_WORDS);
    const { homes } = settings;
    this.#firstRow = homes.rowOf(plan.accountOf(0));
    const rows = homes.rowOf(plan.accountOf(plan.count)) - this.#firstRow + 1;
    this.#versions = new Int32Array(rows).fill(incarnation * INCARNATION_VERSIONS);
    this.#sizes = new Int32Array(rows);
    this.#counts = new Int32Array(rows * homes.shards);
    for (let group = 0; group < plan.count; group++) {
      if (!this.#isOwn(group)) continue;
      this.#sizes[this.#rowOf(group)] = plan.sizeOf(group);
      for (let k = 0; k < plan.sizeOf(group); k++) this.#addTo(group, homes.shardOf(plan.memberAt(group, k)), 1);
    }
  }

  get bytes(): number {
    return this.#changes.bytes + this.#recent.bytes + this.#queue.bytes + this.#receipts.bytes;
  }

  /** Bytes of what is kept for each group. */
  get groupBytes(): number {
    return this.#versions.byteLength + this.#sizes.byteLength + this.#counts.byteLength;
  }

  /** Whether something waits for room, of which no event tells. */
  get waits(): boolean {
    return this.#queue.length > 0 || this.#receipts.length > 0;
  }

  /** Takes a message to a group of this home, given by its account, and answers its author. */
  route(
    author: number,
    address: number,
    generation: number,
    id: number,
    account: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): void {
    const known = this.#recent.find(author, id);
    if (known !== UNKNOWN) {
      this.#answerKnown(address, generation, id, known);
      return;
    }
    const group = this.#groups.plan.groupAt(account);
    const code = this.#judge(group, author, payloadBytes);
    if (code !== MESSAGE_ACCEPTED) {
      this.#answers.message(address, generation, id, code);
      return;
    }
    const version = this.#versionOf(group);
    const isList = this.#groups.plan.isList(group);
    const recipients = this.#sizeOf(group) - (this.#changes.isMember(group, author) ? 1 : 0);
    const shared = this.#shared.keep(author, id, account, version, isList, payload, payloadAt, payloadBytes);
    this.#push(Kind.FAN_OUT, shared, 0);
    count(this.#counters, SwitchCounter.groupMessagesAccepted);
    countBy(this.#counters, SwitchCounter.groupRecipients, recipients);
    // The home itself is the one that has not reported, until the message is sent to all shards.
    this.#remember(author, id, version, recipients, address, generation, 1);
    this.#answers.group(address, generation, id, version, recipients);
  }

  /** Handles a JOIN or LEAVE, or the question how a message or change was answered. */
  request(
    account: number,
    address: number,
    generation: number,
    id: number,
    groupAccount: number,
    request: number,
  ): void {
    const known = this.#recent.find(account, id);
    if (known !== UNKNOWN || request === GroupRequest.ASK) {
      this.#answerKnown(address, generation, id, known);
      return;
    }
    const group = this.#groups.plan.groupAt(groupAccount);
    const code = this.#change(group, account, request === GroupRequest.JOIN);
    if (code !== MESSAGE_ACCEPTED) {
      this.#answers.message(address, generation, id, code);
      return;
    }
    const version = this.#versionOf(group);
    const size = this.#sizeOf(group);
    this.#remember(account, id, version, size, address, generation, 0);
    this.#answers.group(address, generation, id, version, size);
  }

  /** All recipients on a shard have a message, or some could not be given it. */
  done(author: number, id: number, hasRejected: boolean): void {
    const recent = this.#recent;
    const place = recent.find(author, id);
    if (place === UNKNOWN || recent.shardsLeft(place) === 0) return;
    if (hasRejected) recent.setRejected(place);
    const left = recent.shardsLeft(place) - 1;
    recent.setShardsLeft(place, left);
    if (left > 0) return;
    if (recent.hasRejected(place)) count(this.#counters, SwitchCounter.groupReceiptsDropped);
    else this.#passReceipt(recent.address(place), recent.generation(place), author, id);
  }

  /** Sends what waits in the queue, and receipts that found no room. @returns how much it did. */
  doWork(): number {
    let done = 0;
    for (; done < ITEMS_PER_TURN && this.#queue.length > 0 && this.#work(); done++) this.#queue.shift();
    return done + this.#retryReceipts();
  }

  /**
   * A shard has ended, and with it the changes of members whose home it is. This looks at all groups at once, which only
   * a crash costs.
   */
  forgetShard(shard: number): void {
    const { homes } = this.#settings;
    const { words } = this.#queue;
    for (let n = 0; n < this.#queue.length; n++) {
      const item = this.#queue.at(n);
      const isChange = words[item] === Kind.JOIN || words[item] === Kind.LEAVE;
      if (isChange && homes.shardOf(words[item + 2] as number) === shard) words[item] = Kind.VOID;
    }
    const lost: [group: number, account: number][] = [];
    this.#changes.forEach((group, account) => {
      if (homes.shardOf(account) === shard) lost.push([group, account]);
    });
    for (const [group, account] of lost) {
      this.#resize(group, this.#changes.isMember(group, account) ? -1 : 1);
      this.#changes.change(group, account);
    }
    const { plan } = this.#groups;
    for (let group = 0; group < plan.count; group++) {
      if (!this.#isOwn(group)) continue;
      this.#counts[this.#countPlace(group, shard)] = 0;
      for (let k = 0; k < plan.sizeOf(group); k++) {
        if (homes.shardOf(plan.memberAt(group, k)) === shard) this.#addTo(group, shard, 1);
      }
    }
  }

  /** Whether a message is accepted: MESSAGE_ACCEPTED, or the code of the refusal. */
  #judge(group: number, author: number, payloadBytes: number): number {
    const { plan } = this.#groups;
    if (group === NO_GROUP) return ErrorFrameCode.RECIPIENT_UNKNOWN;
    if (payloadBytes > GROUP_PAYLOAD_BYTES_MAX) return ErrorFrameCode.PAYLOAD_TOO_LONG;
    const mayWrite = plan.isList(group) ? plan.ownerOf(group) === author : this.#changes.isMember(group, author);
    if (!mayWrite) return ErrorFrameCode.NOT_A_MEMBER;
    return this.#queue.isFull || !this.#shared.hasRoom(payloadBytes) ? ErrorFrameCode.STORE_FULL : MESSAGE_ACCEPTED;
  }

  /** Makes an account a member, or ends that. @returns MESSAGE_ACCEPTED, or the code of the refusal. */
  #change(group: number, account: number, isMember: boolean): number {
    if (group === NO_GROUP) return ErrorFrameCode.RECIPIENT_UNKNOWN;
    if (this.#changes.isMember(group, account) === isMember) return MESSAGE_ACCEPTED;
    if (isMember && this.#sizeOf(group) >= this.#groups.plan.membersMax) return ErrorFrameCode.GROUP_FULL;
    if (this.#queue.isFull || !this.#changes.change(group, account)) return ErrorFrameCode.STORE_FULL;
    this.#resize(group, isMember ? 1 : -1);
    this.#push(isMember ? Kind.JOIN : Kind.LEAVE, group, account);
    count(this.#counters, isMember ? SwitchCounter.groupJoins : SwitchCounter.groupLeaves);
    return MESSAGE_ACCEPTED;
  }

  #answerKnown(address: number, generation: number, id: number, known: number): void {
    count(this.#counters, SwitchCounter.groupDuplicates);
    const isKnown = known !== UNKNOWN;
    const version = isKnown ? this.#recent.version(known) : 0;
    this.#answers.group(address, generation, id, version, isKnown ? this.#recent.members(known) : MEMBERS_UNKNOWN);
  }

  #remember(
    author: number,
    id: number,
    version: number,
    members: number,
    address: number,
    generation: number,
    shards: number,
  ): void {
    const isForgotten = this.#recent.add(author, id, version, members, address, generation, shards);
    if (isForgotten) count(this.#counters, SwitchCounter.groupReceiptsDropped);
  }

  /** Sends the oldest item of the queue. @returns false if there is no room for all of it now. */
  #work(): boolean {
    const { words } = this.#queue;
    const item = this.#queue.at(0);
    const what = words[item + 1] as number; // an item has three words, here and below
    switch (words[item]) {
      case Kind.FAN_OUT:
        return this.#fanOut(item, what);
      case Kind.VOID:
        return true;
      default:
        return this.#sendChange(what, words[item + 2] as number, words[item] === Kind.JOIN);
    }
  }

  #fanOut(item: number, shared: number): boolean {
    const { shards } = this.#settings.homes;
    const group = this.#groups.plan.groupAt(this.#shared.group(shared));
    for (let shard = this.#queue.words[item + 2] as number; shard < shards; shard++) {
      this.#queue.words[item + 2] = shard;
      if (this.#counts[this.#countPlace(group, shard)] !== 0 && !this.#sendTo(shard, shared)) return false;
    }
    const author = this.#shared.author(shared);
    const id = this.#shared.id(shared);
    this.#shared.release(shared);
    this.done(author, id, false);
    return true;
  }

  #sendTo(shard: number, shared: number): boolean {
    const all = this.#shared;
    const author = all.author(shared);
    const id = all.id(shared);
    if (shard === this.#settings.shard) {
      if (!this.#fanOuts.takeShared(shared)) return false;
    } else {
      const bytes = all.payloadBytes(shared);
      const at = this.#hops.write.fanOut(shard, bytes, all.group(shared), all.version(shared), author, id);
      if (at < 0) return false;
      all.copyPayload(shared, this.#hops.view, at);
      this.#hops.end(shard);
    }
    const place = this.#recent.find(author, id);
    if (place !== UNKNOWN) this.#recent.setShardsLeft(place, this.#recent.shardsLeft(place) + 1);
    return true;
  }

  #sendChange(group: number, account: number, isMember: boolean): boolean {
    const { homes, shard } = this.#settings;
    const to = homes.shardOf(account);
    const groupAccount = this.#groups.plan.accountOf(group);
    const isSent =
      to === shard
        ? this.#fanOuts.takeChange(groupAccount, account, isMember)
        : this.#hops.write.membership(to, groupAccount, account, isMember ? 1 : 0);
    if (isSent) this.#addTo(group, to, isMember ? 1 : -1);
    return isSent;
  }

  /** Sends the author his ✓✓. */
  #passReceipt(address: number, generation: number, author: number, id: number): void {
    if (this.#tryReceipt(address, generation, author, id)) return;
    if (this.#receipts.isFull) {
      count(this.#counters, SwitchCounter.groupReceiptsDropped);
      return;
    }
    const item = this.#receipts.push();
    const { words } = this.#receipts;
    words[item] = address;
    words[item + 1] = generation;
    words[item + 2] = author;
    words[item + 3] = id;
  }

  /** @returns false if there is no room now. */
  #tryReceipt(address: number, generation: number, author: number, id: number): boolean {
    const passage = this.#passages.receipt(address, generation, author, id);
    if (passage === Passage.FULL) return false;
    if (passage === Passage.GONE) this.#passages.returnReceipt(address, generation, author, id);
    count(this.#counters, SwitchCounter.groupReceipts);
    return true;
  }

  /** Tries receipts again that found no room. @returns how many were sent. */
  #retryReceipts(): number {
    const { words } = this.#receipts;
    let done = 0;
    for (; done < ITEMS_PER_TURN && this.#receipts.length > 0; done++) {
      const item = this.#receipts.at(0);
      const [address, generation] = [words[item] as number, words[item + 1] as number]; // it has four words
      if (!this.#tryReceipt(address, generation, words[item + 2] as number, words[item + 3] as number)) break;
      this.#receipts.shift();
    }
    return done;
  }

  #isOwn(group: number): boolean {
    return this.#settings.homes.shardOf(this.#groups.plan.accountOf(group)) === this.#settings.shard;
  }

  #rowOf(group: number): number {
    return this.#settings.homes.rowOf(this.#groups.plan.accountOf(group)) - this.#firstRow;
  }

  #versionOf(group: number): number {
    return this.#versions[this.#rowOf(group)] as number; // a group of this home has a row, here and below
  }

  #sizeOf(group: number): number {
    return this.#sizes[this.#rowOf(group)] as number;
  }

  /** The next version of a group, with more or fewer members. */
  #resize(group: number, members: number): void {
    const row = this.#rowOf(group);
    this.#sizes[row] = (this.#sizes[row] as number) + members;
    this.#versions[row] = ((this.#versions[row] as number) + 1) | 0;
  }

  #countPlace(group: number, shard: number): number {
    return this.#rowOf(group) * this.#settings.homes.shards + shard;
  }

  #addTo(group: number, shard: number, members: number): void {
    const place = this.#countPlace(group, shard);
    this.#counts[place] = (this.#counts[place] as number) + members;
  }

  #push(kind: number, first: number, second: number): void {
    const item = this.#queue.push();
    const { words } = this.#queue;
    words[item] = kind;
    words[item + 1] = first;
    words[item + 2] = second;
  }
}
