/**
 * How a thread holds its sockets, and the operations on them. There are two ways: one descriptor per socket, or
 * tables of io_uring, as many as needed, where one system call runs many operations.
 *
 * A socket's place is its number for as long as it is held. Results are those of the kernel: a count, or the negative
 * number of an error.
 *
 * Receives and sends are made in batches: a requested operation is executed when the batch is run, or at once if
 * waiting would gain nothing. A batch is run before the next one begins.
 */
export interface HeldSockets {
  /** Bytes of the buffers. */
  readonly bytes: number;
  /** The received bytes; those of the n-th event begin at {@link receivedAt}. */
  readonly received: DataView;
  /** Maximum of bytes per receive. */
  readonly receiveBytes: number;
  /** The bytes to send are written here. */
  readonly output: DataView;
  readonly outputBytes: Uint8Array;
  /** Maximum of sends per batch. */
  readonly sendsMax: number;

  /** Takes over a new socket. @returns its place, or {@link NO_PLACE} if all are in use. */
  hold(descriptor: number): number;
  /** Closes a socket; the next {@link hold} may reuse its place. */
  close(place: number): void;
  /** Executes the closes that were requested. */
  settle(): void;
  /** A descriptor of a held socket, for calls that are rarely made. It must be returned by {@link giveBack}. */
  borrow(place: number): number;
  giveBack(descriptor: number): void;

  /** Begins a batch of receives. */
  beginReceives(): void;
  /** Requests the receive for the n-th event of a batch. */
  askReceive(n: number, place: number): void;
  runReceives(): void;
  /** The result of the receive for the n-th event; if none was requested, it is made now. */
  takeReceive(n: number, place: number): number;
  /** Receives once more, into the same part of the buffer. */
  receive(n: number, place: number): number;
  receivedAt(n: number): number;

  /** Requests the n-th send of a batch, for a part of the output; at most one per socket. */
  askSend(n: number, place: number, at: number, bytes: number): void;
  runSends(): void;
  sendResult(n: number): number;
  /** Sends at once. */
  send(place: number, at: number, bytes: number): number;

  /** Frees the tables, if there are any, after the sockets have been closed. */
  shutdown(): void;
}

export const NO_PLACE = -1;

/** Number of new sockets that are moved into tables of io_uring together; each needs a descriptor until then. */
export const MOVES_MAX = 64;
