/**
 * Hops: messages between shards, through the inbox ring of the receiver.
 *
 * A hop is a call of one of the functions of HopTarget on another shard, written as a record:
 *
 *     word 0  kind 0..4 · incarnation of the receiver 5..31      word 1 …  the arguments in order      then a message's payload
 *
 * A shard that starts again is a new incarnation. Hops for its earlier ones are dropped, because they name sessions and
 * answer questions that it does not know. Its first hop to each other shard says that it has started (ShardRestarts).
 *
 * Three classes of hops prevent a deadlock between shards with full inboxes:
 *  - questions (login, route) and events of a phone (delivered, closed): without room the shard
 *    pauses input from phones, and continues to handle its own inbox;
 *  - answers (loginAnswer, answer): there is always room, because a shard has a bounded number of
 *    open questions and every inbox reserves room for their answers;
 *  - hops that a home starts itself (deliver, receipt, replace): without room they are tried again
 *    from the home's own state. If the phone's ring has no room for long, the hop is dropped, and
 *    the home is asked to continue (resume) when there is room: see LateSessions.
 */

import { assert } from '../base/assert.ts';
import { count } from '../base/counters.ts';
import type { ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory, recordBytes } from '../ring/ring-layout.ts';
import { PAYLOAD_BYTES_MAX } from '../wire/frames.ts';
import { SwitchCounter } from './switch-counters.ts';

export const HopKind = {
  LOGIN: 1,
  LOGIN_ANSWER: 2,
  ROUTE: 3,
  ANSWER: 4,
  DELIVER: 5,
  DELIVERED: 6,
  RECEIPT: 7,
  RECEIPT_HOME: 8,
  REPLACE: 9,
  CLOSED: 10,
  RESUME: 11,
  STARTED: 12,
} as const;
const KIND_BITS = 5;
const KIND_MASK = 2 ** KIND_BITS - 1;

const WORD_BYTES = 4;
const FIELDS_MOST = 6;
export const ROUTE_WORDS = 6;
export const DELIVER_WORDS = 5;
/** Flag in the word of a delivery's payload bytes: all entries before it in the mailbox are confirmed. */
export const DELIVER_FIRST = 1 << 11;
/** Largest answer in a ring, in bytes: the reserve per open question. */
const ANSWER_BYTES = recordBytes((1 + FIELDS_MOST) * WORD_BYTES);
/** Room for the padding that any record may need at the end of the ring. */
const PADDING_BYTES = 2 * ANSWER_BYTES;

/** Bytes of every inbox that only answers may use. */
export function inboxReserveBytes(questionsMax: number): number {
  return questionsMax * ANSWER_BYTES + PADDING_BYTES;
}

/** The largest hop in a ring, in bytes: a message that fills its frame. */
const HOP_BYTES_MOST = recordBytes((1 + ROUTE_WORDS) * WORD_BYTES + PAYLOAD_BYTES_MAX);

/** Smallest inbox, in bytes, where the largest hop fits at any position in addition to the reserve. A smaller one could block a shard forever. */
export function inboxBytesLeast(questionsMax: number): number {
  return inboxReserveBytes(questionsMax) + 2 * HOP_BYTES_MOST;
}

/** Number of open questions for whose answers an inbox of this size has room; the inverse of {@link inboxBytesLeast}. */
export function questionsMost(inboxBytes: number): number {
  return Math.floor((inboxBytes - inboxBytesLeast(0)) / ANSWER_BYTES);
}

/**
 * The functions of a shard that hops call. `account` is a dense account index, `address` names a session's
 * shard and slot, `generation` tells a session from its row's earlier ones. The two that write
 * to a phone return false if there is no room yet: the hop then stays in the inbox for a limited time.
 */
export interface HopTarget {
  login(account: number, address: number, generation: number): void;
  loginAnswer(slot: number, generation: number, code: number, highest: number, seen: number, waiting: number): void;
  route(
    sender: number,
    address: number,
    generation: number,
    id: number,
    recipient: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): void;
  answer(slot: number, generation: number, id: number, code: number): void;
  deliver(
    slot: number,
    generation: number,
    sequence: number,
    sender: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
    isFirst: boolean,
  ): boolean;
  delivered(account: number, sequence: number): void;
  receipt(slot: number, generation: number, account: number, id: number): boolean;
  receiptHome(account: number, id: number, address: number, generation: number): void;
  replace(slot: number, generation: number): void;
  closed(account: number, address: number, highest: number, seen: number): void;
  resume(account: number, address: number, generation: number): void;
  /** @returns false if the restart of that shard is not completely handled yet: the hop stays in the inbox. */
  started(shard: number, incarnation: number): boolean;
}

/** Writes hops of one shard to the inboxes of the others. */
export class Hops {
  /** The memory into which {@link begin} returns indices. */
  readonly words: Int32Array;
  readonly view: DataView;
  readonly #inboxes: readonly ManyToOneProducer[];
  readonly #reserveBytes: number;
  readonly #counters: Float64Array;
  readonly #touched: Uint8Array;
  /** The incarnation of each shard, shifted to its place in word 0. */
  readonly #incarnations: Int32Array;
  readonly #wake: (shard: number) => void;

  /**
   * @param incarnations how often each shard had been started before: 0 for the first time.
   * @param wake called for each shard whose inbox has received a hop.
   */
  constructor(
    memory: RingMemory,
    inboxes: readonly ManyToOneProducer[],
    reserveBytes: number,
    incarnations: ArrayLike<number>,
    counters: Float64Array,
    wake: (shard: number) => void,
  ) {
    this.words = memory.words;
    this.view = memory.view;
    this.#inboxes = inboxes;
    this.#reserveBytes = reserveBytes;
    this.#counters = counters;
    this.#incarnations = Int32Array.from(incarnations, (incarnation) => incarnation << KIND_BITS);
    this.#touched = new Uint8Array(inboxes.length);
    this.#wake = wake;
  }

  /**
   * Claims room for a hop. Write the fields from the returned word on, then the payload, then call
   * {@link end}.
   * @returns the index of the first field in `words`, or -1 if the inbox is full.
   */
  begin(to: number, kind: number, fields: number, payloadBytes: number): number {
    return this.#begin(to, kind, fields, payloadBytes, this.#reserveBytes);
  }

  /** From now on hops to this shard are for its new incarnation. */
  setIncarnation(shard: number, incarnation: number): void {
    this.#incarnations[shard] = incarnation << KIND_BITS;
  }

  /** Whether the hop at byte offset `at` is for the present incarnation of a shard. */
  isFor(shard: number, at: number): boolean {
    return ((this.words[at >> 2] as number) & ~KIND_MASK) === this.#incarnations[shard]; // a hop has a first word
  }

  /** Completes the hop that was begun. */
  end(to: number): void {
    (this.#inboxes[to] as ManyToOneProducer).commit(); // `to` is a shard
    this.#touched[to] = 1;
    count(this.#counters, SwitchCounter.hopsOut);
  }

  /** Sends a hop of up to four fields. @returns false if the inbox is full. */
  say(to: number, kind: number, a: number, b: number, c: number, d: number): boolean {
    const word = this.begin(to, kind, 4, 0);
    if (word < 0) return false;
    this.words[word] = a;
    this.words[word + 1] = b;
    this.words[word + 2] = c;
    this.words[word + 3] = d;
    this.end(to);
    return true;
  }

  /** Answers a question with six fields, for which every inbox has reserved room. */
  sayAnswer(to: number, kind: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    const word = this.#begin(to, kind, FIELDS_MOST, 0, 0);
    assert(word >= 0, 'an inbox keeps room for the answer to every open question');
    this.words[word] = a;
    this.words[word + 1] = b;
    this.words[word + 2] = c;
    this.words[word + 3] = d;
    this.words[word + 4] = e;
    this.words[word + 5] = f;
    this.end(to);
  }

  /** Wakes every shard that was sent a hop since the last call. */
  flush(): void {
    for (let shard = 0; shard < this.#touched.length; shard++) {
      if (this.#touched[shard] === 0) continue;
      this.#touched[shard] = 0;
      this.#wake(shard);
    }
  }

  #begin(to: number, kind: number, fields: number, payloadBytes: number, reserveBytes: number): number {
    const inbox = this.#inboxes[to] as ManyToOneProducer; // `to` is a shard
    const at = inbox.claim((1 + fields) * WORD_BYTES + payloadBytes, reserveBytes);
    if (at === RING_NONE) return -1;
    this.words[at >> 2] = kind | (this.#incarnations[to] as number);
    return (at >> 2) + 1;
  }
}

/**
 * Calls the target as the record at byte offset `at` says.
 * @returns the hop's kind, or 0 if the target could not take it yet.
 */
export function dispatchHop(memory: RingMemory, at: number, target: HopTarget): number {
  const words = memory.words;
  const w = at >> 2;
  const kind = (words[w] as number) & KIND_MASK; // a record has the fields of its kind, here and below
  const a = words[w + 1] as number;
  const b = words[w + 2] as number;
  const c = words[w + 3] as number;
  const d = words[w + 4] as number;
  switch (kind) {
    case HopKind.ROUTE: {
      const payloadAt = at + (1 + ROUTE_WORDS) * WORD_BYTES;
      const payloadBytes = words[w + 6] as number;
      target.route(a, b, c, d, words[w + 5] as number, memory.view, payloadAt, payloadBytes);
      break;
    }
    case HopKind.DELIVER: {
      const payloadAt = at + (1 + DELIVER_WORDS) * WORD_BYTES;
      const field = words[w + 5] as number;
      const isFirst = (field & DELIVER_FIRST) !== 0;
      const payloadBytes = field & (DELIVER_FIRST - 1);
      return target.deliver(a, b, c, d, memory.view, payloadAt, payloadBytes, isFirst) ? kind : 0;
    }
    case HopKind.ANSWER:
      target.answer(a, b, c, d);
      break;
    case HopKind.DELIVERED:
      target.delivered(a, b);
      break;
    case HopKind.RECEIPT:
      return target.receipt(a, b, c, d) ? kind : 0;
    case HopKind.LOGIN:
      target.login(a, b, c);
      break;
    case HopKind.LOGIN_ANSWER:
      target.loginAnswer(a, b, c, d, words[w + 5] as number, words[w + 6] as number);
      break;
    case HopKind.RECEIPT_HOME:
      target.receiptHome(a, b, c, d);
      break;
    case HopKind.REPLACE:
      target.replace(a, b);
      break;
    case HopKind.RESUME:
      target.resume(a, b, c);
      break;
    case HopKind.STARTED:
      return target.started(a, b) ? kind : 0;
    default:
      assert(kind === HopKind.CLOSED, 'an inbox holds hops of known kinds');
      target.closed(a, b, c, d);
  }
  return kind;
}
