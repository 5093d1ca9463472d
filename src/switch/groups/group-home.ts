/**
 * The home of groups where nothing outlasts the shard: it accepts messages to its groups and changes of their members,
 * each group's in one order, and sends them to the shards of the members. StoredGroupHome is the other one; GROUPS.md
 * has what both do, and what a crash costs.
 *
 * What is accepted waits in one bounded queue, so each shard sees messages and changes in the order of this home, and
 * with them the members that a message was accepted for (FanOuts). While the queue is full, messages and changes are
 * refused (ERROR 2), and may be sent again.
 *
 *     word 0   kind        word 1   FAN_OUT: shared payload    JOIN, LEAVE: group
 *     word 2   FAN_OUT: next shard                             JOIN, LEAVE: account
 *
 * Who is a member in the present version is in GroupVersions, so the home need not ask the home of the author. A
 * message that is sent again is recognized (RecentMessages). GroupReceipts sends its author ✓✓ when all members have
 * it.
 */
import type { ByteSpan } from '../../base/byte-span.ts';
import { count, countBy } from '../../base/counters.ts';
import type { SharedPayloads } from '../../store/shared-payloads.ts';
import { ErrorFrameCode, GROUP_PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { MESSAGE_ACCEPTED } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import type { SessionAnswers } from '../homes/session-answers.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { NOT_STORED } from './fan-out-items.ts';
import type { FanOuts } from './fan-outs.ts';
import type { GroupReceipts } from './group-receipts.ts';
import { GroupRequest } from './group-request.ts';
import type { GroupVersions } from './group-versions.ts';
import { type RecentMessages, UNKNOWN } from './recent-messages.ts';
import { WordQueue } from './word-queue.ts';

/** Most items of the queue that are handled in one turn. */
const ITEMS_MAX = 512;
const ITEM_WORDS = 3;
const Kind = { FAN_OUT: 0, JOIN: 1, LEAVE: 2, VOID: 3 } as const;
/** In place of the number of members: not known any more. */
const MEMBERS_UNKNOWN = -1;

/** The home of some groups, whether what it accepts is stored or not. The arguments are those of hops. */
export interface HomeOfGroups {
  readonly bytes: number;
  /** Whether something waits for room, of which no event tells. */
  readonly waits: boolean;
  /** Takes a message to a group of this home, given by its account, and answers its author. */
  route(author: number, address: number, generation: number, id: number, account: number, payload: ByteSpan): void;
  /** Handles a JOIN or LEAVE, or the question how a message or change was answered. */
  request(
    account: number,
    address: number,
    generation: number,
    id: number,
    groupAccount: number,
    request: number,
  ): void;
  /** All recipients on a shard have a message, or some could not be given it. */
  done(author: number, id: number, hasRejected: boolean, shard: number): void;
  /** Sends what waits. @returns how much it did. */
  doWork(): number;
  /** A shard has ended. */
  forgetShard(shard: number): void;
}

/** What the home of groups shares with the other parts of groups, and what it needs of the shard. */
export interface GroupHomeParts {
  readonly shared: SharedPayloads;
  readonly hops: Hops;
  readonly counters: Float64Array;
  readonly answers: SessionAnswers;
  readonly fanOuts: FanOuts;
  readonly recent: RecentMessages;
  readonly receipts: GroupReceipts;
  readonly versions: GroupVersions;
}

export class GroupHome implements HomeOfGroups {
  readonly #settings: ShardSettings;
  readonly #groups: GroupSettings;
  readonly #shared: SharedPayloads;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #answers: SessionAnswers;
  readonly #fanOuts: FanOuts;
  readonly #recent: RecentMessages;
  readonly #receipts: GroupReceipts;
  readonly #versions: GroupVersions;
  readonly #queue: WordQueue;

  constructor(settings: ShardSettings, groups: GroupSettings, parts: GroupHomeParts) {
    this.#settings = settings;
    this.#groups = groups;
    this.#shared = parts.shared;
    this.#hops = parts.hops;
    this.#counters = parts.counters;
    this.#answers = parts.answers;
    this.#fanOuts = parts.fanOuts;
    this.#recent = parts.recent;
    this.#receipts = parts.receipts;
    this.#versions = parts.versions;
    this.#queue = new WordQueue(groups.queueMax, ITEM_WORDS);
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  /** Whether something waits for room, of which no event tells. */
  get waits(): boolean {
    return this.#queue.length > 0;
  }

  /** Takes a message to a group of this home, given by its account, and answers its author. */
  route(author: number, address: number, generation: number, id: number, account: number, payload: ByteSpan): void {
    const known = this.#recent.find(author, id);
    if (known !== UNKNOWN) {
      this.#answerKnown(address, generation, id, known);
      return;
    }
    const group = this.#groups.plan.groupAt(account);
    const code = this.#judge(group, author, payload.bytes);
    if (code !== MESSAGE_ACCEPTED) {
      this.#answers.message(address, generation, id, code);
      return;
    }
    const version = this.#versions.versionOf(group);
    const isList = this.#groups.plan.isList(group);
    const recipients = this.#versions.sizeOf(group) - (this.#versions.isMember(group, author) ? 1 : 0);
    const shared = this.#shared.keep(author, id, account, version, isList, payload);
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
    const version = this.#versions.versionOf(group);
    const size = this.#versions.sizeOf(group);
    this.#remember(account, id, version, size, address, generation, 0);
    this.#answers.group(address, generation, id, version, size);
  }

  /** All recipients on a shard have a message, or some could not be given it. */
  done(author: number, id: number, hasRejected: boolean): void {
    this.#receipts.done(author, id, hasRejected);
  }

  /** Sends what waits in the queue. @returns how much it did. */
  doWork(): number {
    let done = 0;
    for (; done < ITEMS_MAX && this.#queue.length > 0 && this.#work(); done++) this.#queue.shift();
    return done;
  }

  /**
   * A shard has ended, and with it the changes of members whose home it is. This looks at all groups at once, which
   * only a crash costs.
   */
  forgetShard(shard: number): void {
    const { homes } = this.#settings;
    const { words } = this.#queue;
    for (let n = 0; n < this.#queue.length; n++) {
      const item = this.#queue.at(n);
      const isChange = words[item] === Kind.JOIN || words[item] === Kind.LEAVE;
      if (isChange && homes.shardOf(words[item + 2] as number) === shard) words[item] = Kind.VOID;
    }
    this.#versions.forgetShard(shard);
  }

  /** Whether a message is accepted: MESSAGE_ACCEPTED, or the code of the refusal. */
  #judge(group: number, author: number, payloadBytes: number): number {
    const { plan } = this.#groups;
    if (group === NO_GROUP) return ErrorFrameCode.RECIPIENT_UNKNOWN;
    if (payloadBytes > GROUP_PAYLOAD_BYTES_MAX) return ErrorFrameCode.PAYLOAD_TOO_LONG;
    const mayWrite = plan.isList(group) ? plan.ownerOf(group) === author : this.#versions.isMember(group, author);
    if (!mayWrite) return ErrorFrameCode.NOT_A_MEMBER;
    return this.#queue.isFull || !this.#shared.hasRoom(payloadBytes) ? ErrorFrameCode.STORE_FULL : MESSAGE_ACCEPTED;
  }

  /** Makes an account a member, or ends that. @returns MESSAGE_ACCEPTED, or the code of the refusal. */
  #change(group: number, account: number, isMember: boolean): number {
    if (group === NO_GROUP) return ErrorFrameCode.RECIPIENT_UNKNOWN;
    if (this.#versions.isMember(group, account) === isMember) return MESSAGE_ACCEPTED;
    if (isMember && this.#versions.sizeOf(group) >= this.#groups.plan.membersMax) return ErrorFrameCode.GROUP_FULL;
    if (this.#queue.isFull || !this.#versions.change(group, account)) return ErrorFrameCode.STORE_FULL;
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
      if (this.#versions.hasMembersOn(group, shard) && !this.#sendTo(shard, shared)) return false;
    }
    const author = this.#shared.author(shared);
    const id = this.#shared.id(shared);
    this.#shared.release(shared);
    this.#receipts.done(author, id, false);
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
      const at = this.#hops.write.fanOut(shard, bytes, all.group(shared), all.version(shared), author, id, NOT_STORED);
      if (at < 0) return false;
      all.copyPayload(shared, this.#hops.view, at);
      this.#hops.end(shard);
    }
    this.#receipts.expectReport(author, id);
    return true;
  }

  #sendChange(group: number, account: number, isMember: boolean): boolean {
    const { homes, shard } = this.#settings;
    const to = homes.shardOf(account);
    const groupAccount = this.#groups.plan.accountOf(group);
    const isSent =
      to === shard
        ? this.#fanOuts.takeChange(groupAccount, account, isMember, NOT_STORED)
        : this.#hops.write.membership(to, groupAccount, account, isMember ? 1 : 0, NOT_STORED);
    if (isSent) this.#versions.changeIsSent(group, to, isMember);
    return isSent;
  }

  #push(kind: number, first: number, second: number): void {
    const item = this.#queue.push();
    const { words } = this.#queue;
    words[item] = kind;
    words[item + 1] = first;
    words[item + 2] = second;
  }
}
