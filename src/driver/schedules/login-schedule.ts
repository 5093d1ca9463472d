/**
 * When each phone first connects: in the order of phone numbers, cell by cell.
 *
 * The ramp consists of segments, because memory is measured at rest at several numbers of connections. Within a segment
 * phones are due at the scenario's rate; between segments no phone is due.
 *
 * If n events of a Poisson process fall into an interval, they are independent and uniformly distributed in it. So each
 * segment is divided into intervals of one phone per cell, and each phone is due at a random point of its interval.
 * Separate processes per cell would not work: the slowest of 512 would end a short ramp several times later than the
 * rate requires.
 */
import { nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import type { Arrivals } from '../terms/arrivals.ts';
import { CELLS, type Population } from '../terms/population.ts';
import type { Pacing } from './cell-schedule.ts';

export class LoginSchedule {
  readonly cells: number;
  readonly #population: Population;
  readonly #lane: number;
  readonly #arrivals: Arrivals;
  readonly #isPoisson: boolean;
  readonly #random: Int32Array;
  /** Where in its interval each cell's next phone is due, from 0 to 1. */
  readonly #places: Float64Array;
  readonly #positions: Float64Array;
  readonly #dueMicros: Float64Array;
  readonly #offsets: Int32Array;
  readonly #limits: Int32Array;
  /** The current segment: phones `#from` to `#to` - 1. */
  #from = 0;
  #to = 0;
  #segmentStartMicros = 0;
  #shiftMicros = 0;

  constructor(seed: number, stream: number, arrivals: Arrivals, pacing: Pacing, population: Population, lane: number) {
    this.cells = population.cellsOf(lane);
    this.#population = population;
    this.#lane = lane;
    this.#arrivals = arrivals;
    this.#isPoisson = pacing === 'poisson';
    this.#random = new Int32Array(this.cells * RANDOM_STATE_WORDS);
    this.#places = new Float64Array(this.cells);
    this.#positions = new Float64Array(this.cells);
    this.#dueMicros = new Float64Array(this.cells);
    this.#offsets = new Int32Array(this.cells);
    this.#limits = new Int32Array(this.cells);
    for (let c = 0; c < this.cells; c++) {
      const cell = population.cell(lane, c);
      seedRandom(this.#random, c * RANDOM_STATE_WORDS, seed, stream * CELLS + cell);
      this.#step(c);
    }
  }

  /** Starts a segment at a time: phones `before` to `phones` - 1 are due from then on. */
  open(phones: number, before: number, startMicros: number): void {
    this.#segmentStartMicros = startMicros;
    this.#shiftMicros = startMicros - this.#arrivals.timeOf(before);
    this.#from = before;
    this.#to = phones;
    for (let c = 0; c < this.cells; c++) {
      const cell = this.#population.cell(this.#lane, c);
      this.#limits[c] = this.#population.offsetsBelow(phones, cell);
      this.#putTime(c);
    }
  }

  /** Phones that were not due before a pause of this length are due later by it. */
  postpone(micros: number): void {
    this.#segmentStartMicros += micros;
    this.#shiftMicros += micros;
  }

  /** No more phones are due. */
  stop(): void {
    this.#limits.fill(0);
  }

  /** When the cell's next phone is due, in microseconds since the start of the run; Infinity for none. */
  time(cell: number): number {
    if ((this.#offsets[cell] as number) >= (this.#limits[cell] as number)) return Number.POSITIVE_INFINITY;
    const shiftedMicros = (this.#dueMicros[cell] as number) + this.#shiftMicros; // cell < cells, here and below
    return Math.max(shiftedMicros, this.#segmentStartMicros);
  }

  /** The offset of that phone within the cell. */
  offset(cell: number): number {
    return this.#offsets[cell] as number;
  }

  /** Advances the cell to its next phone. */
  advance(cell: number): void {
    this.#offsets[cell] = (this.#offsets[cell] as number) + 1;
    this.#step(cell);
  }

  /** When the next phone of any cell is due, Infinity for none. */
  earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.cells; c++) earliest = Math.min(earliest, this.time(c));
    return earliest;
  }

  #step(cell: number): void {
    this.#places[cell] = this.#isPoisson
      ? ((nextRandom(this.#random, cell * RANDOM_STATE_WORDS) >>> 0) + 0.5) / 2 ** 32
      : 0;
    this.#putTime(cell);
  }

  #putTime(cell: number): void {
    const phone = (this.#offsets[cell] as number) * CELLS + this.#population.cell(this.#lane, cell);
    if (this.#isPoisson && phone >= this.#from) {
      const start = phone - ((phone - this.#from) % CELLS);
      const length = Math.min(CELLS, Math.max(0, this.#to - start));
      this.#positions[cell] = start + (this.#places[cell] as number) * length;
    } else {
      this.#positions[cell] = phone + 0.5;
    }
    this.#arrivals.putTimeOf(this.#positions, this.#dueMicros, cell);
  }
}
