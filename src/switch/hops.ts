/**
 * Hops: what shards say to each other, through the inbox ring of the one that is spoken to.
 *
 * A hop is a call of one of the functions of HopTarget on another shard, written as a record:
 *
 *     word 0  kind      word 1 …  the arguments in order      then a message's payload
 *
 * Three classes of hops keep full inboxes from ever locking two shards against each other:
 *  - questions (login, route) and news from a phone (delivered, closed): without room the shard
 *    stops taking input from phones for a while, and goes on serving its own inbox;
 *  - answers (loginAnswer, answer): there is always room, because a shard has a bounded number of
 *    questions open and every inbox keeps that much in reserve;
 *  - what a home sends of its own accord (deliver, receipt, replace): without room, the mailbox
 *    still has it and it is tried again. Where it is the phone's ring that has no room for long, the
 *    hop is dropped, and the home is asked to go on (resume) when there is: see LateSessions.
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
} as const;

const WORD_BYTES = 4;
const FIELDS_MOST = 6;
export const ROUTE_WORDS = 6;
export const DELIVER_WORDS = 5;
/** Beside a delivery's payload bytes: nothing that the phone has not confirmed stands before it in the mailbox. */
export const DELIVER_FIRST = 1 << 11;
/** Largest answer in a ring, in bytes: what one open question keeps in reserve. */
const ANSWER_BYTES = recordBytes((1 + FIELDS_MOST) * WORD_BYTES);
/** Room for the padding that any record may need at the end of the ring. */
const PADDING_BYTES = 2 * ANSWER_BYTES;

/** Bytes of every inbox that only answers may use. */
export function inboxReserveBytes(questionsMax: number): number {
  return questionsMax * ANSWER_BYTES + PADDING_BYTES;
}

/** The largest hop in a ring, in bytes: a message that fills its frame. */
const HOP_BYTES_MOST = recordBytes((1 + ROUTE_WORDS) * WORD_BYTES + PAYLOAD_BYTES_MAX);

/** Bytes of an inbox in which the largest hop fits beside the reserve, wherever in the ring it begins. In less a shard would wait for ever. */
export function inboxBytesLeast(questionsMax: number): number {
  return inboxReserveBytes(questionsMax) + 2 * HOP_BYTES_MOST;
}

/** Questions for whose answers an inbox of so many bytes has room; the inverse of {@link inboxBytesLeast}. */
export function questionsMost(inboxBytes: number): number {
  return Math.floor((inboxBytes - inboxBytesLeast(0)) / ANSWER_BYTES);
}

/**
 * What hops ask of a shard. `account` is a dense account index, `address` names a session's
 * shard and slot, `generation` tells a session from its row's earlier ones. The two that write
 * to a phone give false where there is no room yet: the hop stays where it is, for a while.
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
}

/** One shard's way to the inboxes of the others. */
export class Hops {
  /** Questions to other shards that have no answer yet. */
  questions = 0;
  /** Where {@link begin} gives places in. */
  readonly words: Int32Array;
  readonly view: DataView;
  readonly #inboxes: readonly ManyToOneProducer[];
  readonly #reserveBytes: number;
  readonly #counters: Float64Array;
  readonly #touched: Uint8Array;
  readonly #wake: (shard: number) => void;

  /** @param wake called for each shard that something was put into the inbox of. */
  constructor(
    memory: RingMemory,
    inboxes: readonly ManyToOneProducer[],
    reserveBytes: number,
    counters: Float64Array,
    wake: (shard: number) => void,
  ) {
    this.words = memory.words;
    this.view = memory.view;
    this.#inboxes = inboxes;
    this.#reserveBytes = reserveBytes;
    this.#counters = counters;
    this.#touched = new Uint8Array(inboxes.length);
    this.#wake = wake;
  }

  /**
   * Room for a hop with so many fields and payload bytes. Write the fields from the word
   * returned onward, the payload behind them, then {@link end}.
   * @returns the index of the first field in `words`, or -1 if the inbox is full.
   */
  begin(to: number, kind: number, fields: number, payloadBytes: number): number {
    return this.#begin(to, kind, fields, payloadBytes, this.#reserveBytes);
  }

  /** Ends the hop that was begun. */
  end(to: number): void {
    (this.#inboxes[to] as ManyToOneProducer).commit(); // `to` is a shard
    this.#touched[to] = 1;
    count(this.#counters, SwitchCounter.hopsOut);
  }

  /** A whole hop of up to four fields. False: the inbox is full. */
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

  /** An answer to a question: six fields, for which every inbox has room in reserve. */
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

  /** Wakes every shard that was spoken to since the last time. */
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
    this.words[at >> 2] = kind;
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
  const kind = words[w] as number; // a record has the fields of its kind, here and below
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
    default:
      assert(kind === HopKind.CLOSED, 'an inbox holds hops of known kinds');
      target.closed(a, b, c, d);
  }
  return kind;
}
