/**
 * What a stack knows of each connection while nothing is under way: 32 bytes per row, the numbers of one connection
 * beside each other, because a packet needs all of them and the rows of five million connections are in no cache.
 *
 *     word 0   state 0..7 · flags 8..15 · shift of the peer's windows 16..23
 *     word 1   the owner's number for the connection
 *     word 2   next sequence number to send
 *     word 3   next sequence number to receive
 *     word 4   the activity, or NONE; of a free row: the next free one, or NONE
 *     word 5   the peer's window as it stood in the header 0..15 · most bytes of a segment to the peer 16..31
 *     word 6   variation of the round trip, in 1/4 ms 0..15 · smoothed round trip, in 1/8 ms 16..31; 0 for none
 *     word 7   number of the peer's address
 *
 * A connection's number is its row, and its addresses follow from the row. Rows that are free are used again in the
 * order in which they became free, so a port rests as long as possible. Whatever a connection needs while something is
 * under way is in the table of activities.
 */
import { PLAIN_MEMORY, type TableMemory } from '../../../base/table-memory.ts';

/**
 * States of RFC 9293, 3.3.2, without LISTEN. ENDED: the connection is over, and its owner has not released its number.
 */
export const TcpState = {
  CLOSED: 0,
  SYN_SENT: 1,
  SYN_RECEIVED: 2,
  ESTABLISHED: 3,
  FIN_WAIT_1: 4,
  FIN_WAIT_2: 5,
  CLOSING: 6,
  TIME_WAIT: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  ENDED: 10,
} as const;

/** Bits of a row. */
export const RowFlag = {
  /** The owner has closed the connection or dropped it: what arrives is acknowledged and discarded. */
  ABANDONED: 1,
  /** The SYN was sent more than once (RFC 6298, 5.7). */
  SYN_SENT_AGAIN: 2,
} as const;

/** No activity, or no row. */
export const NONE = -1;

const ROW_WORDS = 8;
const STATE = 0;
const TOKEN = 1;
const SEND_NEXT = 2;
const RECEIVE_NEXT = 3;
const ACTIVITY = 4;
const WINDOW = 5;
const ROUND_TRIP = 6;
const REMOTE = 7;

export class ConnectionTable {
  /** Memory of one row. */
  static readonly ROW_BYTES = ROW_WORDS * 4;
  readonly rows: number;
  used = 0;
  readonly #words: Int32Array;
  #fresh = 0;
  #firstFree = NONE;
  #lastFree = NONE;

  constructor(rows: number, memory: TableMemory = PLAIN_MEMORY) {
    this.rows = rows;
    this.#words = memory.words(rows * ROW_WORDS);
  }

  /** Takes the row that has been free for the longest time. @returns {@link NONE} if all are in use. */
  take(): number {
    let row = NONE;
    if (this.#fresh < this.rows) {
      row = this.#fresh++;
    } else if (this.#firstFree !== NONE) {
      row = this.#firstFree;
      this.#firstFree = this.activity(row);
      if (this.#firstFree === NONE) this.#lastFree = NONE;
    } else {
      return NONE;
    }
    this.used++;
    this.#words.fill(0, row * ROW_WORDS, (row + 1) * ROW_WORDS);
    this.setActivity(row, NONE);
    return row;
  }

  give(row: number): void {
    this.used--;
    this.#words[row * ROW_WORDS + STATE] = TcpState.CLOSED;
    this.setActivity(row, NONE);
    if (this.#lastFree === NONE) this.#firstFree = row;
    else this.setActivity(this.#lastFree, row);
    this.#lastFree = row;
  }

  state(row: number): number {
    return (this.#words[row * ROW_WORDS + STATE] as number) & 0xff; // callers name a row of the table, here and below
  }

  setState(row: number, state: number): void {
    const at = row * ROW_WORDS + STATE;
    this.#words[at] = ((this.#words[at] as number) & ~0xff) | state;
  }

  has(row: number, flag: number): boolean {
    return ((this.#words[row * ROW_WORDS + STATE] as number) & (flag << 8)) !== 0;
  }

  setFlag(row: number, flag: number): void {
    const at = row * ROW_WORDS + STATE;
    this.#words[at] = (this.#words[at] as number) | (flag << 8);
  }

  token(row: number): number {
    return this.#words[row * ROW_WORDS + TOKEN] as number;
  }

  setToken(row: number, token: number): void {
    this.#words[row * ROW_WORDS + TOKEN] = token;
  }

  /** The next sequence number to send. */
  sendNext(row: number): number {
    return this.#words[row * ROW_WORDS + SEND_NEXT] as number;
  }

  setSendNext(row: number, sequence: number): void {
    this.#words[row * ROW_WORDS + SEND_NEXT] = sequence | 0;
  }

  /** The next sequence number to receive. */
  receiveNext(row: number): number {
    return this.#words[row * ROW_WORDS + RECEIVE_NEXT] as number;
  }

  setReceiveNext(row: number, sequence: number): void {
    this.#words[row * ROW_WORDS + RECEIVE_NEXT] = sequence | 0;
  }

  /** The row's activity, {@link NONE} while nothing is under way. */
  activity(row: number): number {
    return this.#words[row * ROW_WORDS + ACTIVITY] as number;
  }

  setActivity(row: number, activity: number): void {
    this.#words[row * ROW_WORDS + ACTIVITY] = activity;
  }

  /** The peer's window in bytes. */
  windowBytes(row: number): number {
    const shift = ((this.#words[row * ROW_WORDS + STATE] as number) >> 16) & 0xff;
    return ((this.#words[row * ROW_WORDS + WINDOW] as number) & 0xffff) << shift;
  }

  /** @param window as it stands in a header. */
  setWindow(row: number, window: number): void {
    const at = row * ROW_WORDS + WINDOW;
    this.#words[at] = ((this.#words[at] as number) & ~0xffff) | window;
  }

  setWindowShift(row: number, shift: number): void {
    const at = row * ROW_WORDS + STATE;
    this.#words[at] = ((this.#words[at] as number) & 0xffff) | (shift << 16);
  }

  /** The most bytes that one segment to the peer may carry. */
  segmentBytesMax(row: number): number {
    return (this.#words[row * ROW_WORDS + WINDOW] as number) >>> 16;
  }

  setSegmentBytesMax(row: number, bytes: number): void {
    const at = row * ROW_WORDS + WINDOW;
    this.#words[at] = ((this.#words[at] as number) & 0xffff) | (bytes << 16);
  }

  /** Smoothed round trip in the upper 16 bits, its variation in the lower; 0 if none was measured. */
  roundTrip(row: number): number {
    return this.#words[row * ROW_WORDS + ROUND_TRIP] as number;
  }

  setRoundTrip(row: number, packed: number): void {
    this.#words[row * ROW_WORDS + ROUND_TRIP] = packed;
  }

  /** The number of the peer: which of the addresses that connections are made to. */
  remote(row: number): number {
    return this.#words[row * ROW_WORDS + REMOTE] as number;
  }

  setRemote(row: number, remote: number): void {
    this.#words[row * ROW_WORDS + REMOTE] = remote;
  }
}
