/**
 * What kinds of messages there are: which kind a message is, how long its payload is, and how long the blob that it
 * refers to. All of it is a hash of (seed, phone, number), so sender and recipient find the same and nothing is stored.
 *
 * A size is looked up in a table of equally likely quantiles, because exp and the normal quantile are too slow per
 * message.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { normalQuantile } from '../../stats/normal-distribution.ts';
import { REFERENCE_BYTES } from './blob-reference.ts';

/** Sizes in bytes: all the same, or log-normal with those above `max` cut to it. */
export type SizeDistribution = number | { readonly median: number; readonly sigma: number; readonly max: number };

export interface MessageKind {
  readonly name: string;
  /** Share of all messages; together 1. */
  readonly share: number;
  readonly payload: SizeDistribution;
  /** Size of the media that the payload refers to; undefined for a kind without. */
  readonly blob?: SizeDistribution | undefined;
}

/** Which kinds phones prefer. */
export interface Habits {
  /** The place of a phone's habit in the list. */
  of(phone: number): number;
  /** For each habit, and each kind, the factor of its share; shares then sum to 1 again. */
  readonly factors: readonly (readonly number[])[];
}

/** Quantiles of a distribution: the largest is exceeded by one size in 2,048. */
const SIZES = 1024;
const KIND_SALT = 0x4b494e44;
const PAYLOAD_SALT = 0x5041594c;
const BLOB_SALT = 0x424c4f42;

export class MessageKinds {
  readonly count: number;
  readonly #seed: number;
  /** For each habit and each kind, the share of it and all before it, in 2^32nds. */
  readonly #bounds: Float64Array;
  readonly #habits: Habits | undefined;
  /** For each kind, its sizes from short to long, in bytes. */
  readonly #payloads: Int32Array;
  readonly #blobs: Int32Array;
  /** The message that was asked about last, its hash and its kind: sender and recipient ask about one several times. */
  #phone = -1;
  #number = -1;
  #hash = 0;
  #kind = 0;

  /**
   * @param payloadBytesMin the shortest payload. One that refers to a blob has room for the reference as well. Shorter
   *   ones that a distribution has get this length.
   * @param habits of phones that prefer some kinds; all have the shares of the kinds without it.
   */
  constructor(seed: number, kinds: readonly MessageKind[], payloadBytesMin: number, habits?: Habits) {
    this.count = kinds.length;
    this.#seed = seed ^ KIND_SALT;
    this.#habits = habits;
    const factors = habits?.factors ?? [kinds.map(() => 1)];
    this.#bounds = Float64Array.from(factors.flatMap((ofHabit) => bounds(kinds, ofHabit)));
    this.#payloads = new Int32Array(kinds.length * SIZES);
    this.#blobs = new Int32Array(kinds.length * SIZES);
    kinds.forEach(({ payload, blob }, place) => {
      const referenceBytes = blob === undefined ? 0 : REFERENCE_BYTES;
      this.#payloads.set(sizes(payload, payloadBytesMin + referenceBytes), place * SIZES);
      if (blob !== undefined) this.#blobs.set(sizes(blob, 1), place * SIZES);
    });
  }

  ledger(): LedgerEntry {
    const bytes = this.#bounds.byteLength + this.#payloads.byteLength + this.#blobs.byteLength;
    return { owner: 'driver', name: 'message kinds', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  /** The place of a message's kind in the list. */
  kindOf(phone: number, number: number): number {
    this.#look(phone, number);
    return this.#kind;
  }

  /** Length of a message's payload, in bytes. */
  payloadBytesOf(phone: number, number: number): number {
    this.#look(phone, number);
    return this.#sizeIn(this.#payloads, PAYLOAD_SALT);
  }

  /** Length of the blob that a message refers to, in bytes; 0 if it refers to none. */
  blobBytesOf(phone: number, number: number): number {
    this.#look(phone, number);
    const hasBlob = this.#blobs[this.#kind * SIZES] !== 0; // the shortest; most messages have none
    return hasBlob ? this.#sizeIn(this.#blobs, BLOB_SALT) : 0;
  }

  #look(phone: number, number: number): void {
    if (phone === this.#phone && number === this.#number) return;
    this.#phone = phone;
    this.#number = number;
    this.#hash = mixPair(mixPair(this.#seed, phone), number);
    this.#kind = this.#kindAt(phone, this.#hash);
  }

  #kindAt(phone: number, hash: number): number {
    const random = hash >>> 0;
    const first = this.#habits === undefined ? 0 : this.#habits.of(phone) * this.count;
    const last = this.count - 1;
    let place = 0;
    while (place < last && random >= (this.#bounds[first + place] as number)) place++; // inside
    return place;
  }

  #sizeIn(table: Int32Array, salt: number): number {
    return table[this.#kind * SIZES + (mix32(this.#hash ^ salt) & (SIZES - 1))] as number; // a kind and one of its sizes
  }
}

/** For each kind, the share of it and all before it, in 2^32nds. */
function bounds(kinds: readonly MessageKind[], factors: readonly number[]): number[] {
  const weights = kinds.map(({ share }, place) => share * (factors[place] ?? 1));
  const whole = weights.reduce((sum, one) => sum + one, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return (sum / whole) * 2 ** 32;
  });
}

/** Equally likely sizes in bytes, from short to long. */
function sizes(size: SizeDistribution, min: number): number[] {
  return Array.from({ length: SIZES }, (_, n) => {
    if (typeof size === 'number') return Math.max(min, size);
    const drawn = size.median * Math.exp(size.sigma * normalQuantile((n + 0.5) / SIZES));
    return Math.round(Math.min(size.max, Math.max(min, drawn)));
  });
}
