/**
 * Heartbeats of all phones of a lane: one cyclic scan over the phone table at constant speed visits every phone once
 * per heartbeat period, and sends a ping for each that is online. How far the scan should be follows from the time
 * elapsed, so there is no timer and no state per phone. Without room in the transport the scan stops at that phone, and
 * catches up in later turns.
 *
 * A sleeping lane is woken for the phones of about one millisecond at a time. A lane that is awake anyway visits phones
 * as soon as they are due. Only pings count as work: a lane without online phones is idle.
 *
 * Platforms have intervals of their own, so each has its own round, which passes the phones of the others.
 */
import { count } from '../base/counters.ts';
import type { PlatformShares } from './people/platforms.ts';
import type { LaneState } from './state/lane-state.ts';
import { PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';

/** A sleeping lane is woken once for all phones that are due within this time. */
const GATHER_MICROS = 1000;
/**
 * For each phone that may ping in a turn, how many phones of its platform may be visited, and how many of all
 * platforms.
 */
const LOOKS_PER_PING = 8;
const PASSES_PER_PING = 64;
/** In place of a platform, where phones have none. */
export const ALL_PLATFORMS = -1;

/** The rounds of a lane: one for all phones, or one per platform. */
export function heartbeatRounds(state: LaneState): readonly HeartbeatRound[] {
  const { platforms, heartbeatMicros } = state.settings;
  if (platforms === undefined) return [new HeartbeatRound(state, heartbeatMicros, ALL_PLATFORMS)];
  return platforms.map((one, platform) => new HeartbeatRound(state, one.heartbeatMicros, platform));
}

export class HeartbeatRound {
  readonly #state: LaneState;
  readonly #rows: number;
  /** The interval of these phones in the settings, and the longest of any phone there. */
  readonly #ownMicros: number;
  readonly #longestMicros: number;
  readonly #platform: number;
  readonly #shares: PlatformShares | undefined;
  #periodMicros: number;
  #gathered = 1;
  /**
   * When a sleeping lane must wake; Infinity before the first turn, or without heartbeats. In an array: reading
   * allocates nothing.
   */
  readonly dueMicros = Float64Array.of(Number.POSITIVE_INFINITY);
  #startMicros = Number.NaN;
  #passed = 0;

  /** @param platform only phones of this platform ping; all if it is {@link ALL_PLATFORMS}. */
  constructor(state: LaneState, periodMicros: number, platform: number) {
    this.#state = state;
    this.#rows = state.phones.rows;
    this.#ownMicros = periodMicros;
    this.#longestMicros = Math.max(periodMicros, state.settings.heartbeatMicros);
    this.#periodMicros = periodMicros;
    this.#platform = platform;
    this.#shares = state.platformShares;
    this.#gather();
  }

  /**
   * From now on phones ping `factor` times as often as the settings say, but not more rarely than the settings allow
   * any phone: the switch would take it for lost. The start of the scan moves, so that it goes on from where it is.
   */
  changeSpeed(factor: number): void {
    const before = this.#periodMicros;
    this.#periodMicros = Math.min(this.#ownMicros / factor, this.#longestMicros);
    this.#gather();
    if (!Number.isFinite(before) || Number.isNaN(this.#startMicros)) return;
    const { nowMicros } = this.#state;
    this.#startMicros = nowMicros - (nowMicros - this.#startMicros) * (this.#periodMicros / before);
    this.#findDue();
  }

  /** Microseconds until a phone's next heartbeat. */
  untilNextMicros(row: number): number {
    const ahead = (row - (this.#passed % this.#rows) + this.#rows) % this.#rows;
    return (ahead / this.#rows) * this.#periodMicros;
  }

  /**
   * Visits the phones that are due, until `limit` have pinged, many times as many were visited, or the transport
   * has no room. @returns how many pinged.
   */
  doWork(limit: number): number {
    if (!Number.isFinite(this.#periodMicros)) return 0;
    const { nowMicros } = this.#state;
    if (Number.isNaN(this.#startMicros)) this.#startMicros = nowMicros;
    const due = Math.floor(((nowMicros - this.#startMicros) / this.#periodMicros) * this.#rows);
    const pinged = this.#visit(Math.min(due - this.#passed, PASSES_PER_PING * limit) | 0, limit);
    this.#findDue();
    return pinged;
  }

  /** Whether a phone is of the platform of this round. */
  isMine(row: number): boolean {
    const shares = this.#shares;
    return shares === undefined || shares.isOf(this.#state.phoneAt(row), this.#platform);
  }

  /** Visits at most `rows` further rows; see {@link doWork}. @returns how many pinged. */
  #visit(rows: number, limit: number): number {
    const { phones } = this.#state;
    let row = (this.#passed % this.#rows) | 0;
    let passed = 0;
    let pinged = 0;
    // Phones that are not online cost little, so more of them may be visited than may ping; those of other platforms
    // less.
    for (let looks = 0; passed < rows && pinged < limit && looks < LOOKS_PER_PING * limit; passed++) {
      if (this.isMine(row)) {
        looks++;
        if (phones.state(row) === PhoneState.ONLINE) {
          if (!this.#ping(row)) break;
          pinged++;
        }
      }
      row = row + 1 === this.#rows ? 0 : row + 1;
    }
    this.#passed += passed;
    return pinged;
  }

  /** How many phones a sleeping lane is woken for. */
  #gather(): void {
    this.#gathered = Math.max(1, Math.floor((this.#rows * GATHER_MICROS) / this.#periodMicros));
  }

  #findDue(): void {
    this.dueMicros[0] = this.#startMicros + ((this.#passed + this.#gathered) / this.#rows) * this.#periodMicros;
  }

  /** @returns false if the transport has no room now. */
  #ping(row: number): boolean {
    const { phones, parts, protocol } = this.#state;
    if (!protocol.ping(row, phones.connection(row))) return false;
    count(parts.counters, DriverCounter.heartbeats);
    return true;
  }
}
