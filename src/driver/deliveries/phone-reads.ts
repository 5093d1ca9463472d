/**
 * Reading of simulated phones: a share of the messages from other phones is read some time after the delivery, and its
 * author hears of it. Of messages to groups and lists each member reads a share of its own. Which messages are read
 * follows from the seed. A phone that is not online at that moment reads nothing.
 *
 * What an author hears is checked: it must have sent such a message to the reader, or to a group or list of which the
 * reader may have been a member.
 */
import { count, countBy } from '../../base/counters.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { ID_UNKNOWN } from '../../wire/phone-protocol.ts';
import type { ReadSettings } from '../content/read-settings.ts';
import { READ_UNKNOWN, RecentReads } from '../content/recent-reads.ts';
import { UnreadMessages } from '../content/unread-messages.ts';
import { OTHER_LANE } from '../groups/changed-groups.ts';
import type { LaneState } from '../state/lane-state.ts';
import { PhoneState } from '../tables/phone-table.ts';
import { DriverCounter } from '../terms/driver-counters.ts';
import { CELLS } from '../terms/population.ts';

const READ_SALT = 0x52454144;
/** Most messages per turn. */
const EVENTS_MAX = 256;
/** Delay between two attempts that wait for room. */
const WAIT_MICROS = 2000;

export class PhoneReads {
  /** When the next message is read. In an array, so that reading it allocates nothing. */
  readonly dueMicros = Float64Array.of(Number.POSITIVE_INFINITY);
  readonly #state: LaneState;
  readonly #afterMicros: number;
  /** Shares of messages that are read, of 2^32: of those to a phone, and of those to groups and lists. */
  readonly #readBelow: number;
  readonly #groupReadBelow: number;
  readonly #unread = new UnreadMessages();
  readonly #recent = new RecentReads();
  #isStopped = false;

  constructor(state: LaneState, { share, groupShare, afterMicros }: ReadSettings) {
    this.#state = state;
    this.#readBelow = share * 2 ** 32;
    this.#groupReadBelow = groupShare * 2 ** 32;
    this.#afterMicros = afterMicros;
  }

  ledger(): LedgerEntry {
    const bytes = this.#unread.bytes + this.#recent.bytes;
    return { owner: 'driver', name: 'messages to read', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#isStopped = true;
    this.dueMicros[0] = Number.POSITIVE_INFINITY;
  }

  /** A message from phone to phone was delivered for the first time. */
  delivered(row: number, author: number, number: number): void {
    if (this.#hashOf(author, number) >>> 0 < this.#readBelow) this.#willRead(row, author, number);
  }

  /** A message to a group or list was delivered to a member for the first time. */
  deliveredToMember(row: number, author: number, number: number): void {
    if (this.#groupReadBelow === 0) return;
    const hash = mixPair(this.#hashOf(author, number), this.#state.phoneAt(row));
    if (hash >>> 0 < this.#groupReadBelow) this.#willRead(row, author, number);
  }

  #hashOf(author: number, number: number): number {
    return mixPair(mixPair(this.#state.settings.seed ^ READ_SALT, author), number);
  }

  #willRead(row: number, author: number, number: number): void {
    const { protocol, nowMicros, parts } = this.#state;
    const id = protocol.reads?.deliveredId ?? ID_UNKNOWN;
    if (this.#isStopped || id === ID_UNKNOWN) return;
    this.#unread.next[0] = nowMicros + this.#afterMicros;
    if (!this.#unread.push(row, author, id, number)) count(parts.counters, DriverCounter.readsMissed);
    else if (this.#unread.length === 1) this.dueMicros[0] = this.#unread.next[0] as number; // its only element
  }

  /** Checks what an author is told: that `reader` has read its message. */
  told(row: number, number: number, reader: number): void {
    const { parts, phones, findings, nowWord, nowHigh } = this.#state;
    count(parts.counters, DriverCounter.readReceipts);
    if (number <= 0) return; // of an earlier run
    const author = this.#state.phoneAt(row);
    if (number > phones.lastNumber(row) || !this.#mayHaveRead(author, number, reader)) {
      findings.count('stranger', author, reader, number);
      return;
    }
    const ageMicros = this.#recent.takeAgeMicros(row, number, reader, nowWord, nowHigh);
    if (ageMicros === READ_UNKNOWN) return;
    count(parts.counters, DriverCounter.readReceiptsTimed);
    countBy(parts.counters, DriverCounter.readReceiptMicros, ageMicros);
  }

  /** Whether the message with this number of a phone may have been delivered to the reader. */
  #mayHaveRead(author: number, number: number, reader: number): boolean {
    const { groups, messagePlan, settings } = this.#state;
    const group = groups === undefined ? NO_GROUP : groups.choice.groupOf(author, number);
    if (groups === undefined || group === NO_GROUP) return messagePlan.recipientOf(author, number) === reader;
    const { population, lane } = settings;
    if (reader < 0 || reader >= population.online) return false; // no phone that connects
    const row = population.laneOf(reader) === lane ? population.rowOf(reader) : OTHER_LANE;
    return groups.mayHaveReceived(row, reader, group, author);
  }

  /** Reads what is due. @returns how much that was. */
  doWork(): number {
    const { nowMicros } = this.#state;
    if (nowMicros < (this.dueMicros[0] as number)) return 0; // its only element, here and below
    const unread = this.#unread;
    let done = 0;
    for (; done < EVENTS_MAX && (unread.first[0] as number) <= nowMicros; done++) {
      if (!this.#read(unread.row(), unread.author(), unread.id(), unread.number())) {
        this.dueMicros[0] = nowMicros + WAIT_MICROS;
        return done;
      }
      unread.shift();
    }
    this.dueMicros[0] = unread.first[0] as number;
    return done;
  }

  /** @returns false if there is no room now. */
  #read(row: number, author: number, id: number, number: number): boolean {
    const { phones, protocol, parts } = this.#state;
    if (phones.state(row) !== PhoneState.ONLINE) {
      count(parts.counters, DriverCounter.readsMissed);
      return true;
    }
    if (protocol.reads?.read(row, phones.connection(row), author, id) !== true) return false;
    count(parts.counters, DriverCounter.readsSent);
    this.#note(author, number, this.#state.phoneAt(row));
    return true;
  }

  /** Notes the time if the author is a phone of this lane and online. */
  #note(author: number, number: number, reader: number): void {
    const { settings, phones, nowWord, nowHigh } = this.#state;
    const { population, lane } = settings;
    const cell = author % CELLS;
    if (author >= population.online || cell % population.lanes !== lane) return;
    const row = population.row(Math.floor(cell / population.lanes), Math.floor(author / CELLS));
    if (phones.state(row) === PhoneState.ONLINE) this.#recent.add(row, number, reader, nowWord, nowHigh);
  }
}
