/**
 * When the sessions of a lane's phones end, and when phones that left come back: a timing wheel with four bytes per phone.
 *
 * Log-normal sessions have no constant rate of ending, so they cannot be one aggregate process as exponential ones are.
 * Each phone that is online or away is in the list of one slot, linked through a column: its session ends, or its
 * absence does, at the time of that slot. A phone is in one list at most: one that loses its connection and returns keeps
 * the end that its session had.
 *
 *     slot     tick modulo slots; the wheel is twice as long as any session, so a slot holds one tick
 *     link     0 not in a list · 1 the last of its list · row + 2 of the next
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import type { Arrivals } from '../terms/arrivals.ts';
import { foundLengths, LENGTHS, type Platform, PlatformShares, sessionLengths } from './platforms.ts';

/** Slots of the wheel: a power of two, 1 MiB per lane. */
const SLOTS = 2 ** 18;
/** Bytes of a phone. */
export const SESSION_END_BYTES = 4;
const TICK_MICROS_MIN = 5000;
const SALT = 0x53455353;
const END = 1;
/** In place of a row: no phone is due. */
export const NO_ROW = -1;

export class SessionEnds {
  /** When {@link take} has a phone next, at the earliest, since the start of traffic. In an array: reading allocates nothing. */
  readonly dueMicros = Float64Array.of(0);
  readonly shares: PlatformShares;
  readonly #seed: number;
  readonly #tickMicros: number;
  readonly #heads = new Int32Array(SLOTS);
  readonly #links: Int32Array;
  /** For each platform, lengths of sessions in ticks; empty if they do not end. */
  readonly #lengths: readonly Int32Array[];
  readonly #found: readonly Int32Array[];
  readonly #awayTicks: Int32Array;
  readonly #churnTime: Arrivals | undefined;
  /** In which {@link dueMicros} is computed from churn time. */
  readonly #due = new Float64Array(1);
  /** How fast sessions pass since a time by the curve, by which so much had passed for them. */
  #speed = { factor: 1, atMicros: 0, passedMicros: 0 };
  #now = 0;
  #passed = 0;

  /**
   * @param churnTime time as it passes for sessions and absences: the wheel turns with it. That of the run if it is not
   *   given.
   */
  constructor(
    seed: number,
    platforms: readonly Platform[],
    rows: number,
    churnTime?: Arrivals,
    memory: TableMemory = PLAIN_MEMORY,
  ) {
    this.#churnTime = churnTime;
    const lengths = platforms.map(({ session }) => sessionLengths(session));
    const found = platforms.map(({ session }) => foundLengths(session));
    const longest = Math.max(
      1,
      ...[...lengths, ...found].map((micros) => micros.at(-1) ?? 0),
      ...platforms.map(({ awayMicros }) => awayMicros),
    );
    this.#tickMicros = Math.max(TICK_MICROS_MIN, Math.ceil(longest / (SLOTS / 2)));
    const inTicks = (micros: readonly number[]): Int32Array =>
      Int32Array.from(micros, (one) => Math.max(1, Math.round(one / this.#tickMicros)));
    this.#seed = seed ^ SALT;
    this.shares = new PlatformShares(seed, platforms);
    this.#links = memory.words(rows);
    this.#lengths = lengths.map(inTicks);
    this.#found = found.map(inTicks);
    this.#awayTicks = inTicks(platforms.map(({ awayMicros }) => awayMicros));
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    return [
      { owner: 'driver', name: 'session ends', bytes: this.#links.byteLength, rowBytes: SESSION_END_BYTES, rowsUsed },
      { owner: 'driver', name: 'wheel of session ends', bytes: this.#heads.byteLength, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  /** Sets the time since the start of traffic for all that follows; before the start, nothing is due. */
  advance(elapsedMicros: number): void {
    if (elapsedMicros <= 0) return;
    this.#now = Math.floor(this.#passedBy(elapsedMicros) / this.#tickMicros);
  }

  /** From now on sessions and absences pass `factor` times as fast as the settings say. */
  changeSpeed(factor: number, elapsedMicros: number): void {
    const atMicros = this.#churnTime === undefined ? elapsedMicros : this.#churnTime.countAt(elapsedMicros);
    this.#speed = { factor, atMicros, passedMicros: this.#passedBy(elapsedMicros) };
    this.dueMicros[0] = 0;
  }

  /** The session of a phone has begun. One that began before traffic is found at a random moment of its length. */
  begun(row: number, phone: number): void {
    const isFirst = this.#now === 0;
    const lengths = (isFirst ? this.#found : this.#lengths)[this.shares.of(phone)] as Int32Array; // a platform
    if (lengths.length === 0) return;
    const random = mixPair(this.#seed ^ this.#now, phone);
    const length = lengths[random & (LENGTHS - 1)] as number; // one of them
    this.#enter(row, isFirst ? 1 + (((mix32(random) >>> 0) * (length / 2 ** 32)) | 0) : length);
  }

  /** A phone has left, for the time that its platform is away. */
  left(row: number, phone: number): void {
    this.#enter(row, this.#awayTicks[this.shares.of(phone)] as number); // a platform
  }

  /** A phone that was taken could not do what was due: it is due again in the next tick. */
  again(row: number): void {
    this.#enter(row, 1);
  }

  /** The next phone whose session or absence is over, or {@link NO_ROW}. */
  take(): number {
    while (this.#passed <= this.#now) {
      const slot = this.#passed & (SLOTS - 1);
      const head = this.#heads[slot] as number; // inside the wheel
      if (head > END) {
        const row = head - 2;
        this.#heads[slot] = this.#links[row] as number; // a row of the lane
        this.#links[row] = 0;
        return row;
      }
      if (this.#passed === this.#now) break;
      this.#passed++;
    }
    const { factor, atMicros, passedMicros } = this.#speed;
    this.#due[0] = atMicros + ((this.#now + 1) * this.#tickMicros - passedMicros) / factor;
    if (this.#churnTime === undefined) this.dueMicros[0] = this.#due[0];
    else this.#churnTime.putTimeOf(this.#due, this.dueMicros, 0);
    return NO_ROW;
  }

  /** How much time has passed for sessions and absences. */
  #passedBy(elapsedMicros: number): number {
    const { factor, atMicros, passedMicros } = this.#speed;
    const byCurve = this.#churnTime === undefined ? elapsedMicros : this.#churnTime.countAt(elapsedMicros);
    return passedMicros + (byCurve - atMicros) * factor;
  }

  #enter(row: number, ticks: number): void {
    if (this.#links[row] !== 0) return;
    const slot = (this.#now + ticks) & (SLOTS - 1);
    const head = this.#heads[slot] as number; // inside the wheel
    this.#links[row] = head === 0 ? END : head;
    this.#heads[slot] = row + 2;
  }
}
