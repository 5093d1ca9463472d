/**
 * When which phone of a lane has its next event (a message, a departure): one aggregate process per cell, the sum of
 * the processes of the cell's phones. The sum of independent Poisson processes is a Poisson process whose events fall
 * to the phones at random, so a million senders need one generator and one pending event per cell. Each generator is
 * used in a fixed order, so a cell's events depend only on the seed and the cell.
 *
 * With constant pacing the events of all cells together are evenly spaced. Cells that were each evenly spaced would
 * interfere, because they have different numbers of phones. Event k of all events belongs to phone k modulo P, which
 * gives the cell; the cell then draws one of its phones at random:
 *
 *     event   0  1  2 … 511 | 512 513 …   P-1 |  P  P+1 …
 *     cell    0  1  2 … 511 |   0   1 …       |  0    1 …        P phones, 512 cells
 *
 * Where phones are in zones whose rates differ, each cell has the rate of its own phones, and draws one of them by the
 * rates at that time (see {@link CellZones}). With constant pacing its turns are then even for its own rate only, and
 * the number of events in a period of time may differ from the rate by more than one.
 */
import { nextBelow, putExponential, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { Arrivals } from '../terms/arrivals.ts';
import { CELLS, type Population } from '../terms/population.ts';
import type { ZoneArrivals } from '../terms/zone-arrivals.ts';
import { CellZones } from './cell-zones.ts';

export type Pacing = 'constant' | 'poisson';

export interface CellScheduleSettings {
  readonly seed: number;
  /** Separates the random numbers of this schedule from those of other schedules with the same seed. */
  readonly stream: number;
  /** Of all phones together; by zone where the rates of phones differ. */
  readonly arrivals: Arrivals | ZoneArrivals;
  readonly pacing: Pacing;
  readonly population: Population;
  readonly lane: number;
  /** Number of phones that take part: phones 0 to `phones` - 1. */
  readonly phones: number;
  /** See {@link CellSchedule.startMicros}; 0 if it is not given. */
  readonly startMicros?: number;
}

export class CellSchedule {
  readonly cells: number;
  readonly stream: number;
  /** Elapsed time of traffic at which the schedule begins. Its own times count from then on. */
  readonly startMicros: number;
  readonly #arrivals: Arrivals | CellZones;
  readonly #isPoisson: boolean;
  readonly #phones: number;
  readonly #random: Int32Array;
  readonly #gap = new Float64Array(1);
  /** For each cell, the expected number of events of all cells before its next one. */
  readonly #positions: Float64Array;
  /**
   * When each cell's next event is due, in elapsed microseconds. Read in place: a double that a call returns may be
   * allocated on the heap.
   */
  readonly times: Float64Array;
  /** The earliest of these times at the start, and when {@link findFirst} was last called. */
  readonly first = Float64Array.of(Number.POSITIVE_INFINITY);
  /** The cell that has this time. */
  firstCell = 0;
  readonly #offsets: Int32Array;
  readonly #bounds: Int32Array;
  /** For constant pacing: the turn of each cell in the current round. */
  readonly #turns: Int32Array;

  constructor(settings: CellScheduleSettings) {
    const { seed, stream, arrivals, pacing, population, lane, phones, startMicros = 0 } = settings;
    this.cells = population.cellsOf(lane);
    this.stream = stream;
    this.startMicros = startMicros;
    this.#arrivals = arrivals instanceof Arrivals ? arrivals : new CellZones(arrivals, population, lane, phones);
    this.#isPoisson = pacing === 'poisson';
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
      // One turn before the first: the step below advances to it.
      this.#positions[c] = this.#isPoisson ? 0 : cell + 0.5 - CELLS;
      this.#turns[c] = -1;
      this.#step(c);
    }
    this.findFirst();
  }

  /** The offset within the cell of the phone that has the next event. */
  offset(cell: number): number {
    return this.#offsets[cell] as number; // cell < cells, here and below
  }

  /** Advances the cell to the event after its next one. */
  advance(cell: number): void {
    this.#step(cell);
  }

  /** Updates {@link first} and {@link firstCell}. */
  findFirst(): void {
    const { times } = this;
    let firstCell = 0;
    let first = times[0] as number; // a lane has at least one cell
    for (let c = 1; c < this.cells; c++) {
      const time = times[c] as number;
      if (time >= first) continue;
      first = time;
      firstCell = c;
    }
    this.first[0] = first;
    this.firstCell = firstCell;
  }

  /** How many events are due at a time and were not advanced over; an estimate with Poisson pacing. */
  backlog(elapsedMicros: number): number {
    const arrivals = this.#arrivals;
    if (arrivals instanceof CellZones) arrivals.lookAt(elapsedMicros);
    const dueInAll = arrivals instanceof CellZones ? 0 : arrivals.countAt(elapsedMicros);
    let backlog = 0;
    for (let c = 0; c < this.cells; c++) {
      if ((this.times[c] as number) > elapsedMicros) continue;
      const due = arrivals instanceof CellZones ? arrivals.positionOf(c) : dueInAll;
      const ahead = due - (this.#positions[c] as number);
      const bound = this.#bounds[c] as number;
      if (this.#isPoisson) {
        backlog += 1 + (ahead * bound) / this.#phones;
        continue;
      }
      // The cell's turns among the `ahead` events of all cells that follow its next one.
      const rounds = Math.floor(ahead / this.#phones);
      const rest = ahead - rounds * this.#phones;
      const turn = this.#turns[c] as number;
      const left = bound - 1 - turn;
      const inRound = Math.min(left, Math.floor(rest / CELLS));
      // In the next round the cell's first turn comes earlier, because the last turn of a round is incomplete.
      const beyond = rest - (this.#phones - turn * CELLS);
      const inNext = beyond < 0 ? 0 : Math.min(bound - left, 1 + Math.floor(beyond / CELLS));
      backlog += 1 + rounds * bound + inRound + inNext;
    }
    return backlog;
  }

  #step(cell: number): void {
    const state = cell * RANDOM_STATE_WORDS;
    const bound = this.#bounds[cell] as number;
    if (this.#isPoisson) {
      putExponential(this.#random, state, this.#gap, 0);
      const gap = ((this.#gap[0] as number) * this.#phones) / Math.max(1, bound); // its only element
      this.#positions[cell] = (this.#positions[cell] as number) + gap;
    } else {
      this.#takeTurn(cell, bound);
    }
    const arrivals = this.#arrivals;
    if (bound === 0) {
      this.times[cell] = Number.POSITIVE_INFINITY;
      return;
    }
    arrivals.putTimeOf(this.#positions, this.times, cell);
    this.#offsets[cell] =
      arrivals instanceof CellZones
        ? arrivals.drawOffset(this.#random, state, this.times, cell)
        : nextBelow(this.#random, state, bound);
  }

  /**
   * Advances to the cell's next turn, in this round or the next. In each round of P events a cell has as many turns as
   * it has phones. The number of events in any period of time differs from the rate by at most one. In a single lane it
   * differs from the lane's share by less than three, because the sequences of lanes, of cells and of phones start
   * again at different events.
   */
  #takeTurn(cell: number, bound: number): void {
    const turn = (this.#turns[cell] as number) + 1;
    const position = (this.#positions[cell] as number) + CELLS;
    const isNextRound = turn === bound;
    this.#turns[cell] = isNextRound ? 0 : turn;
    this.#positions[cell] = isNextRound ? position - bound * CELLS + this.#phones : position;
  }
}
