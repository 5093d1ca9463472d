/**
 * Who sends to the hot group in a lane: its members there, who take over messages that are due to other phones of the
 * lane. Each cell counts its due messages, so that one that has to wait is due to the same member later.
 */
import type { Population } from '../terms/population.ts';
import type { HotGroup } from './hot-group.ts';

export class HotSenders {
  readonly #hot: HotGroup;
  readonly #population: Population;
  readonly #lane: number;
  readonly #rows: Int32Array;
  /** Messages that were due in each cell so far. */
  readonly #messages: Int32Array;

  constructor(hot: HotGroup, population: Population, lane: number) {
    this.#hot = hot;
    this.#population = population;
    this.#lane = lane;
    const here = hot.members.filter((phone) => population.laneOf(phone) === lane);
    this.#rows = Int32Array.from(here, (phone) => population.rowOf(phone));
    this.#messages = new Int32Array(population.cellsOf(lane));
  }

  /**
   * The row whose phone sends the message that is due in a cell.
   * @param row of the phone that it is due to otherwise.
   */
  rowFor(cell: number, row: number): number {
    const message = this.#messages[cell] as number; // a cell of the lane
    const { lanes } = this.#population;
    const member = this.#hot.memberFor(this.#population.cell(this.#lane, cell), message, this.#rows.length, lanes);
    return member < 0 ? row : (this.#rows[member] as number); // one of them
  }

  /** The message that was due in a cell is done with. */
  advance(cell: number): void {
    this.#messages[cell] = ((this.#messages[cell] as number) + 1) | 0; // a cell of the lane
  }
}
