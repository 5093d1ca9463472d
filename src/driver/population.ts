/**
 * Which phones there are, and which lane simulates which, by arithmetic.
 *
 * The phones are dealt to 512 cells in turn, and the cells to the lanes in turn. A cell is the
 * unit of randomness: it has its own seeded processes, so the same events are intended whatever
 * the number of lanes. Phone p is the account with index p of the numbering plan.
 *
 *     phone p  =  512 · offset + cell            lane  =  cell mod lanes
 *     row      =  offset · (cells of the lane) + cell div lanes
 *
 * Rows grow with phone numbers, so that a population that logs in in order touches memory in
 * order, and memory in use is proportional to phones.
 */
import { assert } from '../base/assert.ts';

/**
 * Enough for a lane for each 20,000 connections of 2.5 million, where descriptors are few; few enough to
 * look through at every turn.
 */
export const CELLS = 512;

export class Population {
  /** All phones, the ones that never connect included. */
  readonly phones: number;
  /** Phones that connect: the first so many. */
  readonly online: number;
  readonly lanes: number;
  /** Rows for each offset in a lane. */
  readonly cellsPerLane: number;

  constructor(phones: number, online: number, lanes: number) {
    assert(lanes >= 1 && lanes <= CELLS, 'a lane has at least one cell');
    this.phones = phones;
    this.online = online;
    this.lanes = lanes;
    this.cellsPerLane = Math.ceil(CELLS / lanes);
  }

  /** Rows that a lane needs. */
  get rowsPerLane(): number {
    return Math.ceil(this.phones / CELLS) * this.cellsPerLane;
  }

  /** Cells of a lane. */
  cellsOf(lane: number): number {
    return Math.ceil((CELLS - lane) / this.lanes);
  }

  /** The number of a lane's cell among all cells. */
  cell(lane: number, localCell: number): number {
    return localCell * this.lanes + lane;
  }

  /** How many of the first `phones` phones are in a cell. */
  offsetsBelow(phones: number, cell: number): number {
    return Math.max(0, Math.ceil((phones - cell) / CELLS));
  }

  row(localCell: number, offset: number): number {
    return offset * this.cellsPerLane + localCell;
  }

  /** The phone at a lane's row. */
  phoneAt(lane: number, row: number): number {
    const offset = Math.floor(row / this.cellsPerLane);
    return offset * CELLS + this.cell(lane, row - offset * this.cellsPerLane);
  }
}
