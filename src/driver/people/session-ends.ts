/**
 * When the sessions of a lane's phones end, and when phones that left come back: a timing wheel with four bytes per
 * phone, in its row of {@link PhoneTable}: whatever needs the one needs the other.
 *
 * Log-normal sessions have no constant rate of ending, so they cannot be one aggregate process as exponential ones are.
 * Each phone that is online or away is in the list of one bucket, linked through a column: its session ends, or its
 * absence does, at the time of that bucket. A phone is in one list at most: one that loses its connection and returns
 * keeps the end that its session had. Long ticks are spread, so that no tick is a storm (see #beginsSpread).
 *
 * Phones that log in before traffic are where they are in the long run when it begins: at a random moment of a session,
 * or of an absence. Those in an absence have to leave once traffic begins. They are in the bucket in which they return,
 * among phones whose sessions end then, and {@link SessionEnds.lookEarlier} finds them there, bucket by bucket. Until
 * all have left, which takes minutes where they are many millions, no time passes for sessions and absences. Otherwise
 * what was due meanwhile would come all at once afterwards, and again after each absence.
 *
 *     bucket     tick modulo buckets; the wheel is twice as long as any session, so a bucket holds one tick
 *                word 0   head of the list, as a link    word 1   phones that have entered it
 *     link       0 not in a list · 1 the last of its list · row + 2 of the next
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { PLAIN_MEMORY, type TableMemory, type WordColumn } from '../../base/table-memory.ts';
import type { Arrivals } from '../terms/arrivals.ts';
import { EarlierAbsences } from './earlier-absences.ts';
import { foundLengths, LENGTHS, type Platform, PlatformShares, sessionLengths } from './platforms.ts';

/**
 * Buckets of the wheel, 8 B each: a power of two, more where sessions are long, so that ticks are as short as this if
 * they can be.
 */
const BUCKETS_MIN = 2 ** 18;
const BUCKETS_MAX = 2 ** 22;
const WANTED_TICK_MICROS = 100_000;
/** Bytes of a phone. */
export const SESSION_END_BYTES = 4;
const TICK_MICROS_MIN = 5000;
const SALT = 0x53455353;
const END = 1;
/** In place of a row: no phone is due. */
export const NO_ROW = -1;

export class SessionEnds {
  /**
   * When {@link take} has a phone next, at the earliest, since the start of traffic. In an array: reading allocates
   * nothing.
   */
  readonly dueMicros = Float64Array.of(0);
  readonly shares: PlatformShares;
  /** The phone after the one that {@link take} has returned last; below 0 if it is not known. */
  nextRow = NO_ROW;
  readonly #seed: number;
  readonly #tickMicros: number;
  readonly #spreads: boolean;
  /** Two words per bucket: the head of its list, and how many phones have entered it. */
  readonly #heads: Int32Array;
  readonly #bucketMask: number;
  readonly #links: Int32Array;
  readonly #stride: number;
  readonly #at: number;
  /** For each platform, lengths of sessions in ticks; empty if they do not end. */
  readonly #lengths: readonly Int32Array[];
  readonly #found: readonly Int32Array[];
  readonly #awayTicks: Int32Array;
  readonly #earlier: EarlierAbsences;
  readonly #churnTime: Arrivals | undefined;
  /** In which {@link dueMicros} is computed from churn time. */
  readonly #due = new Float64Array(1);
  /** How fast sessions pass since a time by the curve, by which so much had passed for them. */
  #speed = { factor: 1, atMicros: 0, passedMicros: 0 };
  #hasBegun = false;
  /** The tick whose list {@link lookEarlier} is in, and its next phone there, as a link. */
  #earlierTick = 1;
  #earlierLink = 0;
  #now = 0;
  /** How much of the present tick has passed, 0 to 1; 0 where ticks are not spread. */
  readonly #fraction = new Float64Array(1);
  #passed = 0;
  /** The list that is spread over the present tick, and the tick at whose end all of it is due. */
  #spread = 0;
  #spreadTick = 0;
  #spreadLength = 0;
  #spreadTaken = 0;
  #read = 0;

  /**
   * @param links a word for each row of the lane.
   * @param churnTime time as it passes for sessions and absences: the wheel turns with it. That of the run if it is not
   *   given.
   */
  constructor(
    seed: number,
    platforms: readonly Platform[],
    { words, stride, at }: WordColumn,
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
    const wanted = 2 ** Math.ceil(Math.log2((2 * longest) / WANTED_TICK_MICROS));
    const buckets = Math.min(BUCKETS_MAX, Math.max(BUCKETS_MIN, wanted));
    this.#heads = memory.words(2 * buckets);
    this.#bucketMask = buckets - 1;
    this.#tickMicros = Math.max(TICK_MICROS_MIN, Math.ceil(longest / (buckets / 2)));
    const inTicks = (micros: readonly number[]): Int32Array =>
      Int32Array.from(micros, (one) => Math.max(1, Math.round(one / this.#tickMicros)));
    this.#spreads = this.#tickMicros > TICK_MICROS_MIN;
    this.#seed = seed ^ SALT;
    this.shares = new PlatformShares(seed, platforms);
    this.#links = words;
    this.#stride = stride;
    this.#at = at;
    this.#lengths = lengths.map(inTicks);
    this.#found = found.map(inTicks);
    this.#awayTicks = inTicks(platforms.map(({ awayMicros }) => awayMicros));
    this.#earlier = new EarlierAbsences(seed, this.#lengths, this.#awayTicks);
  }

  /** Whether phones are still to leave that left before traffic; also before it begins. */
  get isBeginning(): boolean {
    return this.#earlierTick <= this.#earlier.ticksMax;
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    const bytes = (this.#links.length / this.#stride) * SESSION_END_BYTES;
    return [
      { owner: 'driver', name: 'session ends', bytes, rowBytes: SESSION_END_BYTES, rowsUsed },
      { owner: 'driver', name: 'wheel of session ends', bytes: this.#heads.byteLength, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  /**
   * Sets the time since the start of traffic for all that follows. Nothing is due before the start, nor until all those
   * have left that are away by then.
   */
  advance(elapsedMicros: number): void {
    if (elapsedMicros <= 0) return;
    if (!this.#hasBegun) this.#earlierLink = this.#heads[2 * this.#earlierTick] as number;
    this.#hasBegun = true;
    if (this.isBeginning) {
      this.#speed.atMicros = this.#curveMicros(elapsedMicros);
      this.#speed.passedMicros = 0;
      return;
    }
    const ticks = this.#passedBy(elapsedMicros) / this.#tickMicros;
    this.#now = Math.floor(ticks);
    if (this.#spreads) this.#fraction[0] = ticks - this.#now;
  }

  /** From now on sessions and absences pass `factor` times as fast as the settings say. */
  changeSpeed(factor: number, elapsedMicros: number): void {
    this.#speed = { factor, atMicros: this.#curveMicros(elapsedMicros), passedMicros: this.#passedBy(elapsedMicros) };
    this.dueMicros[0] = 0;
  }

  /**
   * The session of a phone has begun. Before traffic, the phone is found at a random moment of a session or an absence.
   */
  begun(row: number, phone: number): void {
    const platform = this.shares.of(phone);
    const lengths = (this.#hasBegun ? this.#lengths : this.#found)[platform] as Int32Array; // a platform
    if (lengths.length === 0) return;
    const random = mixPair(this.#seed ^ this.#now, phone);
    const length = lengths[random & (LENGTHS - 1)] as number; // one of them
    if (this.#hasBegun) {
      this.#enterLater(row, length);
      return;
    }
    const backIn = this.#earlier.backInTick(phone, platform);
    this.#enter(row, backIn > 0 ? backIn : 1 + (((mix32(random) >>> 0) * (length / 2 ** 32)) | 0));
  }

  /**
   * Looks at the next place in which there may be a phone that left before traffic: see {@link isEarlier}.
   * @returns a phone; {@link NO_ROW} if there is none in this place.
   */
  lookEarlier(): number {
    const row = this.#earlierLink - 2;
    if (this.#earlierLink <= END) {
      this.#earlierTick++;
      this.#earlierLink = this.#heads[2 * (this.#earlierTick & this.#bucketMask)] as number; // inside the wheel
      return NO_ROW;
    }
    this.#earlierLink = this.#link(row);
    this.nextRow = this.#earlierLink - 2;
    if (this.#earlierLink > END) this.#read ^= this.#link(this.nextRow); // in the cache when it is needed
    return row;
  }

  /**
   * Whether the phone that {@link lookEarlier} has found left before traffic. Others in its list have another time to
   * return by the seed: they are there because their session ends then.
   */
  isEarlier(phone: number): boolean {
    return this.#earlier.backInTick(phone, this.shares.of(phone)) === this.#earlierTick;
  }

  /** No more phones leave that left before traffic. */
  endBeginning(): void {
    this.#earlierTick = this.#earlier.ticksMax + 1;
  }

  /** A phone has left, for the time that its platform is away. */
  left(row: number, phone: number): void {
    this.#enterLater(row, this.#awayTicks[this.shares.of(phone)] as number); // a platform
  }

  /** A phone that was taken could not do what was due: it is due again in the next tick. */
  again(row: number): void {
    this.#enter(row, 1);
  }

  /** The next phone whose session or absence is over, or {@link NO_ROW}. */
  take(): number {
    if (this.#isSpreadDue()) return this.#takeSpread();
    const row = this.#spread > END ? NO_ROW : this.#takeOverdue();
    if (row !== NO_ROW) return row;
    if (this.#beginsSpread()) return this.#takeSpread();
    this.#findDue();
    return NO_ROW;
  }

  /** A phone of a tick that has passed, or {@link NO_ROW}. */
  #takeOverdue(): number {
    for (; this.#passed <= this.#now; this.#passed++) {
      const bucket = 2 * (this.#passed & this.#bucketMask);
      const head = this.#heads[bucket] as number; // inside the wheel
      if (head > END) {
        this.#heads[bucket] = this.#unlink(head);
        return head - 2;
      }
      this.#heads[bucket + 1] = 0;
      if (this.#passed === this.#now) break;
    }
    return NO_ROW;
  }

  /**
   * Spreads the list of the next tick over the present one, if that has begun. Where some sessions last days a tick
   * takes a tenth of a second or more, and its list may have a hundred thousand phones: all at once they would be a
   * storm at each tick. Their bucket is one later for that. Those that enter the list meanwhile come at the end of the
   * tick. Ticks of the shortest length are not spread. A list has phones that leave and phones that return in blocks,
   * as they entered it, so a tick must be short beside any time that a rate is taken over.
   * @returns whether a phone of it is due.
   */
  #beginsSpread(): boolean {
    const tick = this.#now + 1;
    if (this.#spreadTick === tick || this.#fraction[0] === 0) return false;
    const bucket = 2 * (tick & this.#bucketMask);
    this.#spread = this.#heads[bucket] as number; // inside the wheel, here and below
    this.#spreadLength = this.#heads[bucket + 1] as number;
    this.#spreadTick = tick;
    this.#spreadTaken = 0;
    this.#heads[bucket] = 0;
    this.#heads[bucket + 1] = 0;
    return this.#isSpreadDue();
  }

  #isSpreadDue(): boolean {
    if (this.#spread <= END) return false;
    return (
      this.#spreadTick <= this.#now || this.#spreadTaken + 1 <= this.#spreadLength * (this.#fraction[0] as number) // its only element
    );
  }

  #takeSpread(): number {
    const row = this.#spread - 2;
    this.#spread = this.#unlink(this.#spread);
    this.#spreadTaken++;
    return row;
  }

  #link(row: number): number {
    return this.#links[row * this.#stride + this.#at] as number; // a row of the lane
  }

  /** Takes the first phone out of a list. @returns the new head of the list. */
  #unlink(head: number): number {
    const after = this.#link(head - 2);
    this.#links[(head - 2) * this.#stride + this.#at] = 0;
    this.nextRow = after - 2;
    if (after > END) this.#read ^= this.#link(after - 2); // in the cache by the time that it is needed
    return after;
  }

  /** Finds out when the next phone is due, at the earliest. */
  #findDue(): void {
    const { factor, atMicros, passedMicros } = this.#speed;
    const share = this.#spread > END ? (this.#spreadTaken + 1) / this.#spreadLength : 1;
    this.#due[0] = atMicros + ((this.#now + share) * this.#tickMicros - passedMicros) / factor;
    if (this.#churnTime === undefined) this.dueMicros[0] = this.#due[0];
    else this.#churnTime.putTimeOf(this.#due, this.dueMicros, 0);
  }

  /** How much time has passed for sessions and absences. */
  #passedBy(elapsedMicros: number): number {
    const { factor, atMicros, passedMicros } = this.#speed;
    return passedMicros + (this.#curveMicros(elapsedMicros) - atMicros) * factor;
  }

  /** The time of traffic as the curve has it pass for sessions and absences. */
  #curveMicros(elapsedMicros: number): number {
    return this.#churnTime === undefined ? elapsedMicros : this.#churnTime.countAt(elapsedMicros);
  }

  /**
   * Spread over a tick, a phone is due half a tick early on average: one more makes up for that and for the part that
   * has passed.
   */
  #enterLater(row: number, ticks: number): void {
    this.#enter(row, this.#spreads ? ticks + 1 : ticks);
  }

  #enter(row: number, ticks: number): void {
    if (this.#link(row) !== 0) return;
    const bucket = 2 * ((this.#now + ticks) & this.#bucketMask);
    const head = this.#heads[bucket] as number; // inside the wheel, here and below
    this.#links[row * this.#stride + this.#at] = head === 0 ? END : head;
    this.#heads[bucket] = row + 2;
    this.#heads[bucket + 1] = (this.#heads[bucket + 1] as number) + 1;
  }
}
