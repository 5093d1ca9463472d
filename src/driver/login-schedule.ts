/**
 * When each phone first connects: cell by cell, in the order of phone numbers.
 *
 * The ramp is cut into segments, because memory is read at rest at several numbers of
 * connections. Within a segment phones are due at the scenario's rate; between segments the
 * schedule stands still.
 */
import { nextExponential, RANDOM_STATE_WORDS, seedRandom } from '../base/mix.ts';
import type { Arrivals } from './arrivals.ts';
import type { Pacing } from './cell-schedule.ts';
import { CELLS, type Population } from './population.ts';

export class LoginSchedule {
  readonly cells: number;
  readonly #population: Population;
  readonly #lane: number;
  readonly #arrivals: Arrivals;
  readonly #poisson: boolean;
  readonly #random: Int32Array;
  readonly #positions: Float64Array;
  readonly #times: Float64Array;
  readonly #offsets: Int32Array;
  readonly #limits: Int32Array;
  #segmentStartMicros = 0;
  #shiftMicros = 0;

  constructor(seed: number, stream: number, arrivals: Arrivals, pacing: Pacing, population: Population, lane: number) {
    this.cells = population.cellsOf(lane);
    this.#population = population;
    this.#lane = lane;
    this.#arrivals = arrivals;
    this.#poisson = pacing === 'poisson';
    this.#random = new Int32Array(this.cells * RANDOM_STATE_WORDS);
    this.#positions = new Float64Array(this.cells);
    this.#times = new Float64Array(this.cells);
    this.#offsets = new Int32Array(this.cells);
    this.#limits = new Int32Array(this.cells);
    for (let c = 0; c < this.cells; c++) {
      const cell = population.cell(lane, c);
      seedRandom(this.#random, c * RANDOM_STATE_WORDS, seed, stream * CELLS + cell);
      this.#positions[c] = this.#poisson ? 0 : cell + 0.5 - CELLS;
      this.#step(c);
    }
  }

  /** Lets the first so many phones arrive, from a time on. */
  open(phones: number, before: number, startMicros: number): void {
    this.#segmentStartMicros = startMicros;
    this.#shiftMicros = startMicros - this.#arrivals.timeOf(before);
    for (let c = 0; c < this.cells; c++) {
      const cell = this.#population.cell(this.#lane, c);
      this.#limits[c] = this.#population.offsetsBelow(phones, cell);
    }
  }

  /** Lets no more phones arrive. */
  stop(): void {
    this.#limits.fill(0);
  }

  /** When the cell's next phone is due, in microseconds since the run began. */
  time(cell: number): number {
    if ((this.#offsets[cell] as number) >= (this.#limits[cell] as number)) return Number.POSITIVE_INFINITY;
    const due = (this.#times[cell] as number) + this.#shiftMicros; // cell < cells, here and below
    return Math.max(due, this.#segmentStartMicros);
  }

  /** Which phone of the cell it is. */
  offset(cell: number): number {
    return this.#offsets[cell] as number;
  }

  /** The phone has arrived: go on to the next. */
  advance(cell: number): void {
    this.#offsets[cell] = (this.#offsets[cell] as number) + 1;
    this.#step(cell);
  }

  earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.cells; c++) earliest = Math.min(earliest, this.time(c));
    return earliest;
  }

  #step(cell: number): void {
    const gap = this.#poisson ? nextExponential(this.#random, cell * RANDOM_STATE_WORDS) : 1;
    this.#positions[cell] = (this.#positions[cell] as number) + gap * CELLS;
    this.#times[cell] = this.#arrivals.timeOf(this.#positions[cell] as number);
  }
}
