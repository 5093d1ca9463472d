/**
 * One aggregate process of events for each cell of a lane: the sum of all its phones' own
 * processes, as one stream of (time, phone).
 *
 * The sum of many independent Poisson senders is one Poisson process that picks a phone at
 * random; so a million senders cost one generator and one next event for each cell. The order in
 * which a generator is asked is fixed, so the stream depends on the seed and the cell alone.
 */
import { nextBelow, nextExponential, RANDOM_STATE_WORDS, seedRandom } from '../base/mix.ts';
import type { Arrivals } from './arrivals.ts';
import { CELLS, type Population } from './population.ts';

export type Pacing = 'constant' | 'poisson';

export class CellSchedule {
  readonly cells: number;
  readonly #arrivals: Arrivals;
  readonly #poisson: boolean;
  readonly #random: Int32Array;
  readonly #positions: Float64Array;
  /** When each cell's next event is due, in elapsed microseconds. */
  readonly #times: Float64Array;
  readonly #offsets: Int32Array;
  readonly #bounds: Int32Array;
  /** Events of all cells for each of a cell's own: cells with more phones have more. */
  readonly #strides: Float64Array;

  /**
   * @param stream tells this schedule's random numbers from other schedules' of the same seed.
   * @param phones the first so many phones take part.
   */
  constructor(
    seed: number,
    stream: number,
    arrivals: Arrivals,
    pacing: Pacing,
    population: Population,
    lane: number,
    phones: number,
  ) {
    this.cells = population.cellsOf(lane);
    this.#arrivals = arrivals;
    this.#poisson = pacing === 'poisson';
    this.#random = new Int32Array(this.cells * RANDOM_STATE_WORDS);
    this.#positions = new Float64Array(this.cells);
    this.#times = new Float64Array(this.cells);
    this.#offsets = new Int32Array(this.cells);
    this.#bounds = new Int32Array(this.cells);
    this.#strides = new Float64Array(this.cells);
    for (let c = 0; c < this.cells; c++) {
      const cell = population.cell(lane, c);
      seedRandom(this.#random, c * RANDOM_STATE_WORDS, seed, stream * CELLS + cell);
      const bound = population.offsetsBelow(phones, cell);
      const stride = bound === 0 ? 0 : phones / bound;
      this.#bounds[c] = bound;
      this.#strides[c] = stride;
      this.#positions[c] = this.#poisson ? 0 : ((cell + 0.5) / CELLS - 1) * stride;
      this.#step(c);
    }
  }

  /** When the cell's next event is due, in elapsed microseconds. */
  time(cell: number): number {
    return this.#times[cell] as number; // cell < cells, here and below
  }

  /** Which phone of the cell the next event is about. */
  offset(cell: number): number {
    return this.#offsets[cell] as number;
  }

  /** The next event has happened: go on to the one after it. */
  advance(cell: number): void {
    this.#step(cell);
  }

  /** When the first event of any cell is due. */
  earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.cells; c++) earliest = Math.min(earliest, this.#times[c] as number);
    return earliest;
  }

  /** About how many events are due by a time and have not happened. */
  backlog(elapsedMicros: number): number {
    let backlog = 0;
    for (let c = 0; c < this.cells; c++) {
      if ((this.#times[c] as number) > elapsedMicros) continue;
      backlog +=
        1 + (this.#arrivals.countAt(elapsedMicros) - (this.#positions[c] as number)) / (this.#strides[c] as number);
    }
    return backlog;
  }

  #step(cell: number): void {
    const state = cell * RANDOM_STATE_WORDS;
    const bound = this.#bounds[cell] as number;
    const gap = this.#poisson ? nextExponential(this.#random, state) : 1;
    this.#positions[cell] = (this.#positions[cell] as number) + gap * (this.#strides[cell] as number);
    this.#offsets[cell] = nextBelow(this.#random, state, bound);
    if (bound > 0) this.#arrivals.putTimeOf(this.#positions, this.#times, cell);
    else this.#times[cell] = Number.POSITIVE_INFINITY;
  }
}
