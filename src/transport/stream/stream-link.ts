/**
 * One connection over a socket object of Node: the transport's state of it, and the operations that the transport needs
 * from the socket. Each kind of socket is a subclass with six small methods.
 *
 * Node makes an object for each connection anyway, so the state of a connection is kept in an object and not in
 * columns.
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

/** Receives the events of links. Every call comes from Node's event loop. */
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
  /** The owner's number for it, which is passed to the owner with each event. */
  token = -1;
  /** The CloseReason of its end; 0 before that. */
  reason = 0;
  /** It has been open, so the owner is told of its end by `closed` and not by `refused`. */
  hasOpened = false;
  /** The owner was told that it is open. */
  isAnnounced = false;
  /** The owner wants no more events: the number is free as soon as the socket is closed. */
  isSilent = false;
  /** Its socket has been told to end. */
  hasEnded = false;

  /** Its place in the queue of links with events for the owner; see ReadyQueue. */
  isReady = false;
  nextReady: StreamLink | null = null;

  /** Input that the owner has not taken yet: the first chunk, from `chunkAt` on, and later chunks. */
  chunk: DataView | null = null;
  chunkAt = 0;
  laterChunks: DataView[] | null = null;
  waitingBytes = 0;
  isPaused = false;

  /** Its output that waits for a flush; see StagedOutput. */
  firstSegment = NO_SEGMENT;
  lastSegment = NO_SEGMENT;
  stagedBytes = 0;
  isDirty = false;

  /** When its time limit began: for its state, or for output that waits. */
  sinceMicros = 0;
  /** Bytes written to the socket so far, and how many of them the kernel must have taken before the time-out. */
  writtenBytes = 0;
  markBytes = 0;

  /** Bytes that were written and wait in Node for the kernel to take them. */
  abstract readonly bufferedBytes: number;
  /** Writes, unless the peer has already ended the connection. The socket keeps the buffer. */
  abstract write(bytes: Buffer): void;
  abstract pause(): void;
  abstract resume(): void;
  /** Ends it gracefully: output that was written before still arrives. */
  abstract end(): void;
  /** Ends it immediately; output that the kernel has taken still arrives. */
  abstract destroy(): void;
  /** Ends it immediately and discards output in the kernel, if this kind of socket can. */
  abstract reset(): void;

  /** Keeps a chunk of input without copying it. */
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

  /** Removes bytes of the first chunk, because the owner has taken them. */
  take(bytes: number): void {
    const chunk = this.chunk as DataView; // the owner takes only bytes that were offered
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
