/**
 * The numbers of a phone's messages in this run, and their ids on the wire.
 *
 *     id on the wire  =  (highest id that the switch knew of  +  16  +  number)  mod 2^30        number 1, 2, 3 …
 *
 * A switch regards an id that it has had before as a repetition: it acknowledges the message and does not deliver it.
 * So a phone continues after the highest id that it is told at its login. It has forgotten what an earlier driver has
 * sent, so it skips 16 ids: a message of then may still arrive under one of these (PROTOCOL.md, "Sending", rule 1).
 * Everything else in the driver (messages in flight, the contact of a message, the sums that prove that all arrived)
 * uses numbers, which begin at 1 in each run.
 *
 * A switch that has just started reports 0 as every highest id, although its store may know ids of earlier runs. All
 * phones then continue from one id, which is above those (0 where there is no store), and nothing is stored. The column
 * is allocated when the first phone is told another id.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { ID_WINDOW, SERIAL_MASK, serialDistance } from '../../base/serial-distance.ts';

export class MessageNumbers {
  readonly #rows: number;
  readonly #firstBefore: number;
  #before: Int32Array | undefined;

  /** @param firstBefore the id from which a phone continues if the switch knows of none. */
  constructor(rows: number, firstBefore = 0) {
    this.#rows = rows;
    this.#firstBefore = firstBefore;
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    if (this.#before === undefined) return [];
    const bytes = this.#before.byteLength;
    return [{ owner: 'driver', name: 'ids before this run', bytes, rowBytes: 4, rowsUsed }];
  }

  /** The phone in `row`, which has sent nothing yet, continues after this id; 0: the switch knows of none. */
  begin(row: number, highestId: number): void {
    if (this.#before === undefined) {
      if (highestId === 0) return;
      this.#before = new Int32Array(this.#rows).fill(this.#firstBefore);
    }
    this.#before[row] = highestId === 0 ? this.#firstBefore : (highestId + ID_WINDOW) & SERIAL_MASK;
  }

  /** The id on the wire of the phone's message of this number. */
  idOf(row: number, number: number): number {
    return (this.#highestBefore(row) + number) & SERIAL_MASK;
  }

  /** The number of the phone's message with this id on the wire; 0 or below for one from before this run. */
  numberOf(row: number, id: number): number {
    return serialDistance(id, this.#highestBefore(row));
  }

  #highestBefore(row: number): number {
    return this.#before === undefined ? this.#firstBefore : (this.#before[row] as number); // rows are inside the column
  }
}
