/**
 * Deadlines of many entries, in coarse ticks: a wheel whose buckets are lists. Setting, moving and cancelling a
 * deadline costs the same however many there are, and a turn looks only at the buckets whose time has come, never at
 * all entries (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 6).
 *
 * An entry has one deadline. A deadline further away than one turn of the wheel stays in its bucket for more turns.
 * Fired deadlines are late by up to one tick, and never early.
 */
export interface TimerOwner {
  /** The deadline of an entry has passed. It may set or cancel deadlines of any entries. */
  fire(entry: number): void;
}

const NONE = -1;

export class TimerWheel {
  /** Entries that have a deadline. */
  count = 0;
  readonly #tickMillis: number;
  readonly #mask: number;
  /** The first entry of each bucket, and in the last place of those that are being fired. */
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** The list in which an entry is, {@link NONE} for none. */
  readonly #buckets: Int32Array;
  readonly #dueTicks: Int32Array;
  readonly #firing: number;
  /** Buckets before this tick have been looked at. */
  #tick = 0;

  /** @param entries numbered from 0. @param buckets a power of two. */
  constructor(entries: number, buckets: number, tickMillis: number) {
    this.#tickMillis = tickMillis;
    this.#mask = buckets - 1;
    this.#firing = buckets;
    this.#heads = new Int32Array(buckets + 1).fill(NONE);
    this.#next = new Int32Array(entries);
    this.#previous = new Int32Array(entries);
    this.#buckets = new Int32Array(entries).fill(NONE);
    this.#dueTicks = new Int32Array(entries);
  }

  /** Memory of one entry. */
  static readonly ENTRY_BYTES = 16;

  /** Sets the entry's deadline, or moves it. */
  schedule(entry: number, dueMillis: number): void {
    if (this.#buckets[entry] !== NONE) this.#unlink(entry);
    else this.count++;
    const tick = Math.max(this.#tick, Math.ceil(dueMillis / this.#tickMillis));
    this.#dueTicks[entry] = tick;
    this.#link(entry, tick & this.#mask);
  }

  /**
   * Sees to it that the entry fires by then: a deadline before it stays. For owners that look again when fired too
   * early.
   */
  scheduleBy(entry: number, dueMillis: number): void {
    const isEarlier =
      this.#buckets[entry] !== NONE && (this.#dueTicks[entry] as number) * this.#tickMillis <= dueMillis;
    if (!isEarlier) this.schedule(entry, dueMillis);
  }

  cancel(entry: number): void {
    if (this.#buckets[entry] === NONE) return;
    this.#unlink(entry);
    this.#buckets[entry] = NONE;
    this.count--;
  }

  /** Fires deadlines that have passed, at most `limit`; the rest at the next call. @returns how many. */
  advance(nowMillis: number, owner: TimerOwner, limit: number): number {
    const now = Math.floor(nowMillis / this.#tickMillis);
    let fired = this.#fire(owner, limit);
    if (this.count === 0 && this.#tick <= now) this.#tick = now + 1;
    while (this.#tick <= now && fired < limit) {
      // What is set from now on is due in a later bucket, so this one is looked at once.
      this.#detach(this.#tick++ & this.#mask);
      fired += this.#fire(owner, limit - fired);
    }
    return fired;
  }

  /** Milliseconds until a deadline may pass, at most `millisMax`; exact only in ticks. */
  untilDueMillis(nowMillis: number, millisMax: number): number {
    if (this.#heads[this.#firing] !== NONE) return 0;
    if (this.count === 0) return millisMax;
    for (let tick = this.#tick; ; tick++) {
      const until = tick * this.#tickMillis - nowMillis;
      if (until >= millisMax) return millisMax;
      if (this.#heads[tick & this.#mask] !== NONE || tick - this.#tick > this.#mask) return Math.max(0, until);
    }
  }

  #fire(owner: TimerOwner, limit: number): number {
    let fired = 0;
    while (fired < limit) {
      const entry = this.#heads[this.#firing] as number; // its last place
      if (entry === NONE) break;
      const due = this.#dueTicks[entry] as number; // an entry of a list, here and below
      this.#unlink(entry);
      if (due >= this.#tick) {
        this.#link(entry, due & this.#mask); // a later turn of the wheel
        continue;
      }
      this.#buckets[entry] = NONE;
      this.count--;
      fired++;
      owner.fire(entry);
    }
    return fired;
  }

  /** Moves a bucket's entries to the list of those that are being fired, which is empty. */
  #detach(bucket: number): void {
    const head = this.#heads[bucket] as number; // within the wheel
    for (let entry = head; entry !== NONE; entry = this.#next[entry] as number) this.#buckets[entry] = this.#firing;
    this.#heads[this.#firing] = head;
    this.#heads[bucket] = NONE;
  }

  #link(entry: number, bucket: number): void {
    const head = this.#heads[bucket] as number; // within the wheel
    this.#buckets[entry] = bucket;
    this.#next[entry] = head;
    this.#previous[entry] = NONE;
    if (head !== NONE) this.#previous[head] = entry;
    this.#heads[bucket] = entry;
  }

  #unlink(entry: number): void {
    const next = this.#next[entry] as number; // callers name an entry of a list
    const previous = this.#previous[entry] as number;
    if (previous === NONE) this.#heads[this.#buckets[entry] as number] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
  }
}
