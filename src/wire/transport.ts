/**
 * What lies between a phone and the switch, as both cores see it: connections that carry bytes.
 *
 * The interface is here, at the bottom, because the two cores share nothing but the wire. One
 * compliance suite runs over every implementation. A transport belongs to one thread and is
 * driven by polling; it never calls its owner except from inside `poll`.
 *
 * Writing is claim and commit: `claim` gives room inside the transport's own memory, the frame
 * is written there, `commit` ends it. Nothing is copied, nothing allocated.
 */

/** Why a connection ended or was refused, from the side that says it. */
export const CloseReason = {
  /** The phone logged out or hung up. */
  PHONE_LEFT: 1,
  /** The switch has no free row for another connection. */
  TABLE_FULL: 2,
  /** The phone broke the protocol. */
  VIOLATION: 3,
  LOGIN_REFUSED: 4,
  SESSION_REPLACED: 5,
  HEARTBEAT_MISSED: 6,
  LOGIN_TIMED_OUT: 7,
  SWITCH_STOPPING: 8,
  /** The other end closed the connection; a socket does not carry the reason. */
  PEER_CLOSED: 9,
  /** The connection broke: reset by the other end, or by the network between. */
  BROKEN: 10,
  /** The peer did not read what was sent to it: more waited, or for longer, than is allowed. */
  SLOW_READER: 11,
  /** Room for output that waits, shared by all connections, was used up. */
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
  /** Whoever answered does not speak WebSocket, or TLS, as asked. */
  HANDSHAKE_FAILED: 19,
} as const;

/** `claim` found no room that all connections share: try again after a poll. */
export const CLAIM_FULL = -1;
/** `claim` found that this connection can take no more: it is being closed by the transport. */
export const CLAIM_GONE = -2;

/**
 * What a transport tells its owner, from inside `poll`. `token` is the owner's own number for
 * the connection: a phone's row on the driver's side, on the switch's side the connection itself.
 */
export interface ConnectionEvents {
  opened(token: number, connection: number): void;
  /** A connect that came to nothing (the driver's side only). */
  refused(token: number, reason: number): void;
  /** @returns how many of the bytes are done with; the rest is offered again at a later poll. */
  bytes(token: number, connection: number, view: DataView, start: number, end: number): number;
  /** The connection is gone. Its number stays taken until `release`. */
  closed(token: number, connection: number, reason: number): void;
}

export interface Transport {
  /** What {@link claim} gives offsets into. */
  readonly output: DataView;
  /** Handles at most `limit` events; returns how many it did. */
  poll(events: ConnectionEvents, limit: number): number;
  /** Whether a poll would find something; asked before a thread goes to sleep. */
  hasInput(): boolean;
  /**
   * Room for `bytes` on its way to the connection.
   * @param reserveBytes room to leave for others: output that may wait names some, output that
   *   must not fail names 0.
   * @returns an offset into `output`, {@link CLAIM_FULL} or {@link CLAIM_GONE}.
   */
  claim(connection: number, bytes: number, reserveBytes: number): number;
  commit(): void;
  /** Bytes that any connection can surely still be sent without CLAIM_FULL. */
  roomBytes(): number;
  /** Makes what was committed visible and wakes whoever waits for it. */
  flush(): void;
  /**
   * Ends a connection. On the switch's side `closed` follows; a phone that hangs up hears no
   * more of it, apart from events that were under way and still carry the old number.
   * False: no room to say so now, call again later.
   */
  close(connection: number, reason: number): boolean;
  /**
   * The owner has seen `closed` and has no more use for the connection's number.
   * False: no room to say so now, call again later.
   */
  release(connection: number): boolean;
}

/** The driver's side can also connect, and let a phone vanish without a word. */
export interface ClientTransport extends Transport {
  /** Starts a connection to a shard. False: no room now, try again later. */
  connect(shard: number, token: number): boolean;
  /** The phone's end is gone and says nothing: the switch is left with half a connection. */
  vanish(connection: number): boolean;
}
