/**
 * The items of groups that a shard takes from their homes, where they are stored. An item has the sequence number that
 * it has in the mailbox of its group, and its home sends it until it is told that it is stored here; so one at or below
 * the newest that has arrived is dropped. GROUPS.md says why each is then applied once, also after a restart.
 *
 * What is told to a home says how far the items of a group are stored, so it needs no queue: of each group the newest
 * counts. A queue has the notes that are not complete, and a table the answers, one per home, for which there was no
 * room:
 *
 *     note     word 0   batch of its record    word 1   group    word 2   sequence number
 *     answer   word 0   author, or NONE        word 1   id       word 2   ItemState
 */

import { serialDistance } from '../../base/serial-distance.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import type { MailboxStore } from '../../store/mailbox-store.ts';
import type { OpenItem } from '../../store/restore-mailboxes.ts';
import type { Hops } from '../homes/hops.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { ItemState } from './item-state.ts';
import { WordQueue } from './word-queue.ts';

/** In place of a sequence number: there is none. */
const NONE = -1;
/** Most homes that are told in one turn. */
const TOLD_MAX = 512;
const ITEM_WORDS = 3;

/** The home of groups on the same shard. */
export interface LocalItemHome {
  taken(group: number, shard: number, sequence: number): void;
  answered(shard: number, author: number, id: number, state: number): void;
}

/** What taken items need of the shard. */
export interface TakenItemsParts {
  readonly store: Pick<MailboxStore, 'note' | 'openBatch' | 'isComplete'>;
  readonly mailboxes: Pick<MailboxIndex, 'shared' | 'forEachGroupMessage' | 'forEachSharedPayload'>;
  readonly hops: { readonly write: Pick<Hops['write'], 'itemTaken' | 'itemAnswer'> };
}

type TakenItemsSettings = Pick<ShardSettings, 'homes' | 'shard'>;
type ItemGroups = Pick<GroupSettings, 'plan' | 'queueMax'>;

export class TakenItems {
  readonly #settings: TakenItemsSettings;
  readonly #groups: ItemGroups;
  readonly #parts: TakenItemsParts;
  #home: LocalItemHome | undefined;
  /**
   * By group: newest item that has arrived, that is noted, whose note is complete, and that some member was not given.
   */
  readonly #arrived: Int32Array;
  readonly #stored: Int32Array;
  readonly #rejected: Int32Array;
  /** Notes that are not complete: batch, group, sequence. */
  readonly #noted: WordQueue;
  /** Groups whose homes are to be told, each once. */
  readonly #untold: WordQueue;
  readonly #isUntold: Uint8Array;
  /** By home: an answer for which there was no room. A home asks one question at a time. */
  readonly #answers: Int32Array;
  #answersLeft = 0;
  /** By group, at most one each: the item that was open when the shard ended. */
  #open = new Map<number, OpenItem>();
  /**
   * Messages that some member has not confirmed, by author and id: each is in the index. Undefined until somebody asks.
   */
  #unconfirmed: Map<number, Set<number>> | undefined;

  constructor(settings: TakenItemsSettings, groups: ItemGroups, parts: TakenItemsParts) {
    const { count } = groups.plan;
    const { shards } = settings.homes;
    this.#settings = settings;
    this.#groups = groups;
    this.#parts = parts;
    this.#arrived = new Int32Array(count).fill(NONE);
    this.#stored = new Int32Array(count).fill(NONE);
    this.#rejected = new Int32Array(count).fill(NONE);
    this.#noted = new WordQueue(groups.queueMax * shards, ITEM_WORDS);
    this.#untold = new WordQueue(count, 1);
    this.#isUntold = new Uint8Array(count);
    this.#answers = new Int32Array(shards * ITEM_WORDS).fill(NONE);
  }

  connect(home: LocalItemHome): void {
    this.#home = home;
  }

  get bytes(): number {
    const columns = this.#arrived.byteLength + this.#stored.byteLength + this.#rejected.byteLength;
    return columns + this.#noted.bytes + this.#untold.bytes + this.#isUntold.byteLength + this.#answers.byteLength;
  }

  /** Whether something waits for room or for the log, of which no event may tell. */
  get waits(): boolean {
    return this.#noted.length > 0 || this.#untold.length > 0 || this.#answersLeft > 0;
  }

  /** Whether an item that arrives is to be applied; its home is told again how far items are stored if not. */
  isNew(account: number, sequence: number): boolean {
    const group = this.#groups.plan.groupAt(account);
    const arrived = this.#arrived[group] as number; // a group of the plan, here and below
    if (arrived !== NONE && serialDistance(sequence, arrived) <= 0) {
      this.#tell(group);
      return false;
    }
    this.#arrived[group] = sequence;
    return true;
  }

  /** What some members had of an item when the shard ended; the reference to its payload is passed on. */
  resume(account: number, sequence: number): OpenItem | undefined {
    if (this.#open.size === 0) return undefined;
    const open = this.#open.get(account);
    if (open?.sequence !== sequence) return undefined;
    this.#open.delete(account);
    return open;
  }

  /** Notes that all members here have an item. @returns false if it has to wait. */
  take(account: number, sequence: number, hasRejected: boolean): boolean {
    if (!this.#note(GroupNote.TAKEN, account, sequence, hasRejected ? 1 : 0)) return false;
    if (hasRejected) this.#rejected[this.#groups.plan.groupAt(account)] = sequence;
    this.#unconfirmed = undefined;
    return true;
  }

  /** Notes that a row is a member from an item on, or not any more. @returns false if it has to wait. */
  takeChange(account: number, sequence: number, row: number, isMember: boolean): boolean {
    return this.#note(isMember ? GroupNote.JOINED : GroupNote.LEFT, account, sequence, row);
  }

  /** A home asks whether the members here have confirmed a message that is stored here. */
  ask(account: number, author: number, id: number, sequence: number): void {
    const home = this.#settings.homes.shardOf(account);
    const rejected = this.#rejected[this.#groups.plan.groupAt(account)] as number;
    // Only the newest item that was not given to all is known: one before it may have been given to all.
    const isRejected = rejected !== NONE && serialDistance(sequence, rejected) <= 0;
    const isWaiting = this.#findUnconfirmed().get(author)?.has(id) === true;
    const state = isWaiting ? ItemState.WAITING : isRejected ? ItemState.REJECTED : ItemState.CONFIRMED;
    if (this.#answer(home, author, id, state)) return;
    if (this.#answers[home * ITEM_WORDS] === NONE) this.#answersLeft++;
    this.#answers[home * ITEM_WORDS] = author;
    this.#answers[home * ITEM_WORDS + 1] = id;
    this.#answers[home * ITEM_WORDS + 2] = state;
  }

  /** Tells homes what is stored. @returns how much it did. */
  doWork(): number {
    this.#unconfirmed = undefined;
    const { words } = this.#noted;
    let done = 0;
    for (; this.#noted.length > 0; done++) {
      const item = this.#noted.at(0);
      if (!this.#parts.store.isComplete(words[item] as number)) break; // an item has three words, here and below
      const group = words[item + 1] as number;
      this.#stored[group] = words[item + 2] as number;
      this.#noted.shift();
      this.#tell(group);
    }
    for (let left = TOLD_MAX; left > 0 && this.#untold.length > 0; left--, done++) {
      const group = this.#untold.words[this.#untold.at(0)] as number;
      if (!this.#tellStored(group)) break;
      this.#untold.shift();
      this.#isUntold[group] = 0;
    }
    return done + this.#answerAgain();
  }

  /** Sets what was read back. */
  setStored(account: number, sequence: number): void {
    const group = this.#groups.plan.groupAt(account);
    this.#arrived[group] = sequence;
    this.#stored[group] = sequence;
  }

  setRejected(account: number, sequence: number): void {
    this.#rejected[this.#groups.plan.groupAt(account)] = sequence;
  }

  /** All is read back: homes are told of each message when its members have confirmed it. */
  restored(open: ReadonlyMap<number, OpenItem>, sequences: ReadonlyMap<number, number>): void {
    this.#open = new Map(open);
    const { mailboxes } = this.#parts;
    const { shared } = mailboxes;
    mailboxes.forEachSharedPayload((one) => {
      shared.track(one);
      const rejected = this.#rejected[this.#groups.plan.groupAt(shared.group(one))] as number;
      const sequence = sequences.get(one) as number; // all that is in use was read
      if (rejected !== NONE && serialDistance(sequence, rejected) <= 0) shared.setRejected(one);
    });
  }

  #note(note: number, account: number, sequence: number, detail: number): boolean {
    const { store } = this.#parts;
    if (this.#noted.isFull || !store.note(note, account, sequence, detail)) return false;
    const item = this.#noted.push();
    const { words } = this.#noted;
    words[item] = store.openBatch;
    words[item + 1] = this.#groups.plan.groupAt(account);
    words[item + 2] = sequence;
    return true;
  }

  #tell(group: number): void {
    if (this.#isUntold[group] !== 0 || this.#stored[group] === NONE) return;
    this.#isUntold[group] = 1;
    this.#untold.words[this.#untold.push()] = group;
  }

  #tellStored(group: number): boolean {
    const { shard, homes } = this.#settings;
    const account = this.#groups.plan.accountOf(group);
    const sequence = this.#stored[group] as number;
    const to = homes.shardOf(account);
    if (to !== shard) return this.#parts.hops.write.itemTaken(to, account, shard, sequence);
    this.#home?.taken(account, shard, sequence);
    return true;
  }

  #answer(to: number, author: number, id: number, state: number): boolean {
    const { shard } = this.#settings;
    if (to !== shard) return this.#parts.hops.write.itemAnswer(to, shard, author, id, state);
    this.#home?.answered(shard, author, id, state);
    return true;
  }

  #answerAgain(): number {
    if (this.#answersLeft === 0) return 0;
    const words = this.#answers;
    let done = 0;
    for (let at = 0; at < words.length; at += ITEM_WORDS) {
      const author = words[at] as number; // inside the array, here and below
      if (author === NONE) continue;
      if (!this.#answer(at / ITEM_WORDS, author, words[at + 1] as number, words[at + 2] as number)) continue;
      words[at] = NONE;
      this.#answersLeft--;
      done++;
    }
    return done;
  }

  /** Looks at all entries at once, which only a restart costs. */
  #findUnconfirmed(): ReadonlyMap<number, ReadonlySet<number>> {
    if (this.#unconfirmed !== undefined) return this.#unconfirmed;
    const found = new Map<number, Set<number>>();
    this.#parts.mailboxes.forEachGroupMessage((author, id) => {
      const ids = found.get(author);
      if (ids === undefined) found.set(author, new Set([id]));
      else ids.add(id);
    });
    this.#unconfirmed = found;
    return found;
  }
}
