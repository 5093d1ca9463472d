/**
 * A transport over sockets of Node: what both ends have in common. Node's callbacks and the owner's polls are
 * independent. Input is kept between them, bounded for each connection: a socket whose bytes are not taken is paused.
 * The owner is called only from inside `poll`.
 *
 * Output is staged and written to the sockets at a flush. A peer that does not read is closed when too much output
 * waits for it in Node, or output waits for too long. `poll` checks this, so the owner must poll at intervals even if
 * nothing has arrived.
 */
import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { FRAME_BYTES_MAX } from '../../wire/frames.ts';
import { CLAIM_GONE, CloseReason, type ConnectionEvents, type Transport } from '../../wire/transport.ts';
import { LinkTable } from './link-table.ts';
import { ReadyQueue } from './ready-queue.ts';
import { StagedOutput } from './staged-output.ts';
import { type LinkSink, LinkState, type StreamLink } from './stream-link.ts';
import { WatchedLinks, type WatchOwner } from './watched-links.ts';

export interface EventTransportSettings {
  /** Maximum of connections at the same time, including those that are closing. */
  readonly connectionsMax: number;
  /** Memory for the output of one turn of all connections. */
  readonly outputPoolBytes: number;
  /** Bytes that may already wait in Node for a peer when more output is handed over; with more, the peer is closed. */
  readonly outputLimitBytes: number;
  /** How long output may wait for one peer. */
  readonly outputTimeoutMicros: number;
}

/** Bytes of one connection that may wait for the owner; with more, its socket is paused. */
const INPUT_WAITING_BYTES_MAX = 65_536;
/** Room for output in addition to the answer itself: segment headers and an error frame. */
const ANSWER_SLACK_BYTES = 64;
/** Smallest part of a chunk that is offered alone. It contains a whole frame, so the owner can use at least one. */
const CUT_BYTES_MIN = 2 * FRAME_BYTES_MAX;

export abstract class EventTransport implements Transport, LinkSink, WatchOwner {
  readonly output: DataView;
  protected readonly links: LinkTable;
  protected readonly nowMicros: () => number;
  protected readonly watched: WatchedLinks;
  /** Called for each connection that has ended or could not be opened, for counters. */
  onEnd: (reason: number, hasOpened: boolean) => void = () => {};
  readonly #settings: EventTransportSettings;
  readonly #staged: StagedOutput;
  readonly #ready = new ReadyQueue();
  readonly #wake: () => void;
  readonly #flushLink = (link: StreamLink): void => this.#hand(link);
  #sockets = 0;
  /** Input was held back for lack of room for answers; a flush is needed before more can be offered. */
  #lacksRoom = false;
  #whenEmpty: (() => void) | null = null;

  constructor(
    settings: EventTransportSettings,
    connectTimeoutMicros: number,
    nowMicros: () => number,
    wake: () => void,
  ) {
    this.#settings = settings;
    this.#staged = new StagedOutput(Math.ceil(settings.outputPoolBytes / 4) * 4);
    this.output = this.#staged.view;
    this.links = new LinkTable(settings.connectionsMax);
    this.watched = new WatchedLinks({ connectTimeoutMicros, outputTimeoutMicros: settings.outputTimeoutMicros });
    this.nowMicros = nowMicros;
    this.#wake = wake;
  }

  ledger(): LedgerEntry[] {
    return [{ owner: 'transport', name: 'staged output', bytes: this.#staged.bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.watched.look(this.nowMicros(), this);
    let done = 0;
    this.#lacksRoom = false;
    for (let looks = this.#ready.length; looks > 0 && done < limit && !this.#lacksRoom; looks--) {
      if (this.#staged.roomBytes < ANSWER_SLACK_BYTES) break; // the owner may answer a connection that opens
      const link = this.#ready.shift();
      done += this.#dispatch(link, events, limit - done);
      if (link.state === LinkState.GONE || (link.chunk !== null && link.state !== LinkState.FREE)) {
        this.#ready.push(link);
      }
    }
    return done;
  }

  hasInput(): boolean {
    return this.#ready.length > 0;
  }

  /** @returns CLAIM_GONE if the connection has ended or is closing; then `closed` follows at a later poll. */
  claim(connection: number, bytes: number, reserveBytes: number): number {
    const link = this.links.get(connection);
    return link.state === LinkState.OPEN ? this.#staged.claim(link, bytes, reserveBytes) : CLAIM_GONE;
  }

  /** Bytes that wait in Node for the connection's peer to read. */
  outputWaitingBytes(connection: number): number {
    return this.links.get(connection).bufferedBytes;
  }

  commit(): void {
    this.#staged.commit();
  }

  roomBytes(): number {
    return this.#staged.roomBytes;
  }

  flush(): void {
    this.#staged.flush(this.#flushLink);
  }

  /** Always succeeds. The socket is ended at the next flush, after the staged output. */
  close(connection: number, reason: number): boolean {
    const link = this.links.get(connection);
    if (link.state === LinkState.OPEN) this.#beginClosing(link, reason);
    else link.dropInput();
    this.closedByOwner(link);
    return true;
  }

  release(connection: number): boolean {
    const link = this.links.get(connection);
    assert(link.state === LinkState.CLOSED, 'a connection is released after it closed');
    this.links.remove(link);
    return true;
  }

  /** Ends every connection at once; resolves when no socket is left. */
  protected async endAll(): Promise<void> {
    this.links.forEach((link) => {
      if (link.state < LinkState.GONE) link.destroy();
    });
    if (this.#sockets === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** Called after the owner has closed a link: the two sides do different things then. */
  protected abstract closedByOwner(link: StreamLink): void;

  /** Takes over a new link. */
  protected adopt(link: StreamLink): void {
    this.#sockets++;
    this.links.add(link);
  }

  linkOpened(link: StreamLink): void {
    if (link.state !== LinkState.CONNECTING) return;
    this.watched.remove(link);
    link.state = LinkState.OPEN;
    link.hasOpened = true;
    this.#tell(link);
  }

  linkReceived(link: StreamLink, chunk: Buffer): void {
    if (link.state !== LinkState.OPEN) return; // the owner has closed it, so its input is ignored
    link.keep(chunk);
    if (link.waitingBytes > INPUT_WAITING_BYTES_MAX && !link.isPaused) {
      link.isPaused = true;
      link.pause();
    }
    this.#tell(link);
  }

  linkFailed(link: StreamLink, reason: number): void {
    if (link.state !== LinkState.OPEN) return;
    this.#beginClosing(link, reason);
    link.hasEnded = true; // the link has sent its own close frame
  }

  linkGone(link: StreamLink, reason: number): void {
    this.watched.remove(link);
    if (link.reason === 0) link.reason = reason;
    if (link.isSilent) this.links.remove(link);
    else link.state = LinkState.GONE;
    this.#sockets--;
    if (this.#sockets === 0) this.#whenEmpty?.();
    this.#tell(link);
  }

  connectsTooSlowly(link: StreamLink): void {
    link.reason = CloseReason.CONNECT_TIMED_OUT;
    link.destroy();
  }

  readsTooSlowly(link: StreamLink): void {
    this.#beginClosing(link, CloseReason.SLOW_READER);
    link.hasEnded = true;
    link.reset();
  }

  #tell(link: StreamLink): void {
    this.#ready.push(link);
    this.#wake();
  }

  #resume(link: StreamLink): void {
    if (!link.isPaused) return;
    link.isPaused = false;
    link.resume();
  }

  #beginClosing(link: StreamLink, reason: number): void {
    link.state = LinkState.CLOSING;
    link.reason = reason;
    link.dropInput();
    this.#resume(link); // a paused socket would not report that the peer has closed
    this.watched.add(link, this.nowMicros());
    this.#staged.markDirty(link);
  }

  /** Writes the staged output to the socket, and ends the socket if the owner has closed the link. */
  #hand(link: StreamLink): void {
    if (link.hasEnded || (link.state !== LinkState.OPEN && link.state !== LinkState.CLOSING)) return;
    const hasTooMuch = link.bufferedBytes > this.#settings.outputLimitBytes;
    if (hasTooMuch && link.state === LinkState.OPEN) {
      this.readsTooSlowly(link);
      return;
    }
    if (link.stagedBytes > 0) {
      link.write(this.#staged.collect(link));
      link.writtenBytes += link.stagedBytes;
    }
    if (link.state === LinkState.CLOSING) {
      link.hasEnded = true;
      link.end();
      // The peer does not answer any more, so it would not close its side.
      if (link.reason === CloseReason.HEARTBEAT_MISSED) link.destroy();
      return;
    }
    if (link.bufferedBytes > 0) this.watched.add(link, this.nowMicros());
  }

  /** Reports a link's events to the owner. @returns the number of events. */
  #dispatch(link: StreamLink, events: ConnectionEvents, limit: number): number {
    let done = 0;
    if (link.hasOpened && !link.isAnnounced && link.state !== LinkState.FREE) {
      link.isAnnounced = true;
      events.opened(link.token, link.connection);
      done++;
    }
    while (link.chunk !== null && done < limit) {
      const before = link.waitingBytes;
      const isWhole = this.#offer(link, link.chunk, events);
      if (link.waitingBytes < before) done++;
      if (!isWhole) return done;
    }
    if (link.state !== LinkState.GONE || link.chunk !== null) return done;
    if (this.#staged.roomBytes < ANSWER_SLACK_BYTES) return done; // told of an end, the owner may answer another phone
    this.onEnd(link.reason, link.hasOpened);
    if (link.hasOpened) {
      link.state = LinkState.CLOSED;
      events.closed(link.token, link.connection, link.reason);
    } else {
      this.links.remove(link);
      events.refused(link.token, link.reason);
    }
    return done + 1;
  }

  /**
   * Offers bytes of a chunk to the owner, at most as many as there is room for output, because no answer is longer than
   * its request. At most one chunk per poll is cut for this reason, because the owner must store a frame that is
   * incomplete.
   * @returns whether the owner took all bytes that were offered.
   */
  #offer(link: StreamLink, chunk: DataView, events: ConnectionEvents): boolean {
    const start = link.chunkAt;
    const room = Math.max(0, this.#staged.roomBytes - ANSWER_SLACK_BYTES);
    const end = Math.min(chunk.byteLength, start + room);
    if (end < chunk.byteLength) {
      this.#lacksRoom = true;
      if (room < CUT_BYTES_MIN) return false;
    }
    const taken = events.bytes(link.token, link.connection, chunk, start, end);
    if (link.chunk !== chunk) return true; // the owner has closed the link during the call
    link.take(taken);
    if (link.waitingBytes <= INPUT_WAITING_BYTES_MAX / 2) this.#resume(link);
    return taken === end - start;
  }
}
