/**
 * When the sessions of a lane's phones end, and when phones that left come back: a timing wheel with four bytes per
 * phone, in its row of {@link PhoneTable}: whatever needs the one needs the other. Where phones follow several clocks
 * there is a wheel for each, which its own phones enter; all share the column.
 *
 * Log-normal sessions have no constant rate of ending, so they cannot be one aggregate process as exponential ones are.
 * Each phone that is online or away is in the list of one bucket, linked through a column: its session ends, or its
 * absence does, at the time of that bucket. A phone is in one list at most: one that loses its connection and returns
 * keeps the end that its session had. Long ticks are spread, so that no tick is a storm (see #beginsSpread).
 *
 * Phones that log in before traffic are where they are in the long run when it begins: at a random moment of a session,
 * or of an absence. Those in an absence have to leave once traffic begins. They are in the bucket in which they return,
 * and {@link SessionEnds.lookEarlier} finds them there, bucket by bucket. Until all have left, which takes minutes where
 * they are many millions, no time passes for sessions and absences. Otherwise what was due meanwhile would come all at
 * once afterwards, and again after each absence.
 *
 *     bucket     tick modulo buckets; the wheel is twice as long as any session, so a bucket holds one tick
 *                words 0…6    heads of the chains of sessions, as links    word 7   phones in them
 *                words 8…15   the same of absences
 *     link       0 not in a list · 1 the last of its chain · row + 2 of the next
 *
 * A list is seven chains that phones enter in turn and leave in turn, the last one first. So fourteen phones can be
 * taken in a loop that does nothing else, and their rows arrive from memory together. In one chain each row would be
 * waited for, since only it names the next one.
 *
 * Sessions and absences have lists of their own, so that phones leave and return in turn. Absences of a platform are all
 * of one length, so in a common list those that end in a tick would stand together: half of each tick phones would only
 * return, and in the other half only leave.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { PLAIN_MEMORY, type TableMemory, type WordColumn } from '../../base/table-memory.ts';
import type { Arrivals } from '../terms/arrivals.ts';
import { EarlierAbsences } from './earlier-absences.ts';
import { foundLengths, LENGTHS, type Platform, PlatformShares, sessionLengths } from './platforms.ts';
import { BUCKET_WORDS, CHAINS, LIST_WORDS, sessionWheelSize } from './session-wheel-size.ts';

const SESSIONS = 0;
const ABSENCES = LIST_WORDS;
/** Phones that are taken at once: one of each chain. */
export const TAKEN_MAX = 2 * CHAINS;
/** Bytes of a phone. */
export const SESSION_END_BYTES = 4;
const TICK_MICROS_MIN = 5000;
const SALT = 0x53455353;
const END = 1;
/** In place of a row: no phone is due. */
export const NO_ROW = -1;

/** What the wheels of a lane take; nothing if it has none. */
export function sessionEndsLedger(wheels: readonly SessionEnds[], rowsUsed: number): LedgerEntry[] {
  const [first] = wheels;
  if (first === undefined) return [];
  const bytes = wheels.reduce((sum, { wheelBytes }) => sum + wheelBytes, 0);
  return [
    first.linksLedger(rowsUsed),
    { owner: 'driver', name: 'wheel of session ends', bytes, rowBytes: 0, rowsUsed: 0 },
  ];
}

export class SessionEnds {
  /**
   * When {@link take} has phones next, at the earliest, since the start of traffic. In an array: reading allocates
   * nothing.
   */
  readonly dueMicros = Float64Array.of(0);
  readonly shares: PlatformShares;
  readonly #seed: number;
  readonly #tickMicros: number;
  readonly #spreads: boolean;
  readonly #buckets: Int32Array;
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
  /** The tick whose bucket {@link lookEarlier} is in, the word of the chain there, and its next phone, as a link. */
  #earlierTick = 1;
  #earlierWord = ABSENCES;
  #earlierLink = 0;
  #now = 0;
  /** How much of the present tick has passed, 0 to 1; 0 where ticks are not spread. */
  readonly #fraction = new Float64Array(1);
  #passed = 0;
  /** The bucket that is spread over the present tick, the tick at whose end all of it is due, and how many it had. */
  readonly #spread = new Int32Array(BUCKET_WORDS);
  #spreadTick = 0;
  #spreadSessions = 0;
  #spreadAbsences = 0;
  #read = 0;

  /**
   * @param links a word for each row of the lane, of which other wheels use those of other phones.
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
    const { buckets, longestMicros } = sessionWheelSize(platforms);
    this.#buckets = memory.words(BUCKET_WORDS * buckets);
    this.#bucketMask = buckets - 1;
    this.#tickMicros = Math.max(TICK_MICROS_MIN, Math.ceil(longestMicros / (buckets / 2)));
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

  /** Of the links, which several wheels share. */
  linksLedger(rowsUsed: number): LedgerEntry {
    const bytes = (this.#links.length / this.#stride) * SESSION_END_BYTES;
    return { owner: 'driver', name: 'session ends', bytes, rowBytes: SESSION_END_BYTES, rowsUsed };
  }

  get wheelBytes(): number {
    return this.#buckets.byteLength;
  }

  /**
   * Sets the time since the start of traffic for all that follows. Nothing is due before the start, nor until all those
   * have left that are away by then.
   */
  advance(elapsedMicros: number): void {
    if (elapsedMicros <= 0) return;
    if (!this.#hasBegun) this.#earlierLink = this.#buckets[this.#bucketOf(this.#earlierTick) + ABSENCES] as number;
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

  /** The word that is read first if a session of a phone begins now: see {@link prefetchAll}. */
  firstWord(phone: number): number {
    const lengths = this.#lengths[this.shares.of(phone)] as Int32Array; // a platform
    if (lengths.length === 0) return 0;
    const length = lengths[this.#draw(phone) & (LENGTHS - 1)] as number; // one of them
    return this.#bucketOf(this.#now + length + (this.#spreads ? 1 : 0)) + SESSIONS;
  }

  /** Reads the first of a list of words of {@link firstWord}, which are needed soon, as PhoneTable does. */
  prefetchAll(list: Int32Array, count: number): void {
    const words = this.#buckets;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= words[list[n] as number] as number; // count is within the list
    this.#read ^= sum;
  }

  /**
   * The session of a phone has begun. Before traffic, the phone is found at a random moment of a session or an absence.
   */
  begun(row: number, phone: number): void {
    const platform = this.shares.of(phone);
    const lengths = (this.#hasBegun ? this.#lengths : this.#found)[platform] as Int32Array; // a platform
    if (lengths.length === 0) return;
    const random = this.#draw(phone);
    const length = lengths[random & (LENGTHS - 1)] as number; // one of them
    if (this.#hasBegun) {
      this.#enterLater(SESSIONS, row, length);
      return;
    }
    const backIn = this.#earlier.backInTick(phone, platform);
    if (backIn > 0) this.#enter(ABSENCES, row, backIn);
    else this.#enter(SESSIONS, row, 1 + (((mix32(random) >>> 0) * (length / 2 ** 32)) | 0));
  }

  /**
   * Looks at the next place in which there may be a phone that left before traffic.
   * @returns such a phone; {@link NO_ROW} if there is none in this place.
   */
  lookEarlier(): number {
    const row = this.#earlierLink - 2;
    if (this.#earlierLink <= END) {
      this.#nextEarlierChain();
      return NO_ROW;
    }
    this.#earlierLink = this.#link(row);
    if (this.#earlierLink > END) this.#read ^= this.#link(this.#earlierLink - 2); // in the cache when it is needed
    return row;
  }

  /** No more phones leave that left before traffic. */
  endBeginning(): void {
    this.#earlierTick = this.#earlier.ticksMax + 1;
  }

  /** A phone has left, for the time that its platform is away. */
  left(row: number, phone: number): void {
    this.#enterLater(ABSENCES, row, this.#awayTicks[this.shares.of(phone)] as number); // a platform
  }

  /** A phone that was taken could not do what was due: it is due again in the next tick. */
  again(row: number): void {
    this.#enter(SESSIONS, row, 1);
  }

  /**
   * Puts phones whose session or absence is over into an array, and reads their rows.
   * @param rows with {@link TAKEN_MAX} places.
   * @returns how many there are, which may be fewer than are due; 0 if none is.
   */
  take(rows: Int32Array): number {
    let taken = this.#takeSpread(rows, 0);
    if (this.#spreadLeft === 0) {
      taken = this.#takeOverdue(rows, taken);
      if (taken < rows.length && this.#beginsSpread()) taken = this.#takeSpread(rows, taken);
    }
    if (taken === 0) this.#findDue();
    return taken;
  }

  /** Takes phones of ticks that have passed. @returns how many the array has then. */
  #takeOverdue(rows: Int32Array, before: number): number {
    let taken = before;
    for (; this.#passed <= this.#now; this.#passed++) {
      const bucket = this.#bucketOf(this.#passed);
      let sessions = this.#lengthOf(bucket + SESSIONS);
      let absences = this.#lengthOf(bucket + ABSENCES);
      for (; sessions + absences > 0 && taken < rows.length; taken++) {
        const isSession = sessions >= absences;
        if (isSession) sessions--;
        else absences--;
        rows[taken] = this.#pop(this.#buckets, bucket + (isSession ? SESSIONS : ABSENCES));
      }
      if (sessions + absences > 0 || this.#passed === this.#now) break;
    }
    return taken;
  }

  /**
   * Spreads the lists of the next tick over the present one, if that has begun. Where some sessions last days a tick
   * takes a tenth of a second or more, and its lists may have a hundred thousand phones: all at once they would be a
   * storm at each tick. Their bucket is one later for that. Those that enter the lists meanwhile come at the end of the
   * tick. Ticks of the shortest length are not spread.
   * @returns whether it has begun.
   */
  #beginsSpread(): boolean {
    const tick = this.#now + 1;
    if (this.#spreadTick === tick || this.#fraction[0] === 0) return false;
    const bucket = this.#bucketOf(tick);
    this.#spreadSessions = this.#lengthOf(bucket + SESSIONS);
    this.#spreadAbsences = this.#lengthOf(bucket + ABSENCES);
    this.#spreadTick = tick;
    for (let word = 0; word < BUCKET_WORDS; word++) this.#spread[word] = this.#buckets[bucket + word] as number; // inside the wheel
    this.#buckets.fill(0, bucket, bucket + BUCKET_WORDS);
    return true;
  }

  /** How many phones of the lists that are spread are still to come. */
  get #spreadLeft(): number {
    return (this.#spread[SESSIONS + CHAINS] as number) + (this.#spread[ABSENCES + CHAINS] as number); // inside a bucket
  }

  /** Takes phones of the lists that are spread, in turn as long as both last. @returns how many the array has then. */
  #takeSpread(rows: Int32Array, before: number): number {
    const ofSessions = this.#spreadSessions;
    const ofAbsences = this.#spreadAbsences;
    let sessions = this.#spread[SESSIONS + CHAINS] as number; // inside a bucket, here and below
    let absences = this.#spread[ABSENCES + CHAINS] as number;
    const length = ofSessions + ofAbsences;
    const due = this.#spreadTick <= this.#now ? length : Math.floor(length * (this.#fraction[0] as number)); // its only element
    let taken = before;
    for (let left = due - (length - sessions - absences); left > 0 && taken < rows.length; left--) {
      // Of the list of which a greater share is left.
      const isSession = sessions > 0 && sessions * ofAbsences >= absences * ofSessions;
      if (isSession) sessions--;
      else absences--;
      rows[taken++] = this.#pop(this.#spread, isSession ? SESSIONS : ABSENCES);
    }
    return taken;
  }

  /** The next place in which {@link lookEarlier} looks: another chain of absences, or the first one of the next tick. */
  #nextEarlierChain(): void {
    this.#earlierWord++;
    // A list with fewer phones than chains has no others.
    const length = this.#lengthOf(this.#bucketOf(this.#earlierTick) + ABSENCES);
    if (this.#earlierWord >= ABSENCES + Math.min(CHAINS, length)) {
      this.#earlierWord = ABSENCES;
      this.#earlierTick++;
    }
    this.#earlierLink = this.#buckets[this.#bucketOf(this.#earlierTick) + this.#earlierWord] as number; // inside the wheel
  }

  /** Of a phone whose session begins now, by the seed. */
  #draw(phone: number): number {
    return mixPair(this.#seed ^ this.#now, phone);
  }

  /** The first word of a tick's bucket. */
  #bucketOf(tick: number): number {
    return BUCKET_WORDS * (tick & this.#bucketMask);
  }

  /** How many phones are in the list that begins at a word. */
  #lengthOf(list: number): number {
    return this.#buckets[list + CHAINS] as number; // inside the wheel
  }

  #link(row: number): number {
    return this.#links[row * this.#stride + this.#at] as number; // a row of the lane
  }

  /** Takes the phone that came last out of a list that is not empty; its words begin at `list`. */
  #pop(words: Int32Array, list: number): number {
    const length = (words[list + CHAINS] as number) - 1; // inside the array, here and below
    const chain = list + (length % CHAINS);
    const row = (words[chain] as number) - 2;
    const after = this.#link(row);
    this.#links[row * this.#stride + this.#at] = 0;
    words[chain] = after;
    words[list + CHAINS] = length;
    return row;
  }

  /** Finds out when the next phone is due, at the earliest. */
  #findDue(): void {
    const { factor, atMicros, passedMicros } = this.#speed;
    const left = this.#spreadLeft;
    const length = this.#spreadSessions + this.#spreadAbsences;
    const share = left > 0 ? (length - left + 1) / length : 1;
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
  #enterLater(list: number, row: number, ticks: number): void {
    this.#enter(list, row, this.#spreads ? ticks + 1 : ticks);
  }

  #enter(list: number, row: number, ticks: number): void {
    if (this.#link(row) !== 0) return;
    const first = this.#bucketOf(this.#now + ticks) + list;
    const length = this.#lengthOf(first);
    const chain = first + (length % CHAINS);
    const head = this.#buckets[chain] as number; // inside the wheel
    this.#links[row * this.#stride + this.#at] = head === 0 ? END : head;
    this.#buckets[chain] = row + 2;
    this.#buckets[first + CHAINS] = length + 1;
  }
}
