/**
 * The last ids that each mailbox of a home has accepted from each sender, so that a message sent again is recognized
 * even if the sender's session, which has a window of its own, was lost in a crash.
 *
 * A window is the highest id and a bit for each of the last 16, as in a session's row (see
 * switch/tables/session-table.ts). Windows are kept in a hash table of fixed size, in sets of four:
 *
 *     word 0   sender + 1; 0 where the place is free
 *     word 1   row of the recipient's account
 *     word 2   highest id
 *     word 3   seen ids 0..15: bit k stands for id `highest − k`
 *
 * The windows of a set are ordered by last use, the newest first. In a full set a new window replaces the one that was
 * used longest ago: a message of that pair that is sent again after a crash would be delivered twice. A phone only
 * sends its last 16 messages again, so an old window is rarely missed.
 */
import { mixPair } from '../base/pseudo-random.ts';
import { ID_WINDOW, serialDistance } from '../base/serial-distance.ts';
import { PLAIN_MEMORY, type TableMemory } from '../base/table-memory.ts';

const WORDS = 4;
const WAYS = 4;
const SET_WORDS = WAYS * WORDS;
const SEEN_MASK = 2 ** ID_WINDOW - 1;

/** The result of {@link IdWindows.judge}. */
export const WindowVerdict = { NEW: 0, DUPLICATE: 1, TOO_OLD: 2 } as const;
export type WindowVerdict = (typeof WindowVerdict)[keyof typeof WindowVerdict];

/** A message whose id is judged, and the window with its id. */
export interface JudgedMessage {
  readonly accountRow: number;
  readonly sender: number;
  readonly id: number;
  highest: number;
  seen: number;
}

export class IdWindows {
  readonly #words: Int32Array;
  readonly #setMask: number;

  /** @param windowsMax pairs of sender and recipient that are remembered; rounded up to a power of two, at least 4. */
  constructor(windowsMax: number, memory: TableMemory = PLAIN_MEMORY) {
    const sets = 2 ** Math.ceil(Math.log2(Math.max(1, windowsMax / WAYS)));
    this.#words = memory.words(sets * SET_WORDS);
    this.#setMask = sets - 1;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Judges the id of a message. If it is new, sets the message's `highest` and `seen`; {@link put} enters them. */
  judge(message: JudgedMessage): WindowVerdict {
    const { id } = message;
    const word = this.#find(this.#setOf(message.sender, message.accountRow), message.sender, message.accountRow);
    if (word < 0) {
      message.highest = id;
      message.seen = 1;
      return WindowVerdict.NEW;
    }
    const highest = this.#words[word + 2] as number; // a place has four words, here and below
    const seen = this.#words[word + 3] as number;
    const ahead = serialDistance(id, highest);
    if (ahead > 0) {
      message.highest = id;
      message.seen = ((seen << Math.min(ahead, ID_WINDOW)) & SEEN_MASK) | 1;
      return WindowVerdict.NEW;
    }
    if (-ahead >= ID_WINDOW) return WindowVerdict.TOO_OLD;
    const bit = 1 << -ahead;
    if ((seen & bit) !== 0) return WindowVerdict.DUPLICATE;
    message.highest = highest;
    message.seen = seen | bit;
    return WindowVerdict.NEW;
  }

  /** Whether the window kept for the pair of a message is the one that the message carries. */
  holds({ sender, accountRow, highest, seen }: JudgedMessage): boolean {
    const word = this.#find(this.#setOf(sender, accountRow), sender, accountRow);
    return word >= 0 && this.#words[word + 2] === highest && this.#words[word + 3] === seen;
  }

  /** Enters the window of an accepted message, and makes it the newest of its set. */
  put({ sender, accountRow, highest, seen }: JudgedMessage): void {
    const set = this.#setOf(sender, accountRow);
    const found = this.#find(set, sender, accountRow);
    const words = this.#words;
    const last = found < 0 ? set + SET_WORDS - WORDS : found;
    // By hand: a call of copyWithin takes longer than twelve words.
    for (let word = last - 1; word >= set; word--) words[word + WORDS] = words[word] as number; // inside the set
    words[set] = sender + 1;
    words[set + 1] = accountRow;
    words[set + 2] = highest;
    words[set + 3] = seen;
  }

  /** The first word of a pair's window in its set, or -1. */
  #find(set: number, sender: number, accountRow: number): number {
    for (let word = set; word < set + SET_WORDS; word += WORDS) {
      if (this.#words[word] === sender + 1 && this.#words[word + 1] === accountRow) return word;
    }
    return -1;
  }

  #setOf(sender: number, accountRow: number): number {
    return (mixPair(sender, accountRow) & this.#setMask) * SET_WORDS;
  }
}
