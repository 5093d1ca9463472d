/**
 * Hops: messages between shards, through the inbox ring of the receiver. What a hop carries, and what happens if the
 * inbox has no room for it, is in the table of hops (hop-table.ts).
 *
 * A gateway, which is how other programs reach the switch, takes part in them as a shard without phones and accounts:
 * see Gateway. Its number follows those of the shards.
 *
 * A shard that starts again is a new incarnation. Hops for its earlier ones are dropped, because they name sessions and
 * answer questions that it does not know. Its first hop to each other shard says that it has started (ShardRestarts). A
 * question whose answer does not come ends after a time (OpenQuestions).
 */

import { count } from '../../base/counters.ts';
import type { ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory } from '../../ring/ring-layout.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { HOP_KIND_MASK, type HopWriters, incarnationBits } from './hop-table.ts';
import { type Begin, makeHopWriters } from './make-hop-functions.ts';

/** Writes hops of one shard to the inboxes of the others. */
export class Hops {
  /** The memory that payloads are written to. */
  readonly view: DataView;
  readonly write: HopWriters;
  readonly #words: Int32Array;
  readonly #inboxes: readonly ManyToOneProducer[];
  readonly #counters: Float64Array;
  readonly #sent: number;
  readonly #touched: Uint8Array;
  /** The incarnation of each shard, shifted to its place in word 0. */
  readonly #incarnations: Int32Array;
  readonly #wake: (shard: number) => void;

  /**
   * @param incarnations how often each shard had been started before: 0 for the first time.
   * @param wake called for each shard whose inbox has received a hop.
   * @param sent the place in `counters` where hops are counted.
   */
  constructor(
    memory: RingMemory,
    inboxes: readonly ManyToOneProducer[],
    reserveBytes: number,
    incarnations: ArrayLike<number>,
    counters: Float64Array,
    wake: (shard: number) => void,
    sent: number = SwitchCounter.hopsOut,
  ) {
    this.view = memory.view;
    this.#words = memory.words;
    this.#inboxes = inboxes;
    this.#counters = counters;
    this.#sent = sent;
    this.#incarnations = Int32Array.from(incarnations, incarnationBits);
    this.#touched = new Uint8Array(inboxes.length);
    this.#wake = wake;
    const begin: Begin = (to, kind, bytes, reserve) => this.#begin(to, kind, bytes, reserve);
    this.write = makeHopWriters(begin, (to) => this.end(to), memory.words, reserveBytes);
  }

  /** From now on hops to this shard are for its new incarnation. */
  setIncarnation(shard: number, incarnation: number): void {
    this.#incarnations[shard] = incarnationBits(incarnation);
  }

  /** Whether the hop at byte offset `at` is for the present incarnation of a shard. */
  isFor(shard: number, at: number): boolean {
    return ((this.#words[at >> 2] as number) & ~HOP_KIND_MASK) === this.#incarnations[shard]; // a hop has a first word
  }

  /** Completes a hop with a payload. */
  end(to: number): void {
    (this.#inboxes[to] as ManyToOneProducer).commit(); // `to` is a shard
    this.#touched[to] = 1;
    count(this.#counters, this.#sent);
  }

  /** Wakes every shard that was sent a hop since the last call. */
  flush(): void {
    for (let shard = 0; shard < this.#touched.length; shard++) {
      if (this.#touched[shard] === 0) continue;
      this.#touched[shard] = 0;
      this.#wake(shard);
    }
  }

  /** Claims room for a hop. @returns the index of its first word, or -1 if the inbox is full. */
  #begin(to: number, kind: number, bytes: number, reserveBytes: number): number {
    const at = (this.#inboxes[to] as ManyToOneProducer).claim(bytes, reserveBytes); // `to` is a shard
    if (at === RING_NONE) return -1;
    this.#words[at >> 2] = kind | (this.#incarnations[to] as number);
    return (at >> 2) + 1;
  }
}
