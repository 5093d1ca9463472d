/**
 * The turns of the lanes and shards of a world. It can leave out those with nothing to do: a member that did nothing in
 * its last turn is idle until something of it is due. Input ends that early, and who changes a member otherwise wakes
 * it.
 */
import type { Clock } from '../../base/clock.ts';
import type { Lane } from '../../driver/lane.ts';
import type { Shard } from '../../switch/shard.ts';

/** How long a lane is left out at most. */
const IDLE_MICROS_MAX = 1e6;

export interface MemberTurnsSettings {
  readonly lanes: number;
  readonly shards: number;
  readonly shard: {
    /** The resolution of the timers of shards. */
    readonly tickMicros: number;
  };
  /** Whether the log of a shard has nothing to do; without it nobody is left out. */
  readonly isLogIdle?: (shard: number) => boolean;
}

export class MemberTurns {
  readonly #tickMicros: number;
  readonly #isLogIdle: ((shard: number) => boolean) | undefined;
  readonly #clock: Clock;
  readonly #switchClock: Clock;
  /**
   * Until when, by the clock of the world, nothing of a member is due. A member that is not idle has a time that is
   * over.
   */
  readonly #lanesIdleUntilMicros: Float64Array;
  readonly #shardsIdleUntilMicros: Float64Array;

  /** @param clock that of the world. @param switchClock that of all shards. */
  constructor(settings: MemberTurnsSettings, clock: Clock, switchClock: Clock) {
    this.#tickMicros = settings.shard.tickMicros;
    this.#isLogIdle = settings.isLogIdle;
    this.#clock = clock;
    this.#switchClock = switchClock;
    this.#lanesIdleUntilMicros = new Float64Array(settings.lanes);
    this.#shardsIdleUntilMicros = new Float64Array(settings.shards);
  }

  /** The turn of a lane. @returns how much it did. */
  ofLane(lane: Lane, index: number): number {
    const nowMicros = this.#clock.nowMicros();
    const idle = this.#lanesIdleUntilMicros;
    if (nowMicros < (idle[index] as number) && !lane.hasInput()) return 0; // one for each lane
    const done = lane.doWork();
    const isIdle = done === 0 && this.#isLogIdle !== undefined;
    idle[index] = isIdle ? nowMicros + lane.untilDueMicros(IDLE_MICROS_MAX) : 0;
    return done;
  }

  /** The turn of a shard. @returns how much it did. */
  ofShard(shard: Shard, index: number): number {
    const nowMicros = this.#clock.nowMicros();
    const idle = this.#shardsIdleUntilMicros;
    if (nowMicros < (idle[index] as number) && !shard.hasInput()) return 0; // one for each shard
    const ownMicros = this.#switchClock.nowMicros();
    const done = shard.doWork(ownMicros);
    const tickMicros = this.#tickMicros;
    const isIdle = done === 0 && this.#isLogIdle?.(index) === true && shard.untilDueMicros(tickMicros) === tickMicros;
    // A timer can be due at the next tick.
    idle[index] = isIdle ? nowMicros + tickMicros - (ownMicros % tickMicros) : 0;
    return done;
  }

  /** A lane does not miss its next turn. */
  wakeLane(index: number): void {
    this.#lanesIdleUntilMicros[index] = 0;
  }

  /** A shard does not miss its next turn. */
  wakeShard(index: number): void {
    this.#shardsIdleUntilMicros[index] = 0;
  }

  /** Nobody misses the next turn. */
  wakeAll(): void {
    this.#lanesIdleUntilMicros.fill(0);
    this.#shardsIdleUntilMicros.fill(0);
  }
}
