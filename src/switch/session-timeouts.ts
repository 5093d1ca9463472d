/**
 * How long sessions may be silent: connections that have not logged in wait in a line, sessions that
 * are online in a timing wheel. Both count in ticks, and say who is overdue; what becomes of it is the
 * owner's.
 */
import { LoginLine } from './login-line.ts';
import { SESSION_WORDS, type SessionTable, WHEEL_WORD } from './session-table.ts';
import type { ShardSettings } from './shard-settings.ts';
import { TimingWheel, WHEEL_NONE } from './timing-wheel.ts';

/** Nobody is overdue. */
export const OVERDUE_NONE = WHEEL_NONE;
/** 1 KiB: nothing is saved with fewer. */
const BUCKETS_LEAST = 256;

export class SessionTimeouts {
  /** The present tick. */
  tick = 0;
  readonly #table: SessionTable;
  readonly #line: LoginLine;
  readonly #wheel: TimingWheel;
  readonly #heartbeatTicks: number;
  readonly #loginTicks: number;

  constructor(settings: ShardSettings, table: SessionTable) {
    const { heartbeatTimeoutMicros, loginTimeoutMicros, tickMicros } = settings;
    // One tick more: the tick in which something was heard had begun before.
    this.#heartbeatTicks = Math.ceil(heartbeatTimeoutMicros / tickMicros) + 1;
    this.#loginTicks = Math.ceil(loginTimeoutMicros / tickMicros) + 1;
    this.#table = table;
    this.#line = new LoginLine(table.rows);
    this.#wheel = new TimingWheel(table.rows, SESSION_WORDS, WHEEL_WORD, bucketsFor(this.#heartbeatTicks), 0);
  }

  get bytes(): number {
    return this.#wheel.bytes;
  }

  /** A connection has opened, and is to log in. */
  awaitLogin(slot: number): void {
    this.#line.push(slot);
  }

  /** It has, or will not any more. */
  awaitNoLogin(slot: number): void {
    this.#line.remove(slot);
  }

  /** From now on the session must be heard of. */
  awaitHeartbeats(slot: number): void {
    this.#table.hear(slot, this.tick);
    const times = Number.isFinite(this.#heartbeatTicks) && !this.#wheel.holds(slot);
    if (times) this.#wheel.insert(slot, this.tick + this.#heartbeatTicks);
  }

  /** The connection that has taken longest to log in, if that is too long; or OVERDUE_NONE. */
  overdueLogin(): number {
    const slot = this.#line.oldest;
    return slot < 0 || this.#table.silentTicks(slot, this.tick) < this.#loginTicks ? OVERDUE_NONE : slot;
  }

  /** The next row whose time to be looked at has come, or OVERDUE_NONE. */
  nextLook(): number {
    return this.#wheel.expire(this.tick);
  }

  /** Whether a row that was just looked at has been silent for too long. One that has not is looked at again then. */
  isSilent(slot: number): boolean {
    const silent = this.#table.silentTicks(slot, this.tick);
    if (silent >= this.#heartbeatTicks) return true;
    this.#wheel.insert(slot, this.tick + this.#heartbeatTicks - silent);
    return false;
  }
}

/** Buckets of a wheel: a power of two above the ticks of the longest stay in it. */
function bucketsFor(ticks: number): number {
  return Number.isFinite(ticks) ? Math.max(BUCKETS_LEAST, 2 ** Math.ceil(Math.log2(ticks + 1))) : BUCKETS_LEAST;
}
