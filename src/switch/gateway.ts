/**
 * A gateway: how programs that are not phones reach the switch. It sends messages on behalf of business accounts, and
 * asks where sessions are. It speaks to shards only through hops, with an inbox of its own, so that no shard knows what
 * is behind it. Like a shard it owns no thread: `doWorkAt` does what is due.
 *
 *     program ──▶ send, locate ──▶ inbox of a home ──▶ … ──▶ own inbox ──▶ listener
 *
 * A business account keeps to the rule of phones: at most 16 ids unanswered, and no id that is 16 or more ahead of an
 * unanswered one. So an id modulo 16 names a place of the business, and the place is the handle of the message until it
 * is answered. Lookups have places of their own behind those of the messages:
 *
 *     place   business · 16 + id mod 16   …   businesses · 16 + lookup
 *
 * To homes, a business is the session in the slot of its number, and a lookup that in a slot behind the businesses. The
 * table is bounded: without a free place the caller is refused at once and nothing is kept.
 */
import { assert } from '../base/assert.ts';
import { count, countBy } from '../base/counters.ts';
import { addToDigest } from '../base/digest.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { ID_WINDOW, SERIAL_MASK } from '../base/serial-distance.ts';
import type { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory } from '../ring/ring-layout.ts';
import { ENVELOPE_BYTES, TEXT_BYTES_MAX, writeBusinessPayload } from '../wire/business-payload.ts';
import { ErrorFrameCode } from '../wire/frames.ts';
import type { Placement } from '../wire/placement.ts';
import { GatewayCounter } from './gateway-counters.ts';
import { MESSAGE_ACCEPTED } from './homes/account-home.ts';
import { HopReader, hopTarget } from './homes/hop-reader.ts';
import { Hops } from './homes/hops.ts';
import { inboxReserveBytes } from './homes/inbox-sizes.ts';
import { questionTicks } from './shard-settings.ts';
import { AddressLayout } from './tables/address-layout.ts';

/** In place of a business: any of them. */
export const ANY_BUSINESS = -1;
/** Returned in place of a handle: as many are unanswered as may be. */
export const GATEWAY_FULL = -1;
/** Returned in place of a handle: no room in the inbox of the home now. */
export const GATEWAY_BUSY = -2;

/** Hops that are taken from the inbox in one turn. */
const HOPS_PER_TURN = 512;
/** Looks at all open questions in the time of one. */
const LOOKS = 8;
/** Sessions of businesses never end, so one generation is enough. */
const GENERATION = 1;
const FREE = 0;

export interface GatewaySettings {
  /** Number of this gateway among the peers, after the shards. */
  readonly peer: number;
  readonly peers: number;
  readonly homes: Placement;
  /** Account index of the first business; the others follow it. */
  readonly firstBusiness: number;
  readonly businesses: number;
  /** Maximum of open lookups. */
  readonly lookupsMax: number;
  /** Open questions that shards allow, for which inboxes reserve room; messages and lookups together have fewer. */
  readonly questionsMax: number;
  /** As that of the shards: they judge by it whether a question is too late. */
  readonly tickMicros: number;
  /** 16 bits that tell the messages of runs apart. */
  readonly runTag: number;
}

export interface GatewayParts {
  readonly memory: RingMemory;
  /** Producers for the inboxes of all peers. */
  readonly inboxes: readonly ManyToOneProducer[];
  readonly inbox: ManyToOneConsumer;
  readonly counters: Float64Array;
  readonly wakeShard: (shard: number) => void;
}

/** Where a session is. */
export interface Located {
  /** AWAY if there is no session. */
  readonly shard: number;
  /** The tick in which it began. */
  readonly since: number;
  /** Entries of the mailbox that are to be delivered. */
  readonly waiting: number;
}

/** What became of a message or a lookup, by its handle; the handle is free afterwards. */
export interface GatewayListener {
  /** @param code MESSAGE_ACCEPTED, or why the message was refused: a code of an ERROR frame. */
  answered(handle: number, code: number): void;
  located(handle: number, found: Located): void;
  /** Nobody will answer; a message may have arrived or not. */
  givenUp(handle: number): void;
}

export class Gateway {
  readonly #settings: GatewaySettings;
  readonly #counters: Float64Array;
  readonly #inbox: ManyToOneConsumer;
  readonly #hops: Hops;
  readonly #reader: HopReader;
  readonly #addresses: AddressLayout;
  readonly #listener: GatewayListener;
  readonly #messagePlaces: number;
  readonly #ticks: number;
  readonly #lookTicks: number;
  /** By business: the id that it used last. */
  readonly #lastIds: Int32Array;
  /** By place: id of the open question, 0 if it is free; its home; and the tick in which it was asked. */
  readonly #ids: Int32Array;
  readonly #homes: Int32Array;
  readonly #asked: Int32Array;
  /** Lookups that are free. */
  readonly #freeLookups: number[];
  #turn = 0;
  #lookupId = 0;
  #tick = 0;
  #nextLook = 0;
  #open = 0;

  constructor(settings: GatewaySettings, parts: GatewayParts, listener: GatewayListener) {
    const { businesses, lookupsMax, questionsMax, tickMicros } = settings;
    const places = businesses * ID_WINDOW + lookupsMax;
    assert(places <= questionsMax, 'inboxes reserve room for the answers to all questions of a gateway');
    this.#settings = settings;
    this.#counters = parts.counters;
    this.#inbox = parts.inbox;
    this.#listener = listener;
    this.#messagePlaces = businesses * ID_WINDOW;
    this.#ticks = questionTicks(tickMicros).message;
    this.#lookTicks = Math.max(1, Math.floor(this.#ticks / LOOKS));
    this.#lastIds = new Int32Array(businesses);
    this.#ids = new Int32Array(places);
    this.#homes = new Int32Array(places);
    this.#asked = new Int32Array(places);
    this.#freeLookups = Array.from({ length: lookupsMax }, (_, n) => this.#messagePlaces + n);
    this.#addresses = AddressLayout.of({ peers: settings.peers, shard: settings.peer });
    this.#hops = new Hops(
      parts.memory,
      parts.inboxes,
      inboxReserveBytes(questionsMax),
      new Int32Array(settings.peers),
      parts.counters,
      parts.wakeShard,
      GatewayCounter.hopsOut,
    );
    this.#reader = new HopReader(parts.memory, this.#target());
  }

  ledger(): LedgerEntry[] {
    const columns = [this.#lastIds, this.#ids, this.#homes, this.#asked];
    const bytes = columns.reduce((sum, column) => sum + column.byteLength, 0);
    return [{ owner: 'switch', name: 'questions of the gateway', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Messages and lookups without an answer. */
  get open(): number {
    return this.#open;
  }

  /** The business that sent a message, from 0. */
  businessOf(handle: number): number {
    return Math.floor(handle / ID_WINDOW);
  }

  /** The id of an open message on the wire. */
  idOf(handle: number): number {
    return this.#ids[handle] as number; // handles are places, here and below
  }

  /**
   * Sends a message.
   * @param business number of the business from 0, or ANY_BUSINESS: each in turn.
   * @param recipient account index.
   * @param text at most TEXT_BYTES_MAX bytes.
   * @param dueMicros when it was due, in microseconds of the run.
   * @returns a handle, GATEWAY_FULL or GATEWAY_BUSY.
   */
  send(business: number, recipient: number, text: Uint8Array, dueMicros: number): number {
    assert(text.length <= TEXT_BYTES_MAX, 'a text fits in a frame');
    const from = business === ANY_BUSINESS ? this.#nextBusiness() : business;
    if (from === GATEWAY_FULL || !this.#hasPlace(from)) {
      count(this.#counters, GatewayCounter.windowFull);
      return GATEWAY_FULL;
    }
    const id = this.#idAfter(from);
    const to = this.#settings.homes.shardOf(recipient);
    const sender = this.#settings.firstBusiness + from;
    const bytes = ENVELOPE_BYTES + text.length;
    const address = this.#addresses.addressOf(from);
    const at = this.#hops.write.route(to, bytes, sender, address, GENERATION, id, recipient, this.#tick);
    if (at < 0) {
      count(this.#counters, GatewayCounter.inboxFull);
      return GATEWAY_BUSY;
    }
    const { runTag } = this.#settings;
    writeBusinessPayload(this.#hops.view, at, { sender, recipient, id, dueMicros, runTag }, text);
    this.#hops.end(to);
    this.#lastIds[from] = id;
    const handle = from * ID_WINDOW + (id % ID_WINDOW);
    this.#ask(handle, id, to);
    count(this.#counters, GatewayCounter.messagesSent);
    countBy(this.#counters, GatewayCounter.messagesUnanswered, 1);
    this.#addDigest(GatewayCounter.digestSentLow, handle, id);
    return handle;
  }

  /** Asks where the session of an account is. @returns a handle, GATEWAY_FULL or GATEWAY_BUSY. */
  locate(account: number): number {
    const handle = this.#freeLookups.at(-1);
    if (handle === undefined) {
      count(this.#counters, GatewayCounter.lookupsFull);
      return GATEWAY_FULL;
    }
    const id = (this.#lookupId % SERIAL_MASK) + 1;
    const to = this.#settings.homes.shardOf(account);
    const address = this.#addresses.addressOf(this.#slotOf(handle));
    if (!this.#hops.write.locate(to, account, address, GENERATION, id, this.#tick)) {
      count(this.#counters, GatewayCounter.inboxFull);
      return GATEWAY_BUSY;
    }
    this.#freeLookups.pop();
    this.#lookupId = id;
    this.#ask(handle, id, to);
    count(this.#counters, GatewayCounter.lookups);
    return handle;
  }

  /** Does the work that is due in this tick. @returns how much it did, 0 for nothing. */
  doWorkAt(tick: number): number {
    this.#tick = tick;
    const done = this.#drainInbox();
    if (this.#open > 0 && tick >= this.#nextLook) {
      this.#nextLook = tick + this.#lookTicks;
      this.#giveUp((place) => tick - (this.#asked[place] as number) >= this.#ticks);
    }
    this.#hops.flush();
    return done;
  }

  /** Whether doWorkAt would find input. */
  hasInput(): boolean {
    return this.#inbox.hasNext();
  }

  /** What other threads send to a gateway. */
  #target(): ReturnType<typeof hopTarget> {
    return hopTarget({
      answer: (slot, _generation, id, code) => this.#answered(slot, id, code),
      located: (slot, _generation, id, shard, since, waiting) => this.#located(slot, id, { shard, since, waiting }),
      receipt: () => count(this.#counters, GatewayCounter.receipts),
      started: (shard, incarnation) => this.#started(shard, incarnation),
    });
  }

  #drainInbox(): number {
    let done = 0;
    for (; done < HOPS_PER_TURN; done++) {
      const at = this.#inbox.next();
      if (at === RING_NONE) break;
      this.#reader.read(at, this.#inbox.length);
      this.#inbox.take();
      count(this.#counters, GatewayCounter.hopsIn);
    }
    this.#inbox.release();
    return done;
  }

  #answered(slot: number, id: number, code: number): void {
    const handle = slot * ID_WINDOW + (id % ID_WINDOW);
    if (slot >= this.#settings.businesses || !this.#close(handle, id)) {
      count(this.#counters, GatewayCounter.answersLate);
      return;
    }
    countBy(this.#counters, GatewayCounter.messagesUnanswered, -1);
    if (code === MESSAGE_ACCEPTED) {
      count(this.#counters, GatewayCounter.messagesAcknowledged);
      this.#addDigest(GatewayCounter.digestAcknowledgedLow, handle, id);
    } else {
      count(this.#counters, GatewayCounter.messagesRejected);
      count(this.#counters, rejectionCounter(code));
      this.#addDigest(GatewayCounter.digestRejectedLow, handle, id);
    }
    this.#listener.answered(handle, code);
  }

  #located(slot: number, id: number, found: Located): void {
    const handle = this.#messagePlaces + slot - this.#settings.businesses;
    if (slot < this.#settings.businesses || !this.#close(handle, id)) {
      count(this.#counters, GatewayCounter.answersLate);
      return;
    }
    this.#freeLookups.push(handle);
    this.#listener.located(handle, found);
  }

  /** A shard has lost what it was asked before it started again. */
  #started(shard: number, incarnation: number): void {
    this.#giveUp((place) => this.#homes[place] === shard);
    this.#hops.setIncarnation(shard, incarnation);
  }

  /** Ends all open questions of which this holds. */
  #giveUp(isOver: (place: number) => boolean): void {
    for (let place = 0; place < this.#ids.length; place++) {
      if (this.#ids[place] === FREE || !isOver(place)) continue;
      this.#close(place, this.#ids[place] as number); // places are inside the column
      if (place < this.#messagePlaces) {
        countBy(this.#counters, GatewayCounter.messagesUnanswered, -1);
        count(this.#counters, GatewayCounter.messagesGivenUp);
      } else {
        this.#freeLookups.push(place);
        count(this.#counters, GatewayCounter.lookupsGivenUp);
      }
      this.#listener.givenUp(place);
    }
  }

  #ask(handle: number, id: number, home: number): void {
    this.#ids[handle] = id;
    this.#homes[handle] = home;
    this.#asked[handle] = this.#tick;
    this.#open++;
  }

  /** @returns false if the question is not open any more. */
  #close(handle: number, id: number): boolean {
    if (this.#ids[handle] !== id) return false;
    this.#ids[handle] = FREE;
    this.#open--;
    return true;
  }

  /** The next business that has a place, or GATEWAY_FULL. */
  #nextBusiness(): number {
    const { businesses } = this.#settings;
    for (let n = 0; n < businesses; n++) {
      const business = (this.#turn + n) % businesses;
      if (!this.#hasPlace(business)) continue;
      this.#turn = (business + 1) % businesses;
      return business;
    }
    return GATEWAY_FULL;
  }

  #hasPlace(business: number): boolean {
    return this.#ids[business * ID_WINDOW + (this.#idAfter(business) % ID_WINDOW)] === FREE;
  }

  /** Ids have 30 bits, and 0 means none: after the last comes 16, which has the place of 0. */
  #idAfter(business: number): number {
    const next = ((this.#lastIds[business] as number) + 1) & SERIAL_MASK; // a business has a last id
    return next === 0 ? ID_WINDOW : next;
  }

  #slotOf(lookup: number): number {
    return this.#settings.businesses + lookup - this.#messagePlaces;
  }

  #addDigest(low: number, handle: number, id: number): void {
    addToDigest(this.#counters, low, this.#settings.firstBusiness + this.businessOf(handle), id);
  }
}

function rejectionCounter(code: number): number {
  if (code === ErrorFrameCode.MAILBOX_FULL) return GatewayCounter.rejectedMailboxFull;
  return code === ErrorFrameCode.STORE_FULL ? GatewayCounter.rejectedStoreFull : GatewayCounter.rejectedOther;
}
