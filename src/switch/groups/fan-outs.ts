/**
 * Delivers messages to groups to the members on this shard. What homes of groups send waits in one bounded queue
 * (fan-out-items.ts). Changes of members wait in it as well, so a message finds the members of the version in which it
 * was accepted.
 *
 * A cursor takes the queue in its order, and appends a bounded number of entries per turn, however large a group is. It
 * needs nothing from other shards, so the queue always moves, and homes that find it full only wait for this shard's
 * turns.
 *
 * With a log, each item is noted in it when it is applied (TakenItems), and waits while the log has no room. A home
 * sends no more items than its own queue holds until they are stored here, so those of all homes have room in this
 * queue. What a crash costs is in GROUPS.md.
 */
import type { ByteSpan } from '../../base/byte-span.ts';
import { count, countBy } from '../../base/counters.ts';
import { messageDigestHigh, messageDigestLow } from '../../base/message-digest.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import { blankEntry } from '../../store/mailbox-entry.ts';
import type { SharedPayloads } from '../../store/shared-payloads.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import type { AccountHome } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import type { RowPrefetch } from '../tables/row-prefetch.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { FanOutKind, ITEM_WORDS, NOT_STORED } from './fan-out-items.ts';
import type { FanOutParts, LocalGroups } from './fan-out-parts.ts';
import { MemberLists } from './member-lists.ts';
import type { TakenItems } from './taken-items.ts';
import { WordQueue } from './word-queue.ts';

/** Most members that are looked at in one turn. */
const MEMBERS_MAX = 512;
/** Most reports to homes in one turn. */
const REPORTS_MAX = 512;

export class FanOuts {
  readonly #settings: ShardSettings;
  readonly #groups: GroupSettings;
  readonly #shared: SharedPayloads;
  readonly #accounts: AccountHome;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #members: MemberLists;
  readonly #prefetch: RowPrefetch;
  readonly #queue: WordQueue;
  readonly #entry = blankEntry(new DataView(new ArrayBuffer(PAYLOAD_BYTES_MAX)));
  readonly #items: TakenItems | undefined;
  #home: LocalGroups | undefined;
  /** Members who had the item that was begun before the shard ended. */
  #passedOver: ReadonlySet<number> | undefined;
  /** Whether the oldest item has been begun; where its cursor is. */
  #isBegun = false;
  #chunk = 0;
  #rows = 0;
  #at = 0;
  #resetAt = 0;
  /** Row of the author's account if its home is here, otherwise -1. */
  #authorRow = -1;
  /** Sum of the digests of messages, once per recipient who could not be given it. */
  rejectedLow = 0;
  rejectedHigh = 0;

  constructor(
    settings: ShardSettings,
    groups: GroupSettings,
    { shared, accounts, hops, counters, rows, items }: FanOutParts,
    memory?: TableMemory,
  ) {
    this.#settings = settings;
    this.#groups = groups;
    this.#shared = shared;
    this.#accounts = accounts;
    this.#hops = hops;
    this.#counters = counters;
    this.#prefetch = rows;
    this.#items = items;
    const joinsMax = groups.changesMax * settings.homes.shards;
    this.#members = new MemberLists(groups.plan, settings.homes, settings.shard, joinsMax, memory);
    const homes = items === undefined ? 1 : settings.homes.shards;
    this.#queue = new WordQueue(groups.queueMax * homes, ITEM_WORDS);
  }

  /** Names the home of groups on this shard. */
  connect(home: LocalGroups): void {
    this.#home = home;
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  get memberBytes(): number {
    return this.#members.bytes;
  }

  /** Whether something waits for room, of which no event tells. */
  get waits(): boolean {
    return this.#queue.length > 0 || this.#shared.firstFinished !== 0;
  }

  /** Takes a message of a group whose home is this shard. @returns false if the queue is full. */
  takeShared(shared: number): boolean {
    if (this.#queue.isFull) return false;
    this.#shared.hold(shared);
    this.#shared.track(shared);
    this.#push(FanOutKind.FAN_OUT, shared, 0, 0, NOT_STORED);
    return true;
  }

  /** Takes a message from the home of its group. @returns false if the queue is full. */
  take(group: number, version: number, author: number, id: number, sequence: number, payload: ByteSpan): boolean {
    if (this.#queue.isFull) return false;
    if (this.#items?.isNew(group, sequence) === false) return true;
    if (!this.#shared.hasRoom(payload.bytes)) {
      this.#push(FanOutKind.NO_ROOM, this.#groups.plan.groupAt(group), author, id, sequence);
      return true;
    }
    const isList = this.#groups.plan.isList(this.#groups.plan.groupAt(group));
    const shared = this.#shared.keep(author, id, group, version, isList, payload);
    this.#shared.track(shared);
    this.#push(FanOutKind.FAN_OUT, shared, 0, 0, sequence);
    return true;
  }

  /** Takes a change of the members of a group. @returns false if the queue is full. */
  takeChange(group: number, account: number, isMember: boolean, sequence: number): boolean {
    if (this.#queue.isFull) return false;
    if (this.#items?.isNew(group, sequence) === false) return true;
    const row = this.#settings.homes.rowOf(account);
    this.#push(isMember ? FanOutKind.JOIN : FanOutKind.LEAVE, this.#groups.plan.groupAt(group), row, 0, sequence);
    return true;
  }

  /** The home of some groups has ended: they have their first members again. @returns false if the queue is full. */
  forgetHome(shard: number): boolean {
    if (this.#queue.isFull) return false;
    this.#push(FanOutKind.RESET, shard, 0, 0, NOT_STORED);
    return true;
  }

  /** Moves the cursor on, and reports finished messages. @returns how much it did. */
  doWork(): number {
    let left = MEMBERS_MAX;
    while (left > 0 && this.#queue.length > 0) {
      const used = this.#work(left);
      if (used === 0) break;
      left -= used;
    }
    return MEMBERS_MAX - left + this.#report();
  }

  /** Works on the oldest item. @returns how much of the limit it used, 0 if it has to wait. */
  #work(limit: number): number {
    const { words } = this.#queue;
    const item = this.#queue.at(0);
    const what = words[item + 1] as number; // an item has five words, here and below
    const sequence = words[item + 4] as number;
    switch (words[item]) {
      case FanOutKind.FAN_OUT:
        return this.#append(what, limit, sequence);
      case FanOutKind.NO_ROOM:
        return this.#rejectAll(what, words[item + 2] as number, words[item + 3] as number, sequence);
      case FanOutKind.RESET:
        return this.#reset(what, limit);
      default:
        return this.#change(what, words[item + 2] as number, words[item] === FanOutKind.JOIN, sequence);
    }
  }

  /** @returns 0 if it has to wait. */
  #change(group: number, row: number, isMember: boolean, sequence: number): number {
    if (this.#items?.takeChange(this.#groups.plan.accountOf(group), sequence, row, isMember) === false) return 0;
    this.setMember(group, row, isMember);
    this.#queue.shift();
    return 1;
  }

  /** Makes a member of a row, or ends that. */
  setMember(group: number, row: number, isMember: boolean): void {
    if (isMember) this.#members.add(group, row);
    else this.#members.remove(group, row);
  }

  /** Appends a message to the mailboxes of at most `limit` members. @returns members looked at, at least 1. */
  #append(given: number, limit: number, sequence: number): number {
    const shared = this.#isBegun ? given : this.#begin(given, sequence);
    this.#accounts.pump.beginFanOut();
    const looked = this.#appendSome(shared, limit);
    this.#accounts.pump.endFanOut();
    if (this.#chunk !== 0) return looked;
    if (this.#items?.take(this.#entry.group, sequence, this.#shared.hasRejected(shared)) === false) return looked;
    this.#isBegun = false;
    this.#passedOver = undefined;
    this.#queue.shift();
    this.#shared.release(shared);
    return Math.max(1, looked);
  }

  /** Moves the cursor on until the message is done, the limit is reached, or it must wait. @returns members seen. */
  #appendSome(shared: number, limit: number): number {
    const members = this.#members;
    let looked = 0;
    while (this.#chunk !== 0 && looked < limit && !this.#accounts.isBusy) {
      if (this.#at === 0) this.#prefetchChunk();
      const row = members.row(this.#chunk, this.#at);
      const isRecipient = row !== this.#authorRow && this.#passedOver?.has(row) !== true;
      if (isRecipient && !this.#give(row, shared)) return looked;
      this.#at++;
      looked++;
      if (this.#at < this.#rows) continue;
      this.#chunk = members.next(this.#chunk);
      this.#rows = members.chunkRows;
      this.#at = 0;
    }
    return looked;
  }

  /** Reads the rows of all members of the chunk. */
  #prefetchChunk(): void {
    const members = this.#members;
    for (let n = 0; n < this.#rows; n++) this.#prefetch.recipient(members.row(this.#chunk, n));
    this.#prefetch.recipientsKnown(this.#rows);
  }

  /** @returns the payload that members are given: if some have it already, theirs. */
  #begin(given: number, sequence: number): number {
    const all = this.#shared;
    const shared = this.#resume(given, sequence);
    const entry = this.#entry;
    const account = all.group(shared);
    const group = this.#groups.plan.groupAt(account);
    entry.sender = all.author(shared);
    entry.id = all.id(shared);
    entry.group = account;
    entry.version = all.version(shared);
    entry.isList = all.isList(shared);
    entry.highest = sequence;
    entry.payloadBytes = all.payloadBytes(shared);
    all.copyPayload(shared, entry.payload, 0);
    this.#isBegun = true;
    this.#chunk = this.#members.first(group);
    this.#rows = this.#members.firstRows(group);
    this.#at = 0;
    this.#authorRow = this.#rowOf(entry.sender);
    return shared;
  }

  /** Goes on with an item that was open when the shard ended, so that its entries are counted together. */
  #resume(given: number, sequence: number): number {
    const all = this.#shared;
    const open = this.#items?.resume(all.group(given), sequence);
    if (open === undefined) return given;
    this.#passedOver = open.rows;
    // A mark has no payload, and if only marks are left, nobody refers to it.
    const isWhole = all.payloadBytes(open.shared) === all.payloadBytes(given);
    all.discard(isWhole ? given : open.shared);
    if (!isWhole) return given;
    all.track(open.shared);
    this.#queue.words[this.#queue.at(0) + 1] = open.shared;
    return open.shared;
  }

  /** @returns false if the log has no room now: then the message waits. */
  #give(row: number, shared: number): boolean {
    if (this.#accounts.takeShared(row, this.#entry, shared)) {
      count(this.#counters, SwitchCounter.groupAppended);
      return true;
    }
    if (this.#items !== undefined && this.#accounts.isLogFull(row, shared)) return false;
    this.#shared.setRejected(shared);
    this.#countRejected(this.#entry.sender, this.#entry.id, 1);
    return true;
  }

  /** No member on this shard can be given a message. @returns 0 if there is no room to report that yet. */
  #rejectAll(group: number, author: number, id: number, sequence: number): number {
    const account = this.#groups.plan.accountOf(group);
    if (this.#items?.take(account, sequence, true) === false) return 0;
    if (!this.#reportDone(account, author, id, true)) return 0;
    const row = this.#rowOf(author);
    const isAuthorHere = row >= 0 && this.#members.has(group, row);
    const open = this.#items?.resume(account, sequence);
    if (open !== undefined) this.#shared.release(open.shared);
    const given = (open?.rows.size ?? 0) + (isAuthorHere ? 1 : 0);
    this.#countRejected(author, id, this.#members.count(group) - given);
    this.#queue.shift();
    return 1;
  }

  #countRejected(author: number, id: number, recipients: number): void {
    const number = serialDistance(id, this.#groups.idsBefore ?? 0);
    if (number <= 0) return; // of an earlier run, which has been read back
    countBy(this.#counters, SwitchCounter.groupRejected, recipients);
    this.rejectedLow = (this.rejectedLow + Math.imul(recipients, messageDigestLow(author, number))) | 0;
    this.rejectedHigh = (this.rejectedHigh + Math.imul(recipients, messageDigestHigh(author, number))) | 0;
  }

  /** Gives groups of a home their first members again. @returns how many members it placed, at least 1. */
  #reset(home: number, limit: number): number {
    const { plan } = this.#groups;
    let placed = 1;
    for (; this.#resetAt < plan.count && placed < limit; this.#resetAt++, placed++) {
      const isItsHome = this.#settings.homes.shardOf(plan.accountOf(this.#resetAt)) === home;
      if (isItsHome) placed += this.#members.reset(this.#resetAt);
    }
    if (this.#resetAt === plan.count) {
      this.#resetAt = 0;
      this.#queue.shift();
    }
    return placed;
  }

  /**
   * Reports messages whose entries are all confirmed to the homes of their groups. Without room for its report a
   * message waits with the other finished ones (store/shared-payloads.ts).
   * @returns how many.
   */
  #report(): number {
    const shared = this.#shared;
    let done = 0;
    for (let one = shared.firstFinished; one !== 0 && done < REPORTS_MAX; one = shared.firstFinished) {
      if (!this.#reportDone(shared.group(one), shared.author(one), shared.id(one), shared.hasRejected(one))) break;
      shared.removeFinished();
      done++;
    }
    return done;
  }

  #reportDone(group: number, author: number, id: number, hasRejected: boolean): boolean {
    const to = this.#settings.homes.shardOf(group);
    const { shard } = this.#settings;
    if (to !== shard) return this.#hops.write.fanOutDone(to, author, id, hasRejected ? 1 : 0, shard);
    this.#home?.done(author, id, hasRejected, shard);
    return true;
  }

  #rowOf(account: number): number {
    const { homes, shard } = this.#settings;
    return homes.shardOf(account) === shard ? homes.rowOf(account) : -1;
  }

  #push(kind: number, first: number, second: number, third: number, sequence: number): void {
    const item = this.#queue.push();
    const { words } = this.#queue;
    words[item] = kind;
    words[item + 1] = first;
    words[item + 2] = second;
    words[item + 3] = third;
    words[item + 4] = sequence;
  }
}
