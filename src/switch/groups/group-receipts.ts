/**
 * ✓✓ for messages to groups of a home: an author gets one when every shard to which the message was sent has reported
 * that its members have it. How many are still to report is kept with the message (RecentMessages), so a message that
 * has been replaced there gets no ✓✓, and neither does one that some recipients could not be given.
 *
 * A receipt for which there is no room to its author waits in a bounded queue. One that finds it full is dropped, and
 * counted.
 *
 *     word 0   address of the author's session    word 1   its generation
 *     word 2   author                             word 3   id
 */
import { count } from '../../base/counters.ts';
import { NO_READER } from '../../store/mailbox-entry.ts';
import { Passage, type SessionPassages } from '../homes/session-passages.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { LocalGroups } from './fan-out-parts.ts';
import { type RecentMessages, UNKNOWN } from './recent-messages.ts';
import { WordQueue } from './word-queue.ts';

/** Receipts that wait for room to their authors. */
const RECEIPTS_MAX = 1024;
const RECEIPT_WORDS = 4;
/** Most receipts that are tried again in one turn. */
const RETRIES_MAX = 512;

/** The way of a receipt to its author. */
export type ReceiptPassages = Pick<SessionPassages, 'receipt' | 'returnReceipt'>;

export class GroupReceipts implements LocalGroups {
  readonly #recent: RecentMessages;
  readonly #passages: ReceiptPassages;
  readonly #counters: Float64Array;
  readonly #waiting = new WordQueue(RECEIPTS_MAX, RECEIPT_WORDS);

  constructor(recent: RecentMessages, passages: ReceiptPassages, counters: Float64Array) {
    this.#recent = recent;
    this.#passages = passages;
    this.#counters = counters;
  }

  get bytes(): number {
    return this.#waiting.bytes;
  }

  /** Whether receipts wait for room, of which no event tells. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** A message was sent to a shard, which is to report. */
  expectReport(author: number, id: number): void {
    const place = this.#recent.find(author, id);
    if (place !== UNKNOWN) this.#recent.setShardsLeft(place, this.#recent.shardsLeft(place) + 1);
  }

  /** All recipients on a shard have a message, or some could not be given it. */
  done(author: number, id: number, hasRejected: boolean): void {
    const recent = this.#recent;
    const place = recent.find(author, id);
    if (place === UNKNOWN || recent.shardsLeft(place) === 0) return;
    if (hasRejected) recent.setRejected(place);
    const left = recent.shardsLeft(place) - 1;
    recent.setShardsLeft(place, left);
    if (left > 0) return;
    if (recent.hasRejected(place)) count(this.#counters, SwitchCounter.groupReceiptsDropped);
    else this.#pass(recent.address(place), recent.generation(place), author, id);
  }

  /** Tries receipts again that found no room. @returns how many were sent. */
  doWork(): number {
    const { words } = this.#waiting;
    let done = 0;
    for (; done < RETRIES_MAX && this.#waiting.length > 0; done++) {
      const item = this.#waiting.at(0);
      const [address, generation] = [words[item] as number, words[item + 1] as number]; // it has four words
      if (!this.#try(address, generation, words[item + 2] as number, words[item + 3] as number)) break;
      this.#waiting.shift();
    }
    return done;
  }

  /** Sends the author ✓✓. */
  #pass(address: number, generation: number, author: number, id: number): void {
    if (this.#try(address, generation, author, id)) return;
    if (this.#waiting.isFull) {
      count(this.#counters, SwitchCounter.groupReceiptsDropped);
      return;
    }
    const item = this.#waiting.push();
    const { words } = this.#waiting;
    words[item] = address;
    words[item + 1] = generation;
    words[item + 2] = author;
    words[item + 3] = id;
  }

  /** @returns false if there is no room now. */
  #try(address: number, generation: number, author: number, id: number): boolean {
    const passage = this.#passages.receipt(address, generation, author, id, NO_READER);
    if (passage === Passage.FULL) return false;
    if (passage === Passage.GONE) this.#passages.returnReceipt(address, generation, author, id, NO_READER);
    count(this.#counters, SwitchCounter.groupReceipts);
    return true;
  }
}
