/**
 * The settings of a shard: sizes, times, and its place among the other shards. They are apart from the shard, because
 * its tables, homes and groups need some of them and stand below it.
 */
import type { Durability } from '../../store/mailbox-store.ts';
import type { GroupPlan } from '../../wire/group-plan.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import type { Placement } from '../../wire/placement.ts';

/** Time limits of a shard. */
export interface ShardTimeouts {
  /** Time without input after which a session ends; Infinity for never. */
  readonly heartbeatTimeoutMicros: number;
  readonly loginTimeoutMicros: number;
  /** How long a message may stay unconfirmed before it is sent to the phone again. */
  readonly redeliveryMicros: number;
}

/** Groups and broadcast lists. */
export interface GroupSettings {
  readonly plan: GroupPlan;
  /**
   * Messages and changes of members that may wait at the home of groups, and as many from all homes at a shard. Beyond
   * it they are refused (ERROR 2).
   */
  readonly queueMax: number;
  /** Messages and changes that a home remembers: see RecentMessages. 28 bytes each. */
  readonly recentMax: number;
  /**
   * Memberships that may differ from the plan, in the groups of one home. Beyond it JOIN and LEAVE are refused (ERROR
   * 2).
   */
  readonly changesMax: number;
  /** The id before those of this run, for digests of messages that a mailbox could not take; 0 if it is not given. */
  readonly idsBefore?: number;
}

export interface ShardSettings extends ShardTimeouts {
  /** Number of this shard, from 0. */
  readonly shard: number;
  /** Maximum of connections at the same time: the slots of the transport. */
  readonly sessions: number;
  readonly plan: NumberingPlan;
  /** The home shards of accounts. */
  readonly homes: Placement;
  /**
   * Threads that hops reach: the shards, and after them the gateways. Where there are gateways, homes keep when each
   * session began, because gateways are asked.
   */
  readonly peers: number;
  readonly messagesPerAccount: number;
  /** Blocks of mailboxes that stay in memory; the others are in a mapped file. Not given: all. */
  readonly residentBlocks?: number | undefined;
  /** Not given if the switch has no groups. */
  readonly groups?: GroupSettings | undefined;
  readonly durability: Durability;
  /** Maximum of unconfirmed messages on their way to one phone at the same time. */
  readonly deliveryWindow: number;
  /** Maximum of open questions to other shards at the same time. */
  readonly questionsMax: number;
  /** Maximum of connections with a partial frame at the same time; beyond it the one that began first is closed. */
  readonly partialFramesMax: number;
  /** Accounts that one phone may watch, and that all sessions of a shard, and sessions those of a home, may. */
  readonly watchMax: number;
  readonly watchesMax: number;
  /**
   * Whether what a session watches is named in its row, which takes a word for each session: where most phones watch
   * others. Otherwise it has a column of its own, which takes memory for those that do.
   */
  readonly keepsWatches: boolean;
  /** Maximum of inputs of each kind (from phones, from shards, time-outs) per turn. */
  readonly inputsPerTurn: number;
  /** The resolution of all time-outs: see {@link autoTickMicros}. */
  readonly tickMicros: number;
  /** How long input from phones may wait before some of it is shed (see admission/shedding); not given: for ever. */
  readonly admissionDelayMicros?: number;
}

/**
 * Whether the token in `view[at, at + bytes)` proves the account number, which is passed in two halves (see
 * wire/frames).
 */
export type Authenticator = (high: number, low: number, view: DataView, at: number, bytes: number) => boolean;

/** For how long a question to another shard waits for its answer, in microseconds. */
const LOGIN_QUESTION_MICROS = 8e6;
/** Longer, because the session of a message that may be lost is closed. */
const MESSAGE_QUESTION_MICROS = 32e6;
/** Least ticks in such a time: an answer that takes less than a tick is never late. */
const QUESTION_TICKS_MIN = 4;

/**
 * For how many ticks a question waits for its answer. A home answers it in the first half of that time only, so that
 * the answer has the second half to arrive.
 */
export interface QuestionTicks {
  readonly login: number;
  readonly message: number;
}

/** The times of questions in ticks. Unlike the other time-outs they are not set: no shard that works takes so long. */
export function questionTicks(tickMicros: number): QuestionTicks {
  const ticks = (micros: number): number => Math.max(QUESTION_TICKS_MIN, Math.ceil(micros / tickMicros));
  return { login: ticks(LOGIN_QUESTION_MICROS), message: ticks(MESSAGE_QUESTION_MICROS) };
}

/**
 * Default number of ticks in the longest time-out, so that all time-outs are accurate to less than one hundredth of it.
 */
const AUTO_TICKS = 128;
/**
 * Maximum of ticks in a time-out. A session stores 15 bits of the tick of its last input, so a shard that was stopped
 * for up to three further time-outs still recognizes a silent session.
 */
export const TIMEOUT_TICKS_MAX = 2 ** 13;

/** The longest finite time-out of a shard, in microseconds. */
export function longestTimeoutMicros({
  heartbeatTimeoutMicros,
  loginTimeoutMicros,
  redeliveryMicros,
}: ShardTimeouts): number {
  const heartbeat = Number.isFinite(heartbeatTimeoutMicros) ? heartbeatTimeoutMicros : 0;
  return Math.max(heartbeat, loginTimeoutMicros, redeliveryMicros);
}

/** A resolution, in microseconds, for the longest time-out of a shard. */
export function autoTickMicros(timeouts: ShardTimeouts): number {
  return Math.max(1, Math.ceil(longestTimeoutMicros(timeouts) / AUTO_TICKS));
}
