/**
 * The interface of a transport, as switch and driver see it: connections that carry bytes.
 *
 * It is in `wire` because that is all that switch and driver share. One compliance suite tests every implementation. A
 * transport belongs to one thread and is polled; it calls its owner only from within `poll`.
 *
 * To write, `claim` returns an offset in the transport's own memory, the caller writes the frame there, and `commit`
 * completes it. No copy and no allocation is needed.
 */

import type { SharedRows } from '../base/table-memory.ts';

/** Why a connection ended or was refused, as the side that reports it sees it. */
export const CloseReason = {
  /** The phone logged out or hung up. */
  PHONE_LEFT: 1,
  /** The switch has no free row for another connection. */
  TABLE_FULL: 2,
  /** The phone violated the protocol. */
  VIOLATION: 3,
  LOGIN_REFUSED: 4,
  SESSION_REPLACED: 5,
  HEARTBEAT_MISSED: 6,
  LOGIN_TIMED_OUT: 7,
  SWITCH_STOPPING: 8,
  /** The other end closed the connection; a socket does not carry the reason. */
  PEER_CLOSED: 9,
  /** The connection was reset by the other end or by the network. */
  BROKEN: 10,
  /** The peer did not read its data: more was waiting, or for longer, than is allowed. */
  SLOW_READER: 11,
  /** The buffer for waiting output, which all connections share, was full. */
  OUTPUT_FULL: 12,
  /** Nobody listens there. */
  CONNECT_REFUSED: 13,
  /** The network gave up connecting. */
  CONNECT_TIMED_OUT: 14,
  UNREACHABLE: 15,
  /** No free port is left for this source address and destination. */
  PORTS_EXHAUSTED: 16,
  DESCRIPTORS_EXHAUSTED: 17,
  /** The kernel has no memory for another socket. */
  MEMORY_EXHAUSTED: 18,
  /** The server did not complete the WebSocket or TLS handshake. */
  HANDSHAKE_FAILED: 19,
  /** A shard that the session depends on has ended. The phone may log in again. */
  SHARD_ENDED: 20,
  /** A firewall or another policy of this machine forbids to connect. */
  FORBIDDEN: 21,
} as const;

/** Rows that are read ahead at once: more than memory serves at the same time, few enough for the nearest cache. */
export const PREFETCHED_MAX = 16;

/** Returned by `claim` if the room that all connections share is used up: try again after a poll. */
export const CLAIM_FULL = -1;
/** Returned by `claim` if this connection can take no more, because the transport is closing it. */
export const CLAIM_GONE = -2;

/**
 * What a transport reports to its owner, from within `poll`. `token` is the owner's own number for
 * the connection: a phone's row on the driver's side, on the switch's side the connection itself.
 */
export interface ConnectionEvents {
  opened(token: number, connection: number): void;
  /** An attempt to connect failed (driver side only). */
  refused(token: number, reason: number): void;
  /** Whether input is announced: for one row per message it costs more than it saves. */
  readonly readsAhead?: boolean;
  /**
   * Something of this connection follows soon: what it needs may be brought into the cache. The input is at
   * `[start, end)`; there is none if it is another event.
   */
  prefetch?(token: number, view: DataView, start: number, end: number): void;
  /** All input that was announced follows now: at most {@link PREFETCHED_MAX} calls came before. */
  prefetched?(): void;
  /** @returns how many bytes were handled; a later poll offers the rest again. */
  bytes(token: number, connection: number, view: DataView, start: number, end: number): number;
  /** The connection is gone. Its number is not reused before `release`. */
  closed(token: number, connection: number, reason: number): void;
}

/** Number of marks that {@link InputMarks} keeps. */
export const INPUT_MARKS = 8;

/** Marks on input that has arrived: they tell how long input waits without a time stamp per message. */
export interface InputMarks {
  /** Puts a mark, from 0 to INPUT_MARKS - 1, on the newest input that is there now. */
  set(mark: number): void;
  /** Whether all input up to this mark has been taken. */
  isTaken(mark: number): boolean;
}

export interface Transport {
  /**
   * Undefined if the transport cannot tell where its newest input is, as with sockets, whose input the kernel keeps.
   */
  readonly inputMarks?: InputMarks;
  /**
   * Words that the transport keeps for its owner in its own row of each connection, all 0 before the first: an event
   * needs both. The owner keeps its own rows if there are none.
   */
  readonly ownerRows?: SharedRows | undefined;
  /** The memory into which {@link claim} returns offsets. */
  readonly output: DataView;
  /** Handles at most `limit` events. @returns how many it handled. */
  poll(events: ConnectionEvents, limit: number): number;
  /** Whether a poll would find an event; checked before a thread sleeps. */
  hasInput(): boolean;
  /**
   * Claims room for `bytes` of output to the connection.
   * @param reserveBytes room to leave for other output: above 0 for output that may wait, 0 for output
   *   that must not fail.
   * @returns an offset into `output`, {@link CLAIM_FULL} or {@link CLAIM_GONE}.
   */
  claim(connection: number, bytes: number, reserveBytes: number): number;
  commit(): void;
  /** Bytes that can still be claimed, for any connection, without CLAIM_FULL. */
  roomBytes(): number;
  /** Makes committed output visible and wakes its receivers. */
  flush(): void;
  /**
   * Closes a connection. On the switch side `closed` follows. On the driver side no further events follow,
   * except those already in flight, which carry the old number.
   * @returns false if there is no room for this now: call again later.
   */
  close(connection: number, reason: number): boolean;
  /**
   * Frees the connection's number, after the owner has seen `closed`.
   * @returns false if there is no room for this now: call again later.
   */
  release(connection: number): boolean;
}

/** The driver side can also connect, and drop a phone without notice to the switch. */
export interface PhoneTransport extends Transport {
  /** Starts a connection to a shard. @returns false if there is no room now: try again later. */
  connect(shard: number, token: number): boolean;
  /** Drops the phone's end without notice: the switch keeps a half-open connection. @returns whether it was dropped. */
  vanish(connection: number): boolean;
}
