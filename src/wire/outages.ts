/**
 * Which phones an outage of the network cuts off, by arithmetic from the seed, so that the network of a lane and its
 * phones agree without communicating.
 *
 * Each phone is in one cell. An outage is of some cells, with all of their phones, or a tunnel, with phones of all
 * cells.
 */
import { mixPair } from '../base/pseudo-random.ts';

export interface Outage {
  /** After the start of traffic. */
  readonly atMicros: number;
  readonly durationMicros: number;
  /** What fails: cells with all of their phones, or the connections of single phones, as in a tunnel. */
  readonly kind: 'cells' | 'tunnel';
  /** Share of the cells, rounded to whole ones and at least one; or share of the phones. */
  readonly share: number;
}

const CELL_STREAM = 0x43454c4c;
const OUTAGE_STREAM = 0x4f555447;

export class Outages {
  readonly list: readonly Outage[];
  readonly #seed: number;
  readonly #cells: number;

  /** @param cells how many there are, at least one. @param list in order of time. */
  constructor(seed: number, cells: number, list: readonly Outage[]) {
    this.list = list;
    this.#seed = seed;
    this.#cells = cells;
  }

  /** The number of a phone's cell. */
  cellOf(phone: number): number {
    return (mixPair(mixPair(this.#seed, CELL_STREAM), phone) >>> 1) % this.#cells;
  }

  /** Whether an outage cuts off a phone. @param outage its place in the list. */
  hits(outage: number, phone: number): boolean {
    const { kind, share } = this.list[outage] as Outage; // callers name one of the list
    const stream = mixPair(this.#seed, OUTAGE_STREAM + outage);
    if (kind === 'tunnel') return mixPair(stream, phone) >>> 0 < share * 2 ** 32;
    // Phones are in cells at random, so cells that fail may as well be neighbours: this hits the share exactly.
    const first = (stream >>> 1) % this.#cells;
    const place = (this.cellOf(phone) + this.#cells - first) % this.#cells;
    return place < Math.max(1, Math.round(share * this.#cells));
  }
}
