/** What a shard is told when it is made: sizes, times, and who it is among the others. */
import type { NumberingPlan } from '../wire/numbering-plan.ts';
import type { Placement } from '../wire/placement.ts';

export interface ShardSettings {
  /** This shard's number, from 0. */
  readonly shard: number;
  /** Connections that it can hold at the same time: the transport's slots. */
  readonly sessions: number;
  readonly plan: NumberingPlan;
  /** Where accounts have their home. */
  readonly homes: Placement;
  /** Silence after which a session ends; Infinity for never. */
  readonly heartbeatTimeoutMicros: number;
  readonly loginTimeoutMicros: number;
  /** How long a message may stay unconfirmed before it is sent to the phone again. */
  readonly redeliveryMicros: number;
  readonly messagesPerAccount: number;
  /** Messages on their way to one phone at the same time. */
  readonly deliveryWindow: number;
  /** Questions to other shards that may be open at the same time. */
  readonly questionsMax: number;
  /** Connections that may hold half a frame at the same time; beyond it the one that began first is closed. */
  readonly partialFramesMax: number;
}

/** Says whether the token in `view[at, at + bytes)` proves the account number. */
export type Authenticator = (account: number, view: DataView, at: number, bytes: number) => boolean;

/** Ticks in the longest time-out: the grain of every time-out is that part of it. */
export const TIMEOUT_TICKS = 128;
/** Buckets of the timing wheel: more than the ticks of any time-out. */
export const WHEEL_BUCKETS = 256;

/** The grain of the shard's time-outs, in microseconds. */
export function tickMicros(settings: ShardSettings): number {
  const { heartbeatTimeoutMicros, loginTimeoutMicros, redeliveryMicros } = settings;
  const heartbeat = Number.isFinite(heartbeatTimeoutMicros) ? heartbeatTimeoutMicros : 0;
  const longest = Math.max(heartbeat, loginTimeoutMicros, redeliveryMicros);
  return Math.max(1, Math.ceil(longest / TIMEOUT_TICKS));
}

/** Bits of an address that name the shard. */
export function addressShardBits(shards: number): number {
  return 32 - Math.clz32(shards - 1);
}
