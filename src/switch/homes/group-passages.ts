/**
 * Takes messages to groups to the sessions of members on other shards: one hop for up to 16 members, with one copy of
 * the payload. A hop for each member would pay for a place in the inbox and a copy each time.
 *
 * The words of the hop name its first member. The others stand before the head of its payload, three words each:
 *
 *     word 0   slot        word 1   twice the generation, and 1 more if the message is the first of the mailbox
 *     word 2   sequence number
 *
 * While a fan-out collects, the members of its message wait here, a batch for each shard, until {@link
 * GroupPassages.flush}. The entries of a batch that finds no room are given back, and wait in their mailboxes as if
 * each had been refused alone.
 */
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { GROUP_HEAD_BYTES, writeGroupHead } from './group-head.ts';
import type { Hops } from './hops.ts';

/** Most members of one hop. More would save little: what a hop costs is then shared by 16. */
export const HOP_MEMBERS_MAX = 16;
/** Words, and bytes, of each other member in the payload of a hop. */
export const OTHER_WORDS = 3;
export const OTHER_BYTES = 4 * OTHER_WORDS;
const MEMBER_WORDS = 4;

export class GroupPassages {
  readonly #index: MailboxIndex;
  readonly #hops: Hops;
  readonly #giveBack: (entry: number) => void;
  /** The batch of each shard: entry, slot, generation and sequence number of its members. */
  readonly #members: Int32Array;
  readonly #counts: Int32Array;
  #isCollecting = false;

  /** @param giveBack takes back an entry that was sent and found no room. */
  constructor(shards: number, index: MailboxIndex, hops: Hops, giveBack: (entry: number) => void) {
    this.#index = index;
    this.#hops = hops;
    this.#giveBack = giveBack;
    this.#members = new Int32Array(shards * HOP_MEMBERS_MAX * MEMBER_WORDS);
    this.#counts = new Int32Array(shards);
  }

  get bytes(): number {
    return this.#members.byteLength + this.#counts.byteLength;
  }

  /** From now on, entries of one message may wait until {@link flush}. */
  collect(): void {
    this.#isCollecting = true;
  }

  /** Sends all that wait. From now on, entries are sent at once. */
  flush(): void {
    this.#isCollecting = false;
    for (let to = 0; to < this.#counts.length; to++) {
      if ((this.#counts[to] as number) > 0 && !this.#write(to)) this.#refuse(to); // `to` is a shard, here and below
    }
  }

  /**
   * Sends the entry of a member to a shard, or keeps it until {@link flush}.
   * @param isFirst whether all entries before it in its mailbox are confirmed.
   * @returns false if there is no room.
   */
  send(to: number, entry: number, slot: number, generation: number, isFirst: boolean): boolean {
    const members = this.#members;
    const before = this.#counts[to] as number;
    const at = (to * HOP_MEMBERS_MAX + before) * MEMBER_WORDS;
    members[at] = entry;
    members[at + 1] = slot;
    members[at + 2] = generation * 2 + (isFirst ? 1 : 0);
    members[at + 3] = this.#index.sequence(entry);
    this.#counts[to] = before + 1;
    if ((this.#isCollecting && before + 1 < this.#membersMax(entry)) || this.#write(to)) return true;
    this.#counts[to] = before; // of this one, the caller is told
    this.#refuse(to);
    return false;
  }

  /** The most members of a hop with the payload of this entry, at least one. */
  #membersMax(entry: number): number {
    const left = PAYLOAD_BYTES_MAX - GROUP_HEAD_BYTES - this.#index.payloadBytes(entry);
    return Math.min(HOP_MEMBERS_MAX, 1 + ((left / OTHER_BYTES) | 0));
  }

  /** Writes the hop of a batch. @returns false if there is no room. */
  #write(to: number): boolean {
    const members = this.#members;
    const { shared } = this.#index;
    const first = to * HOP_MEMBERS_MAX * MEMBER_WORDS;
    const end = first + (this.#counts[to] as number) * MEMBER_WORDS;
    const others = (this.#counts[to] as number) - 1;
    const payload = this.#index.sharedPayload(members[first] as number); // that of all of them
    let at = this.#hops.write.deliverGroup(
      to,
      others * OTHER_BYTES + GROUP_HEAD_BYTES + shared.payloadBytes(payload),
      members[first + 1] as number,
      members[first + 2] as number,
      members[first + 3] as number,
      others,
    );
    if (at < 0) return false;
    const { view } = this.#hops;
    for (let word = first + MEMBER_WORDS; word < end; word += MEMBER_WORDS, at += OTHER_BYTES) {
      view.setInt32(at, members[word + 1] as number, true);
      view.setInt32(at + 4, members[word + 2] as number, true);
      view.setInt32(at + 8, members[word + 3] as number, true);
    }
    const author = shared.author(payload);
    const id = shared.id(payload);
    at = writeGroupHead(view, at, shared.group(payload), author, shared.version(payload), id);
    shared.copyPayload(payload, view, at);
    this.#hops.end(to);
    this.#counts[to] = 0;
    return true;
  }

  /** Gives back all entries of a batch. */
  #refuse(to: number): void {
    const first = to * HOP_MEMBERS_MAX * MEMBER_WORDS;
    const end = first + (this.#counts[to] as number) * MEMBER_WORDS;
    this.#counts[to] = 0;
    for (let word = first; word < end; word += MEMBER_WORDS) this.#giveBack(this.#members[word] as number);
  }
}
