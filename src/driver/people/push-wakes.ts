/**
 * Which phones of a lane a push wakes, and when: those of platforms that do not keep their connection in the
 * background.
 *
 * A phone whose session is over sleeps until its absence is over (see SessionEnds). A message that is accepted for it
 * meanwhile calls it: after a delay it connects, takes its mail, stays for a short session, and sleeps again. A phone
 * has at most one push under way, so more messages do not call it twice. One byte per phone says where it is in this:
 *
 *     STAYS     it is in a session of its own, or away for another reason
 *     ASLEEP    its session is over                                 → CALLED by a push
 *     CALLED    a push is under way; it is in the queue             → WAKING when the push arrives
 *     WAKING    it is connecting                                    → WOKEN when it is logged in
 *     WOKEN     it is in a short session; it is in the queue        → ASLEEP when that is over
 *     LATE      its absence was over first; its place in the queue has no effect
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import { byteColumn, PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import { LoginQueue } from '../tables/login-queue.ts';
import { LENGTHS, type Platform, sessionLengths } from './platforms.ts';

const STAYS = 0;
const ASLEEP = 1;
const CALLED = 2;
const WAKING = 3;
const WOKEN = 4;
const LATE = 5;

/** What {@link PushWakes.take} found. */
export const WakeTurn = { NONE: 0, WAKE: 1, SLEEP: 2 } as const;

const SALT = 0x50555348;
/** How long a phone that could not do what was due waits: much longer than a turn, much shorter than a push. */
const AGAIN_MICROS = 2000;

export class PushWakes {
  /** The phone that {@link take} has found. */
  row = 0;
  /** When {@link take} has something to do next, Infinity if nothing. In an array: reading allocates nothing. */
  readonly dueMicros: Float64Array;
  readonly #seed: number;
  readonly #phases: Uint8Array;
  readonly #queue: LoginQueue;
  /** For each platform, equally likely delays of a push, in microseconds; empty if it has no pushes. */
  readonly #delays: readonly Float64Array[];
  readonly #sessionMicros: Float64Array;
  #nowMicros = 0;

  constructor(
    seed: number,
    platforms: readonly Pick<Platform, 'push'>[],
    rows: number,
    memory: TableMemory = PLAIN_MEMORY,
  ) {
    this.#seed = seed ^ SALT;
    this.#phases = byteColumn(rows, memory);
    this.#queue = new LoginQueue(rows);
    this.dueMicros = this.#queue.dueMicros;
    this.#delays = platforms.map(({ push }) =>
      Float64Array.from(
        push === undefined
          ? []
          : sessionLengths({ distribution: 'lognormal', medianMicros: push.delayMicros, sigma: push.sigma }),
      ),
    );
    this.#sessionMicros = Float64Array.from(platforms, ({ push }) => push?.sessionMicros ?? 0);
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    return [
      { owner: 'driver', name: 'phases of pushes', bytes: this.#phases.byteLength, rowBytes: 1, rowsUsed },
      { owner: 'driver', name: 'pushes under way', bytes: this.#queue.bytes, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  /** Sets the time for all that follows. */
  advance(nowMicros: number): void {
    this.#nowMicros = nowMicros;
  }

  hasPush(platform: number): boolean {
    return (this.#delays[platform] as Float64Array).length > 0; // a platform, here and below
  }

  /** The session of a phone is over. */
  slept(row: number, platform: number): void {
    if (this.#phases[row] === STAYS && this.hasPush(platform)) this.#phases[row] = ASLEEP;
  }

  /** A message was accepted for a phone. @returns whether that calls it. */
  call(row: number, phone: number, platform: number): boolean {
    if (this.#phases[row] !== ASLEEP) return false;
    const random = mixPair(this.#seed ^ (this.#nowMicros | 0), phone);
    this.#wait(row, CALLED, (this.#delays[platform] as Float64Array)[random & (LENGTHS - 1)] as number);
    return true;
  }

  /** Whether a push for a phone is under way. */
  isCalled(row: number): boolean {
    return this.#phases[row] === CALLED;
  }

  /** A phone has logged in. @returns whether a push had woken it. */
  loggedIn(row: number, platform: number): boolean {
    if (this.#phases[row] !== WAKING) return false;
    this.#wait(row, WOKEN, this.#sessionMicros[platform] as number);
    return true;
  }

  /** The absence of a phone is over: it stays. @returns false if it was a session of its own that is over. */
  absenceOver(row: number): boolean {
    const phase = this.#phases[row] as number; // a row of the lane
    if (phase === STAYS || phase === LATE) return false;
    this.#phases[row] = phase === CALLED || phase === WOKEN ? LATE : STAYS;
    return true;
  }

  /** Finds the next phone that has to wake, or to sleep again: {@link row}. @returns a {@link WakeTurn}. */
  take(): number {
    while (this.#queue.take(this.#nowMicros)) {
      const { row } = this.#queue;
      this.row = row;
      const phase = this.#phases[row] as number;
      this.#phases[row] = phase === CALLED ? WAKING : phase === WOKEN ? ASLEEP : STAYS;
      if (phase === CALLED) return WakeTurn.WAKE;
      if (phase === WOKEN) return WakeTurn.SLEEP;
    }
    return WakeTurn.NONE;
  }

  /** The phone that was taken has lost its connection meanwhile: it comes back by itself. */
  stays(): void {
    this.#phases[this.row] = STAYS;
  }

  /** The phone that was taken could not do what was due: it is due again soon. @param turn what was due. */
  again(turn: number): void {
    this.#wait(this.row, turn === WakeTurn.WAKE ? CALLED : WOKEN, AGAIN_MICROS);
  }

  #wait(row: number, phase: number, micros: number): void {
    this.#phases[row] = phase;
    this.#queue.next[0] = this.#nowMicros + micros;
    this.#queue.push(row, 0, 0);
  }
}
