/** What a shard is told when it is made: sizes, times, and who it is among the others. */
import type { Durability } from '../store/mailbox-store.ts';
import type { NumberingPlan } from '../wire/numbering-plan.ts';
import type { Placement } from '../wire/placement.ts';

/** How long a shard waits for what. */
export interface ShardTimeouts {
  /** Silence after which a session ends; Infinity for never. */
  readonly heartbeatTimeoutMicros: number;
  readonly loginTimeoutMicros: number;
  /** How long a message may stay unconfirmed before it is sent to the phone again. */
  readonly redeliveryMicros: number;
}

export interface ShardSettings extends ShardTimeouts {
  /** This shard's number, from 0. */
  readonly shard: number;
  /** Connections that it can hold at the same time: the transport's slots. */
  readonly sessions: number;
  readonly plan: NumberingPlan;
  /** Where accounts have their home. */
  readonly homes: Placement;
  readonly messagesPerAccount: number;
  readonly durability: Durability;
  /** Messages on their way to one phone at the same time. */
  readonly deliveryWindow: number;
  /** Questions to other shards that may be open at the same time. */
  readonly questionsMax: number;
  /** Connections that may hold half a frame at the same time; beyond it the one that began first is closed. */
  readonly partialFramesMax: number;
  /** Inputs of each kind (from phones, from shards, time-outs) that one turn takes at most. */
  readonly inputsPerTurn: number;
  /** The grain of all time-outs: see {@link autoTickMicros}. */
  readonly tickMicros: number;
}

/** Says whether the token in `view[at, at + bytes)` proves the account number, which comes in halves (see wire/frames). */
export type Authenticator = (high: number, low: number, view: DataView, at: number, bytes: number) => boolean;

/** Ticks in the longest time-out, unless somebody asks for another grain: all are exact to under a hundredth of it. */
const AUTO_TICKS = 128;
/**
 * Ticks that a time-out may have. A session keeps 16 bits of the tick in which something was heard,
 * so that a shard stopped for up to three time-outs more still knows a silent session for what it is.
 */
export const TIMEOUT_TICKS_MOST = 2 ** 14;

/** The longest of a shard's time-outs that ever ends, in microseconds. */
export function longestTimeoutMicros({
  heartbeatTimeoutMicros,
  loginTimeoutMicros,
  redeliveryMicros,
}: ShardTimeouts): number {
  const heartbeat = Number.isFinite(heartbeatTimeoutMicros) ? heartbeatTimeoutMicros : 0;
  return Math.max(heartbeat, loginTimeoutMicros, redeliveryMicros);
}

/** A grain, in microseconds, that suits the longest of a shard's time-outs. */
export function autoTickMicros(timeouts: ShardTimeouts): number {
  return Math.max(1, Math.ceil(longestTimeoutMicros(timeouts) / AUTO_TICKS));
}
