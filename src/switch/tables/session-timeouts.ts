/**
 * Time-outs of sessions: a queue for connections that have not logged in, and a timing wheel for online
 * sessions. Both count in ticks and report overdue rows; the caller acts on them.
 */

import type { ShardSettings } from '../terms/shard-settings.ts';
import { LoginLine } from './login-line.ts';
import type { SessionTable } from './session-table.ts';
import { TimingWheel, WHEEL_NONE } from './timing-wheel.ts';

/** No row is overdue. */
export const OVERDUE_NONE = WHEEL_NONE;
/** 1 KiB: nothing is saved with fewer. */
const BUCKETS_MIN = 256;

export type SessionTimeoutSettings = Pick<
  ShardSettings,
  'heartbeatTimeoutMicros' | 'loginTimeoutMicros' | 'tickMicros'
>;

export class SessionTimeouts {
  /** The present tick. */
  tick = 0;
  readonly #table: SessionTable;
  readonly #line: LoginLine;
  readonly #wheel: TimingWheel;
  readonly #heartbeatTicks: number;
  readonly #loginTicks: number;

  constructor({ heartbeatTimeoutMicros, loginTimeoutMicros, tickMicros }: SessionTimeoutSettings, table: SessionTable) {
    // One tick more, since a frame arrives at any time within its tick.
    this.#heartbeatTicks = Math.ceil(heartbeatTimeoutMicros / tickMicros) + 1;
    this.#loginTicks = Math.ceil(loginTimeoutMicros / tickMicros) + 1;
    this.#table = table;
    this.#line = new LoginLine(table.lineLinks);
    this.#wheel = new TimingWheel(table.wheelLinks, bucketsFor(this.#heartbeatTicks), 0);
  }

  get bytes(): number {
    return this.#wheel.bytes;
  }

  /** Starts the login time-out of a new connection. */
  awaitLogin(slot: number): void {
    this.#line.push(slot);
  }

  /** Ends the login time-out of a connection. */
  awaitNoLogin(slot: number): void {
    this.#line.remove(slot);
  }

  /** Starts the heartbeat time-out of a session. */
  awaitHeartbeats(slot: number): void {
    this.#table.hear(slot, this.tick);
    const times = Number.isFinite(this.#heartbeatTicks) && !this.#wheel.holds(slot);
    if (times) this.#wheel.insert(slot, this.tick + this.#heartbeatTicks);
  }

  /** The connection that has waited longest for its login, if its time-out is over; or OVERDUE_NONE. */
  overdueLogin(): number {
    const slot = this.#line.oldest;
    return slot < 0 || this.#table.silentTicks(slot, this.tick) < this.#loginTicks ? OVERDUE_NONE : slot;
  }

  /** The next row that is due for a check, or OVERDUE_NONE. */
  nextLook(): number {
    return this.#wheel.expire(this.tick);
  }

  /** Whether a row that was just checked is overdue. If not, its next check is scheduled. */
  isSilent(slot: number): boolean {
    const silent = this.#table.silentTicks(slot, this.tick);
    if (silent >= this.#heartbeatTicks) return true;
    this.#wheel.insert(slot, this.tick + this.#heartbeatTicks - silent);
    return false;
  }
}

/** Buckets of a wheel: a power of two above the ticks of the longest stay in it. */
function bucketsFor(ticks: number): number {
  return Number.isFinite(ticks) ? Math.max(BUCKETS_MIN, 2 ** Math.ceil(Math.log2(ticks + 1))) : BUCKETS_MIN;
}
