/**
 * Hops: messages between shards, through the inbox ring of the receiver.
 *
 * A gateway, which is how other programs reach the switch, takes part in them as a shard without phones and accounts: see
 * Gateway. Its number follows those of the shards.
 *
 * A hop is a call of a function of the receiver. The table of hops says what each carries, and makes the function that
 * writes it ({@link HopWriters}), the one that it calls ({@link HopTarget}), and the sizes of inboxes. A record:
 *
 *     word 0  kind 0..4 · incarnation of the receiver 5..31
 *     word 1 …  the words of the row, in order      then a payload, where the row has one
 *
 * The kind is the row's place in the table. The ring knows the length of a record, and so of the payload.
 *
 * A shard that starts again is a new incarnation. Hops for its earlier ones are dropped, because they name sessions and
 * answer questions that it does not know. Its first hop to each other shard says that it has started (ShardRestarts).
 *
 * A question whose answer does not come ends after a time: see OpenQuestions.
 *
 * Three classes of hops prevent a deadlock between shards with full inboxes:
 *  - questions (login, route) and events of a phone (delivered, closed): without room the shard
 *    pauses input from phones, and continues to handle its own inbox;
 *  - answers (loginAnswer, answer): every inbox reserves room for the answers to all open questions of its shard,
 *    which are bounded. Only the answer to a question that is no longer open may find none, and is dropped;
 *  - hops that a home starts itself (deliver, receipt, replace): without room they are tried again
 *    from the home's own state. If the phone's ring has no room for long, the hop is dropped, and
 *    the home is asked to continue (resume) when there is room: see LateSessions.
 *
 * Hops of presence and typing stop nothing: without room they are put off or dropped (see ShardPresence).
 */

import { assert } from '../../base/assert.ts';
import { count } from '../../base/counters.ts';
import type { ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory, recordBytes } from '../../ring/ring-layout.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { SwitchCounter } from '../switch-counters.ts';

/** What a hop carries. `Words` names its words; they are integers of 32 bits. */
interface HopRow<Words extends readonly number[], HasPayload extends boolean> {
  /** How many words. */
  readonly words: Words['length'];
  readonly hasPayload: HasPayload;
  /** Whether it may use the room that inboxes reserve. */
  readonly isAnswer: boolean;
}

/**
 * The table of hops. `account` is a dense account index, `address` names a session (see AddressLayout), and `generation`
 * tells a session from earlier ones of its row.
 */
export const HOPS = {
  /** Asks the home of an account to let a session in. `asked` is the tick of the question, as in all questions. */
  login: hop<[account: number, address: number, generation: number, asked: number]>(4),
  loginAnswer:
    answer<[slot: number, generation: number, code: number, highest: number, seen: number, waiting: number]>(6),
  /** Asks the home of the recipient to take a message. */
  route:
    hopWithPayload<[sender: number, address: number, generation: number, id: number, recipient: number, asked: number]>(
      6,
    ),
  answer: answer<[slot: number, generation: number, id: number, code: number]>(4),
  /** A message to a phone. `isFirst` is 1 if all entries before it in the mailbox are confirmed, otherwise 0. */
  deliver: hopWithPayload<[slot: number, generation: number, sequence: number, sender: number, isFirst: number]>(5),
  /** The phone of an account has confirmed all entries up to a sequence number. */
  delivered: hop<[account: number, sequence: number]>(2),
  /** A receipt to a phone. */
  receipt: hop<[slot: number, generation: number, account: number, id: number]>(4),
  /** A receipt whose session is gone, back to the home of its account. */
  receiptHome: hop<[account: number, id: number, address: number, generation: number]>(4),
  /** Another session of the account wants to take the place of this one. */
  replace: hop<[account: number, slot: number, generation: number]>(3),
  /** A session has ended, or does not exist; `highest` and `seen` are its window of ids. */
  closed: hop<[account: number, address: number, generation: number, highest: number, seen: number]>(5),
  /** There is room again for deliveries to a session that had none. */
  resume: hop<[account: number, address: number, generation: number]>(3),
  /** A shard has started again. The hop stays in the inbox until that is completely handled. */
  started: hop<[shard: number, incarnation: number]>(2),
  /** Asks the home of an account where its session is. */
  locate: hop<[account: number, address: number, generation: number, id: number, asked: number]>(5),
  /** `shard` is -1 if the account is away, `since` the tick in which its session began, `waiting` counts its mailbox. */
  located: answer<[slot: number, generation: number, id: number, shard: number, since: number, waiting: number]>(6),
  /** A session watches an account from now on, or again. */
  watch: hop<[account: number, address: number, generation: number]>(3),
  unwatch: hop<[account: number, address: number, generation: number]>(3),
  /** Tells a session that watches an account its state; `lastSeen` in seconds ago. */
  notice: hop<[slot: number, generation: number, account: number, state: number, lastSeen: number]>(5),
  /** The phone of a session says whether it is in use. */
  setPresence: hop<[account: number, address: number, generation: number, state: number]>(4),
  /** Typing, to the home of its recipient. */
  typing: hop<[recipient: number, sender: number, state: number]>(3),
  /** Typing, to the session of its recipient. */
  typed: hop<[slot: number, generation: number, sender: number, state: number]>(4),
  /** Asks the home of a group to change its members, or about a message that it may know; see GroupRequest. */
  groupRequest:
    hop<
      [account: number, address: number, generation: number, id: number, group: number, asked: number, request: number]
    >(7),
  /** A message or change is accepted. `version` 0 and `members` -1: it was before, and the group does not know when. */
  groupAnswer: answer<[slot: number, generation: number, id: number, version: number, members: number]>(5),
  /** A message to all members of a group that have their home on the shard. */
  fanOut: hopWithPayload<[group: number, version: number, author: number, id: number]>(4),
  /** An account is a member of a group from now on, or not any more. */
  membership: hop<[group: number, account: number, isMember: number]>(3),
  /** All members with their home on a shard have confirmed a message; or some could not be given it. */
  fanOutDone: hop<[author: number, id: number, hasRejected: number]>(3),
  /** A message to a group, to a phone. */
  deliverGroup:
    hopWithPayload<
      [
        slot: number,
        generation: number,
        sequence: number,
        isFirst: number,
        group: number,
        author: number,
        version: number,
        id: number,
      ]
    >(8),
} as const;

type HopTable = typeof HOPS;
export type HopName = keyof HopTable;
type WordsOf<N extends HopName> = HopTable[N] extends HopRow<infer Words, boolean> ? Words : never;
type HasPayload<N extends HopName> = HopTable[N] extends HopRow<WordsOf<N>, infer Has> ? Has : never;

/**
 * The functions that hops call. One that returns `false` cannot take the hop yet: it stays in the inbox, with all that
 * stands behind it. Anything else says that it was taken.
 */
export type HopTarget = {
  [N in HopName]: HasPayload<N> extends true
    ? (...fields: [...WordsOf<N>, payload: DataView, payloadAt: number, payloadBytes: number]) => unknown
    : (...words: WordsOf<N>) => unknown;
};

/**
 * The functions that write a hop to shard `to`. Without a payload: returns false if the inbox is full. With one: returns
 * where to put the payload in {@link Hops.view}, or -1 if the inbox is full; {@link Hops.end} follows.
 */
export type HopWriters = {
  readonly [N in HopName]: HasPayload<N> extends true
    ? (to: number, payloadBytes: number, ...words: WordsOf<N>) => number
    : (to: number, ...words: WordsOf<N>) => boolean;
};

const WORD_BYTES = 4;
const KIND_BITS = 5;
const KIND_MASK = 2 ** KIND_BITS - 1;
export const HOP_NAMES = Object.keys(HOPS) as readonly HopName[]; // its own keys

type Row = HopRow<readonly number[], boolean>;

/** Bytes of a hop in a ring. */
export function hopBytes(name: HopName, payloadBytes: number): number {
  return recordBytes(fixedBytes(HOPS[name]) + payloadBytes);
}

/** Largest answer in a ring, in bytes: the reserve per open question. */
const ANSWER_BYTES = Math.max(...HOP_NAMES.filter((name) => HOPS[name].isAnswer).map((name) => hopBytes(name, 0)));
/** Room for the padding that any record may need at the end of the ring. */
const PADDING_BYTES = 2 * ANSWER_BYTES;

/** Bytes of every inbox that only answers may use. */
export function inboxReserveBytes(questionsMax: number): number {
  return questionsMax * ANSWER_BYTES + PADDING_BYTES;
}

/** The largest hop in a ring, in bytes: a message that fills its frame. */
const HOP_BYTES_MAX = Math.max(
  ...HOP_NAMES.map((name) => hopBytes(name, HOPS[name].hasPayload ? PAYLOAD_BYTES_MAX : 0)),
);

/** Smallest inbox, in bytes, where the largest hop fits at any position in addition to the reserve. A smaller one could block a shard forever. */
export function inboxBytesMin(questionsMax: number): number {
  return inboxReserveBytes(questionsMax) + 2 * HOP_BYTES_MAX;
}

/** Number of open questions for whose answers an inbox of this size has room; the inverse of {@link inboxBytesMin}. */
export function inboxQuestionsMax(inboxBytes: number): number {
  return Math.floor((inboxBytes - inboxBytesMin(0)) / ANSWER_BYTES);
}

/** Writes hops of one shard to the inboxes of the others. */
export class Hops {
  /** The memory that payloads are written to. */
  readonly view: DataView;
  readonly write: HopWriters;
  readonly #words: Int32Array;
  readonly #inboxes: readonly ManyToOneProducer[];
  readonly #counters: Float64Array;
  readonly #sent: number;
  readonly #touched: Uint8Array;
  /** The incarnation of each shard, shifted to its place in word 0. */
  readonly #incarnations: Int32Array;
  readonly #wake: (shard: number) => void;

  /**
   * @param incarnations how often each shard had been started before: 0 for the first time.
   * @param wake called for each shard whose inbox has received a hop.
   * @param sent the place in `counters` where hops are counted.
   */
  constructor(
    memory: RingMemory,
    inboxes: readonly ManyToOneProducer[],
    reserveBytes: number,
    incarnations: ArrayLike<number>,
    counters: Float64Array,
    wake: (shard: number) => void,
    sent: number = SwitchCounter.hopsOut,
  ) {
    this.view = memory.view;
    this.#words = memory.words;
    this.#inboxes = inboxes;
    this.#counters = counters;
    this.#sent = sent;
    this.#incarnations = Int32Array.from(incarnations, (incarnation) => incarnation << KIND_BITS);
    this.#touched = new Uint8Array(inboxes.length);
    this.#wake = wake;
    const begin: Begin = (to, kind, bytes, reserve) => this.#begin(to, kind, bytes, reserve);
    this.write = makeWriters(begin, (to) => this.end(to), memory.words, reserveBytes);
  }

  /** From now on hops to this shard are for its new incarnation. */
  setIncarnation(shard: number, incarnation: number): void {
    this.#incarnations[shard] = incarnation << KIND_BITS;
  }

  /** Whether the hop at byte offset `at` is for the present incarnation of a shard. */
  isFor(shard: number, at: number): boolean {
    return ((this.#words[at >> 2] as number) & ~KIND_MASK) === this.#incarnations[shard]; // a hop has a first word
  }

  /** Completes a hop with a payload. */
  end(to: number): void {
    (this.#inboxes[to] as ManyToOneProducer).commit(); // `to` is a shard
    this.#touched[to] = 1;
    count(this.#counters, this.#sent);
  }

  /** Wakes every shard that was sent a hop since the last call. */
  flush(): void {
    for (let shard = 0; shard < this.#touched.length; shard++) {
      if (this.#touched[shard] === 0) continue;
      this.#touched[shard] = 0;
      this.#wake(shard);
    }
  }

  /** Claims room for a hop. @returns the index of its first word, or -1 if the inbox is full. */
  #begin(to: number, kind: number, bytes: number, reserveBytes: number): number {
    const at = (this.#inboxes[to] as ManyToOneProducer).claim(bytes, reserveBytes); // `to` is a shard
    if (at === RING_NONE) return -1;
    this.#words[at >> 2] = kind | (this.#incarnations[to] as number);
    return (at >> 2) + 1;
  }
}

/** A target for a thread to which others send only some of the hops; any other one is a bug of its sender. */
export function hopTarget(some: Partial<HopTarget>): HopTarget {
  const none = HOP_NAMES.map((name) => [name, () => assert(false, `no thread sends a hop '${name}' here`)]);
  return { ...(Object.fromEntries(none) as unknown as HopTarget), ...some }; // a function for each row
}

/** Calls the target for each hop of an inbox. */
export class HopReader {
  readonly #words: Int32Array;
  readonly #call: (kind: number, word: number, payloadBytes: number) => boolean;
  /** By kind: bytes of a record without its payload, and most bytes of the payload. */
  readonly #fixedBytes: Int32Array;
  readonly #payloadBytesMax: Int32Array;

  constructor(memory: RingMemory, target: HopTarget) {
    this.#words = memory.words;
    this.#call = makeCalls(target, memory.words, memory.view);
    this.#fixedBytes = Int32Array.from(HOP_NAMES, (name) => fixedBytes(HOPS[name]));
    this.#payloadBytesMax = Int32Array.from(HOP_NAMES, (name) => (HOPS[name].hasPayload ? PAYLOAD_BYTES_MAX : 0));
  }

  /**
   * Calls the target as the record of so many bytes at byte offset `at` says.
   * @returns false if the target could not take it yet.
   */
  read(at: number, bytes: number): boolean {
    const word = at >> 2;
    const kind = (this.#words[word] as number) & KIND_MASK; // a record has a word for its kind
    const payloadBytes = bytes - (this.#fixedBytes[kind] as number); // not a number if the kind is not known
    const payloadBytesMax = this.#payloadBytesMax[kind] as number; // likewise
    assert(
      payloadBytes >= 0 && payloadBytes <= payloadBytesMax,
      'an inbox holds hops of known kinds, as long as their rows say',
    );
    return this.#call(kind, word + 1, payloadBytes);
  }
}

/** Claims room for a hop. Returns the index of its first word, or -1 if the inbox is full. */
type Begin = (to: number, kind: number, bytes: number, reserveBytes: number) => number;

/*
 * The functions of the table are made as source: one function per writer, and one `switch` for the reader, as one would
 * write by hand. V8 then compiles each for its own. With closures that the rows share, all words go through generic calls:
 * a fifth slower, measured. The source has nothing in it but names and numbers of the table, and a name for profiles.
 */

const makeWriters = new Function('begin', 'end', 'words', 'reserveBytes', writerSource()) as (
  begin: Begin,
  end: (to: number) => void,
  words: Int32Array,
  reserveBytes: number,
) => HopWriters;

const makeCalls = new Function('target', 'words', 'view', callSource()) as (
  target: HopTarget,
  words: Int32Array,
  view: DataView,
) => (kind: number, word: number, payloadBytes: number) => boolean;

/** An object with a function for each row: `(to, w0, w1) => { … }`, with a payload `(to, payloadBytes, w0, w1) => { … }`. */
function writerSource(): string {
  const writers = HOP_NAMES.map((name, kind) => {
    const row = HOPS[name];
    const words = Array.from({ length: row.words }, (_, n) => `w${n}`);
    const stores = words.map((word, n) => `words[at + ${n}] = ${word};`).join(' ');
    const reserve = row.isAnswer ? 0 : 'reserveBytes';
    return row.hasPayload
      ? `${name}(to, payloadBytes, ${words}) {
           const at = begin(to, ${kind}, ${fixedBytes(row)} + payloadBytes, ${reserve});
           if (at < 0) return -1;
           ${stores}
           return (at + ${row.words}) * ${WORD_BYTES};
         }`
      : `${name}(to, ${words}) {
           const at = begin(to, ${kind}, ${fixedBytes(row)}, ${reserve});
           if (at < 0) return false;
           ${stores}
           end(to);
           return true;
         }`;
  });
  return `return { ${writers.join(', ')} };\n//# sourceURL=hop-writers`;
}

/** A function that calls the target's function of a kind with the words from an index on, and where the payload is. */
function callSource(): string {
  const cases = HOP_NAMES.map((name, kind) => {
    const { words, hasPayload } = HOPS[name];
    const fields = Array.from({ length: words }, (_, n) => `words[at + ${n}]`);
    const payload = hasPayload ? `, view, (at + ${words}) * ${WORD_BYTES}, payloadBytes` : '';
    return `case ${kind}: return target.${name}(${fields}${payload}) !== false;`;
  });
  return `return function callTarget(kind, at, payloadBytes) { switch (kind) { ${cases.join(' ')} } };\n//# sourceURL=hop-calls`;
}

function fixedBytes(row: Row): number {
  return (1 + row.words) * WORD_BYTES;
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
