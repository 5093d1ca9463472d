/**
 * Which phones exist and which lane simulates each, by arithmetic.
 *
 * Phones are assigned to 512 cells in turn, and cells to lanes in turn. A cell is the unit of randomness: it has its
 * own seeded processes, so the same events occur for any number of lanes. Phone p is the account with index p of the
 * numbering plan.
 *
 *     phone p  =  512 · offset + cell            lane  =  cell mod lanes
 *     row      =  offset · (cells of the lane) + cell div lanes
 *
 * Rows increase with phone numbers. Phones log in in the order of their numbers, so memory is touched in order, and the
 * memory in use is proportional to the phones that have arrived.
 */
import { assert } from '../../base/assert.ts';

/**
 * Enough cells for 125 lanes of 20,000 connections each, where file descriptors are limited; few enough to scan in
 * every turn.
 */
export const CELLS = 512;

export class Population {
  /** All phones, including those that never connect. */
  readonly phones: number;
  /** Number of phones that connect: phones 0 to `online` - 1. */
  readonly online: number;
  readonly lanes: number;
  /** Rows per offset in a lane: the cells of the lane with the most. */
  readonly cellsPerLane: number;

  constructor(phones: number, online: number, lanes: number) {
    assert(lanes >= 1 && lanes <= CELLS, 'a lane has at least one cell');
    this.phones = phones;
    this.online = online;
    this.lanes = lanes;
    this.cellsPerLane = Math.ceil(CELLS / lanes);
  }

  /** Number of rows of a lane: those of phones that connect. */
  get rowsPerLane(): number {
    return this.rowsOf(this.online);
  }

  /** How many rows of a lane, from the first on, the phones 0 to `phones` - 1 lie in. */
  rowsOf(phones: number): number {
    return Math.ceil(phones / CELLS) * this.cellsPerLane;
  }

  /** Number of cells of a lane. */
  cellsOf(lane: number): number {
    return Math.ceil((CELLS - lane) / this.lanes);
  }

  /** The number of a lane's cell among all cells. */
  cell(lane: number, localCell: number): number {
    return localCell * this.lanes + lane;
  }

  /** How many of the phones 0 to `phones` - 1 are in a cell. */
  offsetsBelow(phones: number, cell: number): number {
    return Math.max(0, Math.ceil((phones - cell) / CELLS));
  }

  /** The lane that simulates a phone. */
  laneOf(phone: number): number {
    return (phone % CELLS) % this.lanes;
  }

  /** The row of a phone in its lane. */
  rowOf(phone: number): number {
    return this.row(Math.floor((phone % CELLS) / this.lanes), Math.floor(phone / CELLS));
  }

  row(localCell: number, offset: number): number {
    return offset * this.cellsPerLane + localCell;
  }

  /** The phone at a lane's row. */
  phoneAt(lane: number, row: number): number {
    if (this.lanes === 1) return row; // what follows comes to the same, and this is asked several times per event
    const offset = Math.floor(row / this.cellsPerLane);
    return offset * CELLS + this.cell(lane, row - offset * this.cellsPerLane);
  }
}
