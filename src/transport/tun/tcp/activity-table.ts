/**
 * What a connection needs only while something is under way: unacknowledged or unsent output, an acknowledgement that
 * is owed, segments out of order, opening or closing. All connections share one table of fixed size. An idle connection
 * has no row in it: most are idle at any time, and this takes three times the memory of a row of connections.
 *
 *     word 0         row of the connection, or NONE if it is over
 *     word 1         oldest sequence number that is not acknowledged
 *     word 2         flags
 *     word 3         when the retransmission, probe or last wait is due
 *     word 4         when a delayed acknowledgement is due
 *     word 5         when opening or closing began
 *     words 6..8     time-outs in a row · segments sent again · duplicate acknowledgements
 *     word 9         what had been sent when a loss was noticed
 *     words 10, 11   congestion window · slow start threshold
 *     words 12, 13   the segment whose round trip is measured: its end · when it was sent
 *     words 14..17   output: first block · last block · acknowledged bytes of the first · all bytes from there on
 *     words 18, 19   the next byte to send: its block · its place in the block
 *     word 20        first block of those that arrived out of order
 *     word 21        sequence number of the peer's FIN
 *     word 22        sequence number of the segment that last changed the window
 *     word 23        bytes that arrived and are not acknowledged
 *     word 24        why the connection was given up
 */
import { NONE } from './connection-table.ts';

/** The numbers of an activity. */
export const Activity = {
  /** The connection, or NONE if it is over and the activity is only waited for by the list of what is to be sent. */
  ROW: 0,
  /** The oldest sequence number that is not acknowledged. */
  UNACKNOWLEDGED: 1,
  /** Bits of {@link ActivityFlag}. */
  FLAGS: 2,
  /** When the retransmission, probe or last wait is due, in milliseconds; meaningful with TIMED. */
  DUE_MILLIS: 3,
  /** When a delayed acknowledgement is due; meaningful with ACK_DELAYED. */
  ACK_DUE_MILLIS: 4,
  /** When opening began, or the closing of a connection that nobody owns. */
  BEGAN_MILLIS: 5,
  /** Time-outs since the last acknowledgement of something new: the exponent of the time-out. */
  BACKOFF: 6,
  /** Segments sent again since the peer was last heard. */
  TRIES: 7,
  /** Acknowledgements in a row that say the same. */
  DUPLICATES: 8,
  /** In recovery: what had been sent when a loss was noticed. */
  RECOVER: 9,
  CONGESTION_WINDOW: 10,
  SLOW_START_THRESHOLD: 11,
  /** The segment whose round trip is being measured ends here, and was sent then; meaningful with MEASURING. */
  MEASURED_SEQUENCE: 12,
  MEASURED_MILLIS: 13,
  /** Output: first and last block, bytes of the first that were acknowledged, and all bytes from there on. */
  OUT_FIRST: 14,
  OUT_LAST: 15,
  OUT_FIRST_AT: 16,
  OUT_BYTES: 17,
  /** Where the next byte to send is: its block, and its place in the block. */
  OUT_BLOCK: 18,
  OUT_BLOCK_AT: 19,
  /** First block of those that arrived out of order, sorted. */
  EARLY_FIRST: 20,
  /** The sequence number of the peer's FIN; meaningful with FIN_SEEN. */
  FIN_SEQUENCE: 21,
  /** The sequence number of the segment that last changed the window. */
  WINDOW_SEQUENCE: 22,
  /** Bytes that arrived and are not acknowledged; a short segment counts as half a full one. */
  ARRIVED_BYTES: 23,
  /** Why the connection was given up; meaningful with FAILED. */
  FAILURE: 24,
} as const;

export const ActivityFlag = {
  /** In the list of connections that have something to send. */
  LISTED: 1,
  /** The next flush must send an acknowledgement. */
  ACK_NOW: 2,
  ACK_DELAYED: 4,
  /** A FIN is to be sent after all output; it has been sent; it was received, but maybe not yet its turn. */
  FIN_WANTED: 8,
  FIN_SENT: 16,
  FIN_SEEN: 32,
  RECOVERING: 64,
  MEASURING: 128,
  /** DUE_MILLIS is set. */
  TIMED: 256,
  /** The connection is given up; the next poll tells its owner. */
  FAILED: 512,
} as const;

const WORDS = 25;

export class ActivityTable {
  static readonly ENTRY_BYTES = WORDS * 4 + 4;
  readonly size: number;
  used = 0;
  readonly #words: Int32Array;
  readonly #free: Int32Array;
  #fresh = 0;
  #frees = 0;

  constructor(size: number) {
    this.size = size;
    this.#words = new Int32Array(size * WORDS);
    this.#free = new Int32Array(size);
  }

  get isFull(): boolean {
    return this.used === this.size;
  }

  /** An activity of zeros, without blocks. @returns NONE if all are in use. */
  take(row: number): number {
    if (this.used === this.size) return NONE;
    const activity = this.#frees > 0 ? (this.#free[--this.#frees] as number) : this.#fresh++;
    this.used++;
    this.#words.fill(0, activity * WORDS, (activity + 1) * WORDS);
    this.set(activity, Activity.ROW, row);
    this.set(activity, Activity.OUT_FIRST, NONE);
    this.set(activity, Activity.OUT_LAST, NONE);
    this.set(activity, Activity.OUT_BLOCK, NONE);
    this.set(activity, Activity.EARLY_FIRST, NONE);
    return activity;
  }

  give(activity: number): void {
    this.used--;
    this.#free[this.#frees++] = activity;
  }

  get(activity: number, field: number): number {
    return this.#words[activity * WORDS + field] as number; // callers name an activity that was taken, here and below
  }

  set(activity: number, field: number, value: number): void {
    this.#words[activity * WORDS + field] = value;
  }

  has(activity: number, flag: number): boolean {
    return ((this.#words[activity * WORDS + Activity.FLAGS] as number) & flag) !== 0;
  }

  setFlags(activity: number, flags: number): void {
    const at = activity * WORDS + Activity.FLAGS;
    this.#words[at] = (this.#words[at] as number) | flags;
  }

  clearFlags(activity: number, flags: number): void {
    const at = activity * WORDS + Activity.FLAGS;
    this.#words[at] = (this.#words[at] as number) & ~flags;
  }
}
