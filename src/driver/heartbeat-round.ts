/**
 * Heartbeats of all phones as one slow walk over the table: every phone is passed once in each
 * period, and pings if it is online. No timer for each phone and no memory: the walk's place is
 * a function of time.
 *
 * The phones of a millisecond are passed together, so that a lane of many phones can sleep between
 * them. Passing a phone that is not online is no work: a lane none of whose phones is online is idle.
 */
import { count } from '../base/counters.ts';
import { EMPTY_FRAME_BYTES, FrameType, writeEmptyFrame } from '../wire/frames.ts';
import { DriverCounter } from './driver-counters.ts';
import type { LaneState } from './lane-state.ts';
import { PhoneState } from './phone-table.ts';

/** Phones that are due within so long of each other are passed at once. */
const GATHER_MICROS = 1000;

export class HeartbeatRound {
  readonly #state: LaneState;
  readonly #rows: number;
  readonly #periodMicros: number;
  readonly #gathered: number;
  /** When the next phones are passed, Infinity before the first turn and without heartbeats; in an array, so that a look makes no object. */
  readonly dueMicros = Float64Array.of(Number.POSITIVE_INFINITY);
  #startMicros = Number.NaN;
  #passed = 0;

  constructor(state: LaneState) {
    this.#state = state;
    this.#rows = state.phones.rows;
    this.#periodMicros = state.settings.heartbeatMicros;
    this.#gathered = Math.max(1, Math.floor((this.#rows * GATHER_MICROS) / this.#periodMicros));
  }

  /** Passes the phones that are due, as far as it can now. @returns how many pinged. */
  doWork(limit: number): number {
    if (!Number.isFinite(this.#periodMicros)) return 0;
    const { nowMicros } = this.#state;
    if (Number.isNaN(this.#startMicros)) this.#startMicros = nowMicros;
    const due = Math.floor(((nowMicros - this.#startMicros) / this.#periodMicros) * this.#rows);
    let pinged = 0;
    // Phones that are not online cost little: several are passed for each that pings.
    for (let looks = 0; this.#passed < due && pinged < limit && looks < 8 * limit; looks++) {
      const row = this.#passed % this.#rows;
      const isOnline = this.#state.phones.state(row) === PhoneState.ONLINE;
      if (isOnline && !this.#ping(row)) break;
      this.#passed++;
      if (isOnline) pinged++;
    }
    this.dueMicros[0] = this.#startMicros + ((this.#passed + this.#gathered) / this.#rows) * this.#periodMicros;
    return pinged;
  }

  /** False: no room now. */
  #ping(row: number): boolean {
    const { phones, parts } = this.#state;
    const { transport, counters } = parts;
    const at = transport.claim(phones.connection(row), EMPTY_FRAME_BYTES, 0);
    if (at < 0) return false;
    writeEmptyFrame(transport.output, at, FrameType.PING);
    this.#state.frameOut();
    count(counters, DriverCounter.heartbeats);
    return true;
  }
}
