/**
 * Reads hops from an inbox: each calls its function of the receiver. Functions are found by the number of the hop's row
 * in the table of hops, so a new row needs no code here; only the rows that deliveries need are read ahead, since there
 * are most of these.
 */
import { assert } from '../../base/assert.ts';
import type { RingMemory } from '../../ring/ring-layout.ts';
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import type { RowPrefetch } from '../tables/row-prefetch.ts';
import { OTHER_WORDS } from './group-passages.ts';
import { fixedBytes, HOP_KIND_MASK, HOP_NAMES, HOPS, type HopTarget } from './hop-table.ts';
import { makeHopCalls } from './make-hop-functions.ts';

/** Hops of deliveries, of which there are most: their rows are read ahead. */
const DELIVER = HOP_NAMES.indexOf('deliver');
const DELIVER_GROUP = HOP_NAMES.indexOf('deliverGroup');
const DELIVERED = HOP_NAMES.indexOf('delivered');

/** A target for a thread to which others send only some of the hops; any other one is a bug of its sender. */
export function hopTarget(some: Partial<HopTarget>): HopTarget {
  const none = HOP_NAMES.map((name) => [name, () => assert(false, `no thread sends a hop '${name}' here`)]);
  return { ...(Object.fromEntries(none) as unknown as HopTarget), ...some }; // a function for each row
}

/** Calls the target for each hop of an inbox. */
export class HopReader {
  readonly #words: Int32Array;
  readonly #call: (kind: number, word: number, payloadBytes: number) => boolean;
  /** By kind: bytes of a record without its payload, and most bytes of the payload. */
  readonly #fixedBytes: Int32Array;
  readonly #payloadBytesMax: Int32Array;

  constructor(memory: RingMemory, target: HopTarget) {
    this.#words = memory.words;
    this.#call = makeHopCalls(target, memory.words, { view: memory.view, at: 0, bytes: 0 });
    this.#fixedBytes = Int32Array.from(HOP_NAMES, (name) => fixedBytes(name));
    this.#payloadBytesMax = Int32Array.from(HOP_NAMES, (name) => (HOPS[name].hasPayload ? PAYLOAD_BYTES_MAX : 0));
  }

  /** Lets rows be read that the hop at byte offset `at` needs. */
  prefetch(at: number, rows: RowPrefetch): void {
    const word = at >> 2;
    switch ((this.#words[word] as number) & HOP_KIND_MASK) {
      case DELIVER_GROUP:
        this.#prefetchMembers(word, rows);
        break;
      case DELIVER:
        rows.session(this.#words[word + 1] as number); // its first word is the slot
        break;
      case DELIVERED:
        rows.account(this.#words[word + 1] as number); // its first word is the account
        break;
    }
  }

  /** Of a message to a group: its first word is a slot, its last one counts the others, and their slots follow. */
  #prefetchMembers(word: number, rows: RowPrefetch): void {
    const others = word + 1 + HOPS.deliverGroup.words;
    const end = others + (this.#words[others - 1] as number) * OTHER_WORDS;
    rows.session(this.#words[word + 1] as number);
    for (let other = others; other < end; other += OTHER_WORDS) rows.session(this.#words[other] as number);
  }

  /**
   * Calls the target as the record of so many bytes at byte offset `at` says.
   * @returns false if the target could not take it yet.
   */
  read(at: number, bytes: number): boolean {
    const word = at >> 2;
    const kind = (this.#words[word] as number) & HOP_KIND_MASK; // a record has a word for its kind
    const payloadBytes = bytes - (this.#fixedBytes[kind] as number); // not a number if the kind is not known
    const payloadBytesMax = this.#payloadBytesMax[kind] as number; // likewise
    assert(
      payloadBytes >= 0 && payloadBytes <= payloadBytesMax,
      'an inbox holds hops of known kinds, as long as their rows say',
    );
    return this.#call(kind, word + 1, payloadBytes);
  }
}
