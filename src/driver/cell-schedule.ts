/**
 * One aggregate process of events for each cell of a lane: the sum of all its phones' own
 * processes, as one stream of (time, phone).
 *
 * The sum of many independent Poisson senders is one Poisson process that picks a phone at
 * random; so a million senders cost one generator and one next event for each cell. The order in
 * which a generator is asked is fixed, so the stream depends on the seed and the cell alone.
 *
 * Constant pacing is even over all cells together, not over each alone: cells with different
 * numbers of phones would beat against each other. Event k of all events belongs to phone k of a
 * round over all phones, and so to that phone's cell, which picks one of its phones at random:
 *
 *     event   0  1  2 … 511 | 512 513 …   P-1 |  P  P+1 …
 *     cell    0  1  2 … 511 |   0   1 …       |  0    1 …        P phones, 512 cells
 *
 * Each cell has as many turns in a round as it has phones, any stretch of time has as many events
 * as it should to within one, and a lane, to within two.
 */
import { nextBelow, putExponential, RANDOM_STATE_WORDS, seedRandom } from '../base/mix.ts';
import type { Arrivals } from './arrivals.ts';
import { CELLS, type Population } from './population.ts';

export type Pacing = 'constant' | 'poisson';

export class CellSchedule {
  readonly cells: number;
  readonly #arrivals: Arrivals;
  readonly #poisson: boolean;
  readonly #phones: number;
  readonly #random: Int32Array;
  readonly #gap = new Float64Array(1);
  /** Events of all cells before each cell's next one, as a real number. */
  readonly #positions: Float64Array;
  /** When each cell's next event is due, in elapsed microseconds: read in place, since a double that a call hands over may be an object. */
  readonly times: Float64Array;
  /** The earliest of them, as {@link findFirst} found it last. */
  readonly first = Float64Array.of(Number.POSITIVE_INFINITY);
  readonly #offsets: Int32Array;
  readonly #bounds: Int32Array;
  /** Turns that each cell has had in the present round; only for constant pacing. */
  readonly #turns: Int32Array;

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
    this.#phones = phones;
    this.#random = new Int32Array(this.cells * RANDOM_STATE_WORDS);
    this.#positions = new Float64Array(this.cells);
    this.times = new Float64Array(this.cells);
    this.#offsets = new Int32Array(this.cells);
    this.#bounds = new Int32Array(this.cells);
    this.#turns = new Int32Array(this.cells);
    for (let c = 0; c < this.cells; c++) {
      const cell = population.cell(lane, c);
      seedRandom(this.#random, c * RANDOM_STATE_WORDS, seed, stream * CELLS + cell);
      const bound = population.offsetsBelow(phones, cell);
      this.#bounds[c] = bound;
      // One turn before the first, since a step comes first.
      this.#positions[c] = this.#poisson ? 0 : cell + 0.5 - CELLS;
      this.#turns[c] = -1;
      this.#step(c);
    }
  }

  /** Which phone of the cell the next event is about. */
  offset(cell: number): number {
    return this.#offsets[cell] as number; // cell < cells, here and below
  }

  /** The next event has happened: go on to the one after it. */
  advance(cell: number): void {
    this.#step(cell);
  }

  /** Looks for when the first event of any cell is due. */
  findFirst(): void {
    let first = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.cells; c++) first = Math.min(first, this.times[c] as number);
    this.first[0] = first;
  }

  /** How many events are due by a time and have not happened; with Poisson pacing, about how many. */
  backlog(elapsedMicros: number): number {
    const due = this.#arrivals.countAt(elapsedMicros);
    let backlog = 0;
    for (let c = 0; c < this.cells; c++) {
      if ((this.times[c] as number) > elapsedMicros) continue;
      const ahead = due - (this.#positions[c] as number);
      const bound = this.#bounds[c] as number;
      if (this.#poisson) {
        backlog += 1 + (ahead * bound) / this.#phones;
        continue;
      }
      // Turns of the cell within the next so many events of all cells after its own next one.
      const rounds = Math.floor(ahead / this.#phones);
      const rest = ahead - rounds * this.#phones;
      const turn = this.#turns[c] as number;
      const left = bound - 1 - turn;
      const inRound = Math.min(left, Math.floor(rest / CELLS));
      // Behind the end of the round the cell's first turn is earlier by what a round is short of whole turns.
      const beyond = rest - (this.#phones - turn * CELLS);
      const inNext = beyond < 0 ? 0 : Math.min(bound - left, 1 + Math.floor(beyond / CELLS));
      backlog += 1 + rounds * bound + inRound + inNext;
    }
    return backlog;
  }

  #step(cell: number): void {
    const state = cell * RANDOM_STATE_WORDS;
    const bound = this.#bounds[cell] as number;
    if (this.#poisson) {
      putExponential(this.#random, state, this.#gap, 0);
      const gap = ((this.#gap[0] as number) * this.#phones) / Math.max(1, bound); // its only
      this.#positions[cell] = (this.#positions[cell] as number) + gap;
    } else {
      this.#takeTurn(cell, bound);
    }
    this.#offsets[cell] = nextBelow(this.#random, state, bound);
    if (bound > 0) this.#arrivals.putTimeOf(this.#positions, this.times, cell);
    else this.times[cell] = Number.POSITIVE_INFINITY;
  }

  /** Goes on to the cell's next turn, in this round or the next. */
  #takeTurn(cell: number, bound: number): void {
    const turn = (this.#turns[cell] as number) + 1;
    const position = (this.#positions[cell] as number) + CELLS;
    const isNextRound = turn === bound;
    this.#turns[cell] = isNextRound ? 0 : turn;
    this.#positions[cell] = isNextRound ? position - bound * CELLS + this.#phones : position;
  }
}
