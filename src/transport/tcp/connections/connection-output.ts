/**
 * The output of a thread's connections: what their owner writes in a turn is gathered into one send per connection, and
 * sends go to the kernel in batches. What the kernel does not take waits in the backlog until the socket has room.
 *
 * The backlog has a limit for each connection and one for all, and a time-out; whoever exceeds one is given up, and its
 * owner is told. Sockets, rows and reading are the business of TcpConnections.
 */
import { count, countBy } from '../../../base/counters.ts';
import { CLAIM_GONE, CloseReason } from '../../../wire/transport.ts';
import { SocketCounter } from '../../socket-counters.ts';
import type { HeldSockets } from '../sockets/held-sockets.ts';
import { closeReasonOf, ErrorNumber } from '../system/error-number.ts';
import { type ConnectionRows, ConnectionState } from './connection-rows.ts';
import { type BacklogLimits, OutputBacklog } from './output-backlog.ts';
import { OutputStage, STAGE_BYTES_MIN } from './output-stage.ts';

const STAGE_BYTES = 8 * STAGE_BYTES_MIN;

export interface OutputParts {
  readonly sockets: HeldSockets;
  readonly rows: ConnectionRows;
  /** A row of SOCKET_COUNTERS. */
  readonly counters: Float64Array;
  /** Breaks a connection off whose output cannot be sent. @param reason of {@link CloseReason}. */
  readonly giveUp: (place: number, reason: number) => void;
}

export class ConnectionOutput {
  /** Where claimed output is written. */
  readonly view: DataView;
  /** The present time, in whole milliseconds modulo 2^32; set by the owner at each poll. */
  nowMillis = 0;
  readonly #sockets: HeldSockets;
  readonly #rows: ConnectionRows;
  readonly #counters: Float64Array;
  readonly #giveUp: (place: number, reason: number) => void;
  readonly #stage: OutputStage;
  readonly #backlog: OutputBacklog;
  /** For each send of the current batch: the place of its connection, and its part of the output buffer. */
  readonly #sendPlaces: Int32Array;
  readonly #sendStarts: Int32Array;
  readonly #sendEnds: Int32Array;
  readonly #giveUpSlow = (place: number): void => this.#giveUp(place, CloseReason.SLOW_READER);
  readonly #tryAgain = (place: number): void => this.sendWaiting(place);
  /**
   * A send failed for a reason such as lack of memory. No event reports that it would now succeed, so it is retried.
   */
  #mustTryAgain = false;

  /** @param rows the number of rows of the table. */
  constructor(rows: number, limits: BacklogLimits, parts: OutputParts) {
    this.#sockets = parts.sockets;
    this.#rows = parts.rows;
    this.#counters = parts.counters;
    this.#giveUp = parts.giveUp;
    this.#stage = new OutputStage(STAGE_BYTES, rows);
    this.view = this.#stage.view;
    this.#backlog = new OutputBacklog(limits);
    this.#sendPlaces = new Int32Array(this.#sockets.sendsMax);
    this.#sendStarts = new Int32Array(this.#sockets.sendsMax);
    this.#sendEnds = new Int32Array(this.#sockets.sendsMax);
  }

  /** Memory that all connections share. */
  get bytes(): number {
    return this.#stage.bytes + this.#backlog.bytes;
  }

  /** Whether output of a connection waits for room in its socket. */
  isWaiting(place: number): boolean {
    return this.#backlog.has(place);
  }

  claim(place: number, bytes: number): number {
    if (this.#rows.state(place) !== ConnectionState.OPEN) return CLAIM_GONE;
    const at = this.#stage.claim(place, bytes);
    if (at >= 0) return at;
    this.flush();
    // The flush may have found that the peer has gone or does not read.
    return this.#rows.state(place) === ConnectionState.OPEN ? this.#stage.claim(place, bytes) : CLAIM_GONE;
  }

  commit(): void {
    this.#stage.commit();
  }

  flush(): void {
    let sends = 0;
    let end = 0;
    for (let n = 0; n < this.#stage.count; n++) {
      const place = this.#stage.placeAt(n);
      if (place < 0) continue;
      const isSimple = this.#rows.state(place) === ConnectionState.OPEN && !this.#backlog.has(place);
      if (isSimple && sends < this.#sockets.sendsMax && this.#ask(place, sends, end)) {
        end = this.#sendEnds[sends] as number; // written just now
        sends++;
        continue;
      }
      this.#runSends(sends);
      sends = 0;
      end = 0;
      if (isSimple && this.#ask(place, 0, 0)) {
        end = this.#sendEnds[0] as number; // likewise
        sends = 1;
      } else {
        this.flushOne(place);
      }
    }
    this.#runSends(sends);
    this.#stage.clear();
  }

  /** Sends this turn's output of one connection. */
  flushOne(place: number): void {
    let record = this.#stage.firstRecord(place);
    if (record === 0) return;
    if (this.#rows.state(place) !== ConnectionState.OPEN) record = 0;
    while (record !== 0) {
      record = this.#stage.gather(record, this.#sockets.output, 0);
      const bytes = this.#stage.copied;
      const waits = this.#backlog.has(place);
      if (!this.#sent(place, 0, bytes, waits ? 0 : this.#sockets.send(place, 0, bytes), waits)) break;
    }
    this.#stage.drop(place);
  }

  /** Discards all output of a connection that has not been sent. */
  forget(place: number): void {
    this.#stage.drop(place);
    if (!this.#backlog.has(place)) return;
    this.#backlog.drop(place);
    this.#counters[SocketCounter.outputWaitingBytes] = this.#backlog.waitingBytes;
  }

  /** Sends what waits: the socket of a connection has room again. */
  sendWaiting(place: number): void {
    for (;;) {
      const bytes = this.#backlog.peek(place, this.#sockets.outputBytes);
      if (bytes === 0) return;
      const sent = this.#sockets.send(place, 0, bytes);
      count(this.#counters, SocketCounter.sends);
      if (sent < 0) {
        this.#mayTryLater(place, -sent);
        return;
      }
      countBy(this.#counters, SocketCounter.bytesSent, sent);
      const waits = this.#backlog.taken(place, sent);
      this.#counters[SocketCounter.outputWaitingBytes] = this.#backlog.waitingBytes;
      if (!waits || sent < bytes) return;
    }
  }

  /** Gives up connections whose output has waited for too long, and repeats sends of which no event tells. */
  look(): void {
    if (this.#backlog.waitingBytes === 0) return;
    this.#backlog.forEachOverdue(this.nowMillis, this.#giveUpSlow);
    if (!this.#mustTryAgain) return;
    this.#mustTryAgain = false;
    this.#backlog.forEachWaiting(this.#tryAgain);
  }

  /**
   * Adds a connection's whole output as the n-th send of the batch.
   * @returns false if it does not fit after `start`.
   */
  #ask(place: number, n: number, start: number): boolean {
    if (this.#stage.gather(this.#stage.firstRecord(place), this.#sockets.output, start) !== 0) return false;
    const bytes = this.#stage.copied;
    this.#stage.drop(place);
    this.#sendPlaces[n] = place;
    this.#sendStarts[n] = start;
    this.#sendEnds[n] = start + bytes;
    this.#sockets.askSend(n, place, start, bytes);
    return true;
  }

  #runSends(sends: number): void {
    if (sends === 0) return;
    this.#sockets.runSends();
    for (let n = 0; n < sends; n++) {
      const start = this.#sendStarts[n] as number; // below the count, here and below
      const bytes = (this.#sendEnds[n] as number) - start;
      this.#sent(this.#sendPlaces[n] as number, start, bytes, this.#sockets.sendResult(n), false);
    }
  }

  /**
   * Handles the result of a send: output that the kernel did not take goes to the backlog.
   * @param waits whether the send was not tried, because earlier output waits already.
   * @returns false if the connection has been ended.
   */
  #sent(place: number, start: number, bytes: number, result: number, waits: boolean): boolean {
    if (!waits) {
      count(this.#counters, SocketCounter.sends);
      if (result > 0) countBy(this.#counters, SocketCounter.bytesSent, result);
      if (result === bytes) return true;
      if (result < 0 && !this.#mayTryLater(place, -result)) return false;
      count(this.#counters, SocketCounter.sendsPartial);
    }
    const from = start + Math.max(0, result);
    const reason = this.#backlog.keep(place, this.#sockets.outputBytes, from, start + bytes, this.nowMillis);
    this.#counters[SocketCounter.outputWaitingBytes] = this.#backlog.waitingBytes;
    if (reason === 0) return true;
    this.#giveUp(place, reason);
    return false;
  }

  /** Whether a send that failed may succeed later. If not, the connection is broken off. */
  #mayTryLater(place: number, errno: number): boolean {
    if (errno === ErrorNumber.EAGAIN) return true;
    // A connection for which there is no memory now is treated like a slow one; one whose peer has gone is not.
    if (errno === ErrorNumber.EINTR || closeReasonOf(errno) === CloseReason.MEMORY_EXHAUSTED) {
      this.#mustTryAgain = true;
      return true;
    }
    this.#giveUp(place, CloseReason.BROKEN);
    return false;
  }
}
