/**
 * How a thread holds its sockets, and the operations on them. There are two ways: one descriptor per socket, or
 * tables of io_uring, as many as needed, where one system call runs many operations.
 *
 * A socket's place is its number for as long as it is held. Results are the kernel's: a count, or an
 * error's number below 0.
 *
 * Receives and sends come in batches: what is asked is done when the batch is run, or at once
 * where there is nothing to gain by waiting. A batch is run before another is begun.
 */
export interface HeldSockets {
  /** Bytes of the buffers. */
  readonly bytes: number;
  /** What was received; a receive's part begins at {@link receivedAt}. */
  readonly received: DataView;
  /** The most that one receive brings. */
  readonly receiveBytes: number;
  /** What is to be sent is written here. */
  readonly output: DataView;
  readonly outputBytes: Uint8Array;
  /** Sends that a batch can have. */
  readonly sendsMax: number;

  /** Takes a new socket over. @returns its place, {@link NO_PLACE} where all are taken. */
  hold(descriptor: number): number;
  /** Closes a socket; its place may be another's at the next {@link hold}. */
  close(place: number): void;
  /** Runs the closes that were asked for. */
  settle(): void;
  /** A descriptor of a held socket, for a call that is rarely made; {@link giveBack} follows. */
  borrow(place: number): number;
  giveBack(descriptor: number): void;

  /** Begins a batch: nothing was asked for yet. */
  beginReceives(): void;
  /** Asks for the receive of the n-th event of a batch. */
  askReceive(n: number, place: number): void;
  runReceives(): void;
  /** What the n-th event's socket gave, or gives now if nothing was asked for. */
  takeReceive(n: number, place: number): number;
  /** Receives once more, into the same part. */
  receive(n: number, place: number): number;
  receivedAt(n: number): number;

  /** Asks for the n-th send of a batch, of a part of the output; one for each socket. */
  askSend(n: number, place: number, at: number, bytes: number): void;
  runSends(): void;
  sendResult(n: number): number;
  /** Sends at once. */
  send(place: number, at: number, bytes: number): number;

  /** Closes what holds them, after the sockets. */
  shutdown(): void;
}

export const NO_PLACE = -1;
