/**
 * The table of hops: what each carries from one shard to another.
 *
 * A hop is a call of a function of the receiver. A row says which words it has, and whether a payload follows them. The
 * functions that write a hop ({@link HopWriters}), the ones that it calls ({@link HopTarget}), and the sizes of inboxes
 * follow from the rows. A record:
 *
 *     word 0  kind 0..4 · incarnation of the receiver 5..31
 *     word 1 …  the words of the row, in order      then a payload, where the row has one
 *
 * The kind is the row's place in the table. The ring knows the length of a record, and so of the payload.
 */

import type { ByteSpan } from '../../base/byte-span.ts';
import { ringRecordBytes } from '../../ring/ring-layout.ts';

/** What a hop carries. `Words` names its words; they are integers of 32 bits. */
interface HopRow<Words extends readonly number[], HasPayload extends boolean> {
  /** How many words. */
  readonly words: Words['length'];
  readonly hasPayload: HasPayload;
  /** Whether it may use the room that inboxes reserve. */
  readonly isAnswer: boolean;
}

/**
 * All hops. `account` is a dense account index, `address` names a session (see AddressLayout), and `generation` tells a
 * session from earlier ones of its row.
 *
 * Three classes of hops prevent a deadlock between shards with full inboxes:
 *  - questions (login, route) and events of a phone (delivered, closed): without room the shard pauses input from
 *    phones, and continues to handle its own inbox;
 *  - answers (loginAnswer, answer): every inbox reserves room for the answers to all open questions of its shard, which
 *    are bounded. Only the answer to a question that is no longer open may find none, and is dropped;
 *  - hops that a home starts itself (deliver, receipt, replace): without room they are tried again from the home's own
 *    state. If the phone's ring has no room for long, the hop is dropped, and the home is asked to continue (resume)
 *    when there is room: see LateSessions.
 *
 * Hops of presence and typing stop nothing: without room they are put off or dropped (see ShardPresence).
 */
export const HOPS = {
  /** Asks the home of an account to let a session in. `askedTick` is that of the question, as in all questions. */
  login: hop<[account: number, address: number, generation: number, askedTick: number]>(4),
  loginAnswer:
    answer<[slot: number, generation: number, code: number, highest: number, seen: number, waiting: number]>(6),
  /** Asks the home of the recipient to take a message. */
  route:
    hopWithPayload<
      [sender: number, address: number, generation: number, id: number, recipient: number, askedTick: number]
    >(6),
  answer: answer<[slot: number, generation: number, id: number, code: number]>(4),
  /**
   * A message to a phone. `idAndFirst` is twice the sender's id, and 1 more if all entries before it in the mailbox are
   * confirmed.
   */
  deliver: hopWithPayload<[slot: number, generation: number, sequence: number, sender: number, idAndFirst: number]>(5),
  /** The phone of an account has confirmed all entries up to a sequence number. */
  delivered: hop<[account: number, sequence: number]>(2),
  /** A receipt to a phone. */
  receipt: hop<[slot: number, generation: number, account: number, id: number]>(4),
  /** A receipt whose session is gone, back to the home of its account. */
  receiptHome: hop<[account: number, id: number, address: number, generation: number]>(4),
  /** A read receipt to a phone: `reader` has read its message. */
  read: hop<[slot: number, generation: number, account: number, id: number, reader: number]>(5),
  /**
   * The same to the home of the author, from the reader's session, or back from the author's session if that is gone.
   */
  readHome: hop<[account: number, id: number, reader: number, address: number, generation: number]>(5),
  /** Another session of the account wants to take the place of this one. */
  replace: hop<[account: number, slot: number, generation: number]>(3),
  /** A session has ended, or does not exist; `highest` and `seen` are its window of ids. */
  closed: hop<[account: number, address: number, generation: number, highest: number, seen: number]>(5),
  /** There is room again for deliveries to a session that had none. */
  resume: hop<[account: number, address: number, generation: number]>(3),
  /** A shard has started again. The hop stays in the inbox until that is completely handled. */
  started: hop<[shard: number, incarnation: number]>(2),
  /** Asks the home of an account where its session is. */
  locate: hop<[account: number, address: number, generation: number, id: number, askedTick: number]>(5),
  /**
   * `shard` is -1 if the account is away, `sinceTick` is that in which its session began, `seenAgoSeconds` is -1 if it
   * is not known when the account was available last, `waiting` counts its mailbox. Sessions of gateways have no
   * generations.
   */
  located:
    answer<[slot: number, id: number, shard: number, sinceTick: number, seenAgoSeconds: number, waiting: number]>(6),
  /** A session watches an account from now on, or again. */
  watch: hop<[account: number, address: number, generation: number]>(3),
  unwatch: hop<[account: number, address: number, generation: number]>(3),
  /** Tells a session that watches an account its state, and when the account was available last. */
  notice: hop<[slot: number, generation: number, account: number, state: number, seenAgoSeconds: number]>(5),
  /** The phone of a session says whether it is in use. */
  setPresence: hop<[account: number, address: number, generation: number, state: number]>(4),
  /** Typing, to the home of its recipient. */
  typing: hop<[recipient: number, sender: number, state: number]>(3),
  /** Typing, to the session of its recipient. */
  typed: hop<[slot: number, generation: number, sender: number, state: number]>(4),
  /** Asks the home of a group to change its members, or about a message that it may know; see GroupRequest. */
  groupRequest:
    hop<
      [
        account: number,
        address: number,
        generation: number,
        id: number,
        group: number,
        askedTick: number,
        request: number,
      ]
    >(7),
  /** A message or change is accepted. `version` 0 and `members` -1: it was before, and the group does not know when. */
  groupAnswer: answer<[slot: number, generation: number, id: number, version: number, members: number]>(5),
  /**
   * A message to all members of a group that have their home on the shard. `sequence` is -1 where items are not stored.
   */
  fanOut: hopWithPayload<[group: number, version: number, author: number, id: number, sequence: number]>(5),
  /** An account is a member of a group from now on, or not any more. */
  membership: hop<[group: number, account: number, isMember: number, sequence: number]>(4),
  /** All members with their home on a shard have confirmed a message; or some could not be given it. */
  fanOutDone: hop<[author: number, id: number, hasRejected: number, shard: number]>(4),
  /** A shard has stored the items of a group up to this sequence number. */
  itemTaken: hop<[group: number, shard: number, sequence: number]>(3),
  /** Asks a shard that has stored an item whether its members have confirmed it; see ItemState. */
  askItem: hop<[group: number, author: number, id: number, sequence: number]>(4),
  itemAnswer: hop<[shard: number, author: number, id: number, state: number]>(4),
  /**
   * A message to a group, to the phone of a member, and to those of `others`, who come first in its payload: see
   * GroupPassages. Then follows what the message says about the group: see group-head.ts.
   */
  deliverGroup: hopWithPayload<[slot: number, generationAndFirst: number, sequence: number, others: number]>(4),
} as const;

type HopTable = typeof HOPS;
export type HopName = keyof HopTable;
type WordsOf<N extends HopName> = HopTable[N] extends HopRow<infer Words, boolean> ? Words : never;
type HasPayload<N extends HopName> = HopTable[N] extends HopRow<WordsOf<N>, infer Has> ? Has : never;

/**
 * The functions that hops call. One that returns `false` cannot take the hop yet: it stays in the inbox, with all that
 * stands behind it. Anything else says that it was taken. The payload is in the inbox, and is there during the call.
 */
export type HopTarget = {
  [N in HopName]: HasPayload<N> extends true
    ? (...fields: [...WordsOf<N>, payload: ByteSpan]) => unknown
    : (...words: WordsOf<N>) => unknown;
};

/**
 * The functions that write a hop to shard `to`. Without a payload: returns false if the inbox is full. With one:
 * returns where to put the payload in the `view` of Hops, or -1 if the inbox is full; its `end` follows.
 */
export type HopWriters = {
  readonly [N in HopName]: HasPayload<N> extends true
    ? (to: number, payloadBytes: number, ...words: WordsOf<N>) => number
    : (to: number, ...words: WordsOf<N>) => boolean;
};

export const HOP_NAMES = Object.keys(HOPS) as readonly HopName[]; // its own keys

/** Bytes of a word of a record. */
export const WORD_BYTES = 4;
const KIND_BITS = 5;
/** The bits of word 0 that are the kind. */
export const HOP_KIND_MASK = 2 ** KIND_BITS - 1;

/** The bits of word 0 that are the incarnation of the receiver. */
export function incarnationBits(incarnation: number): number {
  return incarnation << KIND_BITS;
}

/** Bytes of a record before its payload. */
export function fixedBytes(name: HopName): number {
  return (1 + HOPS[name].words) * WORD_BYTES;
}

/** Bytes of a hop in a ring. */
export function hopBytes(name: HopName, payloadBytes: number): number {
  return ringRecordBytes(fixedBytes(name) + payloadBytes);
}

/** A hop without a payload. */
function hop<Words extends readonly number[]>(words: Words['length']): HopRow<Words, false> {
  return { words, hasPayload: false, isAnswer: false };
}

function hopWithPayload<Words extends readonly number[]>(words: Words['length']): HopRow<Words, true> {
  return { words, hasPayload: true, isAnswer: false };
}

/** An answer to a question: it may use the room that inboxes reserve. */
function answer<Words extends readonly number[]>(words: Words['length']): HopRow<Words, false> {
  return { words, hasPayload: false, isAnswer: true };
}
