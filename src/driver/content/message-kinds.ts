/**
 * What kinds of messages there are: which kind a message is, how long its payload is, and how long the blob that it
 * refers to. All of it is a hash of (seed, phone, number), so sender and recipient find the same and nothing is stored.
 *
 * A size is looked up in a table of equally likely quantiles, because exp and the normal quantile are too slow per message.
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import { mix32, mixPair } from '../../base/mix.ts';
import { normalQuantile } from '../../stats/normal-distribution.ts';

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

/** Quantiles of a distribution: the largest is exceeded by one size in 2,048. */
const SIZES = 1024;
const KIND_SALT = 0x4b494e44;
const PAYLOAD_SALT = 0x5041594c;
const BLOB_SALT = 0x424c4f42;

export class MessageKinds {
  readonly count: number;
  readonly #seed: number;
  /** For each kind, the share of it and all before it, in 2^32nds. */
  readonly #bounds: Float64Array;
  /** For each kind, its sizes from short to long, in bytes. */
  readonly #payloads: Int32Array;
  readonly #blobs: Int32Array;

  /** @param payloadBytesMin the shortest payload: shorter ones that a distribution has get this length. */
  constructor(seed: number, kinds: readonly MessageKind[], payloadBytesMin: number) {
    this.count = kinds.length;
    this.#seed = seed ^ KIND_SALT;
    this.#bounds = new Float64Array(kinds.length);
    this.#payloads = new Int32Array(kinds.length * SIZES);
    this.#blobs = new Int32Array(kinds.length * SIZES);
    let sum = 0;
    kinds.forEach(({ share, payload, blob }, place) => {
      sum += share;
      this.#bounds[place] = sum * 2 ** 32;
      this.#payloads.set(sizes(payload, payloadBytesMin), place * SIZES);
      if (blob !== undefined) this.#blobs.set(sizes(blob, 1), place * SIZES);
    });
  }

  ledger(): LedgerEntry {
    const bytes = this.#bounds.byteLength + this.#payloads.byteLength + this.#blobs.byteLength;
    return { owner: 'driver', name: 'message kinds', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  /** The place of a message's kind in the list. */
  kindOf(phone: number, number: number): number {
    return this.#kindAt(this.#hash(phone, number));
  }

  /** Length of a message's payload, in bytes. */
  payloadBytesOf(phone: number, number: number): number {
    return this.#sizeIn(this.#payloads, this.#hash(phone, number), PAYLOAD_SALT);
  }

  /** Length of the blob that a message refers to, in bytes; 0 if it refers to none. */
  blobBytesOf(phone: number, number: number): number {
    return this.#sizeIn(this.#blobs, this.#hash(phone, number), BLOB_SALT);
  }

  #hash(phone: number, number: number): number {
    return mixPair(mixPair(this.#seed, phone), number);
  }

  #kindAt(hash: number): number {
    const random = hash >>> 0;
    const last = this.count - 1;
    let place = 0;
    while (place < last && random >= (this.#bounds[place] as number)) place++; // inside
    return place;
  }

  #sizeIn(table: Int32Array, hash: number, salt: number): number {
    return table[this.#kindAt(hash) * SIZES + (mix32(hash ^ salt) & (SIZES - 1))] as number; // a kind and one of its sizes
  }
}

/** Equally likely sizes in bytes, from short to long. */
function sizes(size: SizeDistribution, min: number): number[] {
  return Array.from({ length: SIZES }, (_, n) => {
    if (typeof size === 'number') return size;
    const drawn = size.median * Math.exp(size.sigma * normalQuantile((n + 0.5) / SIZES));
    return Math.round(Math.min(size.max, Math.max(min, drawn)));
  });
}
