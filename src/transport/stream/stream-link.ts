/**
 * One connection over a socket object of Node: the state that the transport keeps for it, and the operations that it needs
 * from the socket. Each kind of socket is a subclass with six small methods.
 *
 * Node makes an object for each connection anyway, so the state of a connection is kept in an object and not in columns.
 *
 *     CONNECTING ──▶ OPEN ──▶ CLOSING ──▶ GONE ──reported──▶ CLOSED ──release──▶ FREE
 *          │           └─────────┼──────────▲
 *          └───── refused ───────┼──────────┘
 *                     VANISHED ──┘ (phones only: straight to FREE)
 */

export const LinkState = {
  CONNECTING: 1,
  OPEN: 2,
  /** This side has closed it; the socket still exists. */
  CLOSING: 3,
  /** The phone vanished: the socket stays open, and what arrives is ignored. */
  VANISHED: 4,
  /** The socket is closed; the owner has not been told yet. */
  GONE: 5,
  /** The owner was told, and has not released the number yet. */
  CLOSED: 6,
  /** The number is free; later events of the socket are ignored. */
  FREE: 7,
} as const;
export type LinkState = (typeof LinkState)[keyof typeof LinkState];

/** Whom a link tells what happens to it. Every call comes from Node's event loop. */
export interface LinkSink {
  linkOpened(link: StreamLink): void;
  linkReceived(link: StreamLink, chunk: Buffer): void;
  /** The peer violated the protocol: the connection must be closed. */
  linkFailed(link: StreamLink, reason: number): void;
  /** The socket is closed; no further events follow. */
  linkGone(link: StreamLink, reason: number): void;
}

/** No segment of staged output. */
export const NO_SEGMENT = -1;

export abstract class StreamLink {
  state: LinkState = LinkState.CONNECTING;
  /** The connection's number, while it has one. */
  connection = -1;
  /** What the owner calls it in events. */
  token = -1;
  /** Why it ended; 0 while it did not. */
  reason = 0;
  /** It was open at some time, so its end is `closed` and not `refused`. */
  hasOpened = false;
  /** The owner was told that it is open. */
  isAnnounced = false;
  /** The owner wants no more events: the number is free as soon as the socket is closed. */
  isSilent = false;
  /** Its socket has been told to end. */
  hasEnded = false;

  /** A place in the queue of links that have something to say. */
  isReady = false;
  nextReady: StreamLink | null = null;

  /** What has arrived and was not taken: the first chunk from an offset on, and further ones. */
  chunk: DataView | null = null;
  chunkAt = 0;
  laterChunks: DataView[] | null = null;
  waitingBytes = 0;
  isPaused = false;

  /** Frames that wait for a flush; see StagedOutput. */
  firstSegment = NO_SEGMENT;
  lastSegment = NO_SEGMENT;
  stagedBytes = 0;
  isDirty = false;

  /** Since when it is in its state, or its output waits; microseconds. */
  sinceMicros = 0;
  /** All that was ever written to the socket, and how much of it must be gone by the time-out. */
  writtenBytes = 0;
  markBytes = 0;

  /** Bytes that were written and wait in Node for the kernel to take them. */
  abstract readonly bufferedBytes: number;
  /** Writes, unless the peer has already ended the connection. The socket keeps the buffer. */
  abstract write(bytes: Buffer): void;
  abstract pause(): void;
  abstract resume(): void;
  /** Ends it in good order: what was written before still arrives. */
  abstract end(): void;
  /** Ends it now; what the kernel has taken still arrives. */
  abstract destroy(): void;
  /** Ends it now and throws away what the kernel holds for it, where that can be done. */
  abstract reset(): void;

  /** Keeps what has arrived; the bytes are not copied. */
  keep(chunk: Buffer): void {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    this.waitingBytes += chunk.length;
    if (this.chunk === null) {
      this.chunk = view;
    } else {
      this.laterChunks ??= [];
      this.laterChunks.push(view);
    }
  }

  /** So many bytes of the first chunk are done with. */
  take(bytes: number): void {
    const chunk = this.chunk as DataView; // only what was offered is taken
    this.waitingBytes -= bytes;
    this.chunkAt += bytes;
    if (this.chunkAt < chunk.byteLength) return;
    this.chunkAt = 0;
    this.chunk = this.laterChunks?.shift() ?? null;
    if (this.laterChunks?.length === 0) this.laterChunks = null;
  }

  dropInput(): void {
    this.chunk = null;
    this.chunkAt = 0;
    this.laterChunks = null;
    this.waitingBytes = 0;
  }
}
