/**
 * A gateway: how programs that are not phones reach the switch. It sends messages on behalf of business accounts, and
 * asks where sessions are. It speaks to shards only through hops, with an inbox of its own, so that no shard knows what
 * is behind it. Like a shard it owns no thread: `doWorkAt` does what is due.
 *
 *     program ──▶ send, locate ──▶ inbox of a home ──▶ … ──▶ own inbox ──▶ listener
 *
 * What it waits for, and how much that may be: see GatewayQuestions.
 */
import { assert } from '../base/assert.ts';
import { count, countBy } from '../base/counters.ts';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { addToDigest } from '../base/message-digest.ts';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import type { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory } from '../ring/ring-layout.ts';
import { ENVELOPE_BYTES, TEXT_BYTES_MAX, writeBusinessPayload } from '../wire/business-payload.ts';
import { ErrorFrameCode } from '../wire/frames.ts';
import type { Placement } from '../wire/placement.ts';
import { GatewayCounter } from './gateway-counters.ts';
import { GATEWAY_FULL, GatewayQuestions } from './gateway-questions.ts';
import { MESSAGE_ACCEPTED } from './homes/account-home.ts';
import { HopReader, hopTarget } from './homes/hop-reader.ts';
import { Hops } from './homes/hops.ts';
import { inboxReserveBytes } from './homes/inbox-sizes.ts';
import { AddressLayout } from './tables/address-layout.ts';
import { questionTicks } from './terms/shard-settings.ts';

/** In place of a business: any of them. */
export const ANY_BUSINESS = -1;
/** Returned in place of a handle: no room in the inbox of the home now. */
export const GATEWAY_BUSY = -2;

/** Of a business that has sent no message: what its ids on the wire begin with was not asked yet. */
const NOT_ASKED = -1;
/** Most hops that are taken from the inbox in one turn. */
const HOPS_MAX = 512;
/** How often open questions are checked within the time that one of them may take. */
const CHECKS_PER_QUESTION = 8;
/** Sessions of businesses never end, so one generation is enough. */
const GENERATION = 1;

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
  /**
   * The id on the wire before the first one of a business, asked when it sends its first message; 0 for all if it is
   * not given.
   */
  readonly idBefore?: (account: number) => number;
}

/** Where a session is. */
export interface Located {
  /** AWAY if there is no session. */
  readonly shard: number;
  /** The tick in which it began. */
  readonly sinceTick: number;
  /** Seconds since the account was available, 0 while it is, -1 if that is not known. */
  readonly seenAgoSeconds: number;
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
  readonly #questions: GatewayQuestions;
  readonly #idBefore: (account: number) => number;
  /** By business: the id on the wire is this and its own, which begins with 1; NOT_ASKED before its first message. */
  readonly #idsBefore: Int32Array;
  readonly #ticks: number;
  readonly #lookTicks: number;
  #tick = 0;
  #nextLook = 0;
  /** Created once: a closure created in a turn would be an allocation per turn. */
  readonly #giveUp = (handle: number): void => this.#givenUp(handle);

  constructor(settings: GatewaySettings, parts: GatewayParts, listener: GatewayListener) {
    const { businesses, lookupsMax, questionsMax, tickMicros } = settings;
    this.#questions = new GatewayQuestions(businesses, lookupsMax);
    assert(
      this.#questions.places <= questionsMax,
      'inboxes reserve room for the answers to all questions of a gateway',
    );
    this.#settings = settings;
    this.#idBefore = parts.idBefore ?? (() => 0);
    this.#idsBefore = new Int32Array(businesses).fill(NOT_ASKED);
    this.#counters = parts.counters;
    this.#inbox = parts.inbox;
    this.#listener = listener;
    this.#ticks = questionTicks(tickMicros).message;
    this.#lookTicks = Math.max(1, Math.floor(this.#ticks / CHECKS_PER_QUESTION));
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
    const { bytes } = this.#questions;
    return [{ owner: 'switch', name: 'questions of the gateway', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Messages and lookups without an answer. */
  get open(): number {
    return this.#questions.open;
  }

  /** The business that sent a message, from 0. */
  businessOf(handle: number): number {
    return this.#questions.businessOf(handle);
  }

  /** The id of an open message, from 1 for the first one of its business. */
  idOf(handle: number): number {
    return this.#questions.idOf(handle);
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
    const from = business === ANY_BUSINESS ? this.#questions.nextBusiness() : business;
    if (from === GATEWAY_FULL || !this.#questions.hasPlace(from)) {
      count(this.#counters, GatewayCounter.windowFull);
      return GATEWAY_FULL;
    }
    const id = this.#questions.nextId(from);
    const to = this.#settings.homes.shardOf(recipient);
    const sender = this.#settings.firstBusiness + from;
    const bytes = ENVELOPE_BYTES + text.length;
    const address = this.#addresses.addressOf(from);
    const at = this.#hops.write.route(
      to,
      bytes,
      sender,
      address,
      GENERATION,
      this.#idOnWire(from, id),
      recipient,
      this.#tick,
    );
    if (at < 0) {
      count(this.#counters, GatewayCounter.inboxFull);
      return GATEWAY_BUSY;
    }
    const { runTag } = this.#settings;
    writeBusinessPayload(this.#hops.view, at, { sender, recipient, id, dueMicros, runTag }, text);
    this.#hops.end(to);
    const handle = this.#questions.addMessage(from, to, this.#tick);
    count(this.#counters, GatewayCounter.messagesSent);
    countBy(this.#counters, GatewayCounter.messagesUnanswered, 1);
    this.#addDigest(GatewayCounter.digestSentLow, handle, id);
    return handle;
  }

  /** Asks where the session of an account is. @returns a handle, GATEWAY_FULL or GATEWAY_BUSY. */
  locate(account: number): number {
    const handle = this.#questions.nextLookup;
    if (handle === GATEWAY_FULL) {
      count(this.#counters, GatewayCounter.lookupsFull);
      return GATEWAY_FULL;
    }
    const id = this.#questions.nextLookupId;
    const to = this.#settings.homes.shardOf(account);
    const address = this.#addresses.addressOf(this.#questions.slotOf(handle));
    if (!this.#hops.write.locate(to, account, address, GENERATION, id, this.#tick)) {
      count(this.#counters, GatewayCounter.inboxFull);
      return GATEWAY_BUSY;
    }
    this.#questions.addLookup(to, this.#tick);
    count(this.#counters, GatewayCounter.lookups);
    return handle;
  }

  /** Does the work that is due in this tick. @returns how much it did, 0 for nothing. */
  doWorkAt(tick: number): number {
    this.#tick = tick;
    const done = this.#drainInbox();
    if (this.#questions.open > 0 && tick >= this.#nextLook) {
      this.#nextLook = tick + this.#lookTicks;
      this.#questions.endAskedBy(tick - this.#ticks, this.#giveUp);
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
      located: (slot, id, shard, sinceTick, seenAgoSeconds, waiting) =>
        this.#located(slot, id, { shard, sinceTick, seenAgoSeconds, waiting }),
      receipt: () => count(this.#counters, GatewayCounter.receipts),
      started: (shard, incarnation) => this.#started(shard, incarnation),
    });
  }

  #drainInbox(): number {
    let done = 0;
    for (; done < HOPS_MAX; done++) {
      const at = this.#inbox.next();
      if (at === RING_NONE) break;
      this.#reader.read(at, this.#inbox.length);
      this.#inbox.take();
      count(this.#counters, GatewayCounter.hopsIn);
    }
    this.#inbox.release();
    return done;
  }

  #idOnWire(business: number, id: number): number {
    let before = this.#idsBefore[business] as number; // a business has one
    if (before === NOT_ASKED) {
      before = this.#idBefore(this.#settings.firstBusiness + business);
      this.#idsBefore[business] = before;
    }
    return (before + id) & SERIAL_MASK;
  }

  #answered(slot: number, idOnWire: number, code: number): void {
    const id = (idOnWire - (this.#idsBefore[slot] ?? 0)) & SERIAL_MASK;
    const handle = this.#questions.takeMessage(slot, id);
    if (handle < 0) {
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
    const handle = this.#questions.takeLookup(slot, id);
    if (handle < 0) {
      count(this.#counters, GatewayCounter.answersLate);
      return;
    }
    this.#listener.located(handle, found);
  }

  /** A shard has lost what it was asked before it started again. */
  #started(shard: number, incarnation: number): void {
    this.#questions.endTo(shard, this.#giveUp);
    this.#hops.setIncarnation(shard, incarnation);
  }

  /** Nobody has answered a question, which is not open any more. */
  #givenUp(handle: number): void {
    if (this.#questions.isMessage(handle)) {
      countBy(this.#counters, GatewayCounter.messagesUnanswered, -1);
      count(this.#counters, GatewayCounter.messagesGivenUp);
    } else {
      count(this.#counters, GatewayCounter.lookupsGivenUp);
    }
    this.#listener.givenUp(handle);
  }

  #addDigest(low: number, handle: number, id: number): void {
    addToDigest(this.#counters, low, this.#settings.firstBusiness + this.businessOf(handle), id);
  }
}

function rejectionCounter(code: number): number {
  if (code === ErrorFrameCode.MAILBOX_FULL) return GatewayCounter.rejectedMailboxFull;
  return code === ErrorFrameCode.STORE_FULL ? GatewayCounter.rejectedStoreFull : GatewayCounter.rejectedOther;
}
