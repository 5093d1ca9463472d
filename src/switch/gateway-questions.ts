/**
 * The open questions of a gateway: messages without an answer, and lookups.
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
import { ID_WINDOW, SERIAL_MASK } from '../base/serial-distance.ts';

/** Returned in place of a business or a handle: as many are unanswered as may be. */
export const GATEWAY_FULL = -1;

const FREE = 0;

export class GatewayQuestions {
  readonly #businesses: number;
  readonly #messagePlaces: number;
  /** By business: the id that it used last. */
  readonly #lastIds: Int32Array;
  /** By place: id of the open question, 0 if it is free; its home; and the tick in which it was asked. */
  readonly #ids: Int32Array;
  readonly #homes: Int32Array;
  readonly #askedTicks: Int32Array;
  /** Lookups that are free. */
  readonly #freeLookups: number[];
  #turn = 0;
  #lookupId = 0;
  #open = 0;

  constructor(businesses: number, lookupsMax: number) {
    const places = businesses * ID_WINDOW + lookupsMax;
    this.#businesses = businesses;
    this.#messagePlaces = businesses * ID_WINDOW;
    this.#lastIds = new Int32Array(businesses);
    this.#ids = new Int32Array(places);
    this.#homes = new Int32Array(places);
    this.#askedTicks = new Int32Array(places);
    this.#freeLookups = Array.from({ length: lookupsMax }, (_, n) => this.#messagePlaces + n);
  }

  get bytes(): number {
    const columns = [this.#lastIds, this.#ids, this.#homes, this.#askedTicks];
    return columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** Maximum of open questions. */
  get places(): number {
    return this.#ids.length;
  }

  /** Messages and lookups without an answer. */
  get open(): number {
    return this.#open;
  }

  /** The business that sent a message, from 0. */
  businessOf(handle: number): number {
    return Math.floor(handle / ID_WINDOW);
  }

  /** The id of an open question. */
  idOf(handle: number): number {
    return this.#ids[handle] as number; // handles are places, here and below
  }

  isMessage(handle: number): boolean {
    return handle < this.#messagePlaces;
  }

  /** The next business that has a place, each in turn, or GATEWAY_FULL. */
  nextBusiness(): number {
    for (let n = 0; n < this.#businesses; n++) {
      const business = (this.#turn + n) % this.#businesses;
      if (!this.hasPlace(business)) continue;
      this.#turn = (business + 1) % this.#businesses;
      return business;
    }
    return GATEWAY_FULL;
  }

  hasPlace(business: number): boolean {
    return this.#ids[business * ID_WINDOW + (this.nextId(business) % ID_WINDOW)] === FREE;
  }

  /**
   * The id of a business's next message. Ids have 30 bits, and 0 means none: after the last comes 16, which has the
   * place of 0.
   */
  nextId(business: number): number {
    const next = ((this.#lastIds[business] as number) + 1) & SERIAL_MASK; // a business has a last id
    return next === 0 ? ID_WINDOW : next;
  }

  /** Opens the question of a business's next message, which has a place. @returns its handle. */
  addMessage(business: number, home: number, tick: number): number {
    const id = this.nextId(business);
    this.#lastIds[business] = id;
    const handle = business * ID_WINDOW + (id % ID_WINDOW);
    this.#add(handle, id, home, tick);
    return handle;
  }

  /** The handle of the next lookup, or GATEWAY_FULL. */
  get nextLookup(): number {
    return this.#freeLookups.at(-1) ?? GATEWAY_FULL;
  }

  get nextLookupId(): number {
    return (this.#lookupId % SERIAL_MASK) + 1;
  }

  /** Opens the next lookup, which has a place. */
  addLookup(home: number, tick: number): void {
    this.#lookupId = this.nextLookupId;
    const handle = this.nextLookup;
    this.#freeLookups.pop();
    this.#add(handle, this.#lookupId, home, tick);
  }

  /** The slot of a lookup, to homes. */
  slotOf(lookup: number): number {
    return this.#businesses + lookup - this.#messagePlaces;
  }

  /** Ends the question of a message. @returns its handle, or -1 if it is not open any more. */
  takeMessage(slot: number, id: number): number {
    const handle = slot * ID_WINDOW + (id % ID_WINDOW);
    return slot < this.#businesses && this.#close(handle, id) ? handle : -1;
  }

  /** Ends a lookup. @returns its handle, or -1 if it is not open any more. */
  takeLookup(slot: number, id: number): number {
    const handle = this.#messagePlaces + slot - this.#businesses;
    if (slot < this.#businesses || !this.#close(handle, id)) return -1;
    this.#freeLookups.push(handle);
    return handle;
  }

  /** Ends the questions that were put to a home. */
  endTo(home: number, ended: (handle: number) => void): void {
    this.#end((place) => this.#homes[place] === home, ended);
  }

  /** Ends the questions that were asked in this tick or before. */
  endAskedBy(tick: number, ended: (handle: number) => void): void {
    this.#end((place) => (this.#askedTicks[place] as number) <= tick, ended);
  }

  #end(isOver: (place: number) => boolean, ended: (handle: number) => void): void {
    for (let place = 0; place < this.#ids.length; place++) {
      if (this.#ids[place] === FREE || !isOver(place)) continue;
      this.#close(place, this.#ids[place] as number); // places are inside the column
      if (!this.isMessage(place)) this.#freeLookups.push(place);
      ended(place);
    }
  }

  #add(handle: number, id: number, home: number, tick: number): void {
    this.#ids[handle] = id;
    this.#homes[handle] = home;
    this.#askedTicks[handle] = tick;
    this.#open++;
  }

  /** @returns false if the question is not open any more. */
  #close(handle: number, id: number): boolean {
    if (this.#ids[handle] !== id) return false;
    this.#ids[handle] = FREE;
    this.#open--;
    return true;
  }
}
