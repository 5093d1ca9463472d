/**
 * A transport over sockets of Node: what both ends have in common. Node's callbacks and the owner's polls are
 * independent. Input is kept between them, bounded for each connection: a socket whose bytes are not taken is
 * paused. The owner is called only from inside `poll`.
 *
 * Output is staged and written to the sockets at a flush. A peer that does not read is closed when
 * too much output waits for it in Node, or output waits for too long. `poll` checks this, so the owner must
 * poll at intervals even if nothing has arrived.
 */
import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger.ts';
import { FRAME_BYTES_MAX } from '../../wire/frames.ts';
import { CLAIM_GONE, CloseReason, type ConnectionEvents, type Transport } from '../../wire/transport.ts';
import { LinkTable } from './link-table.ts';
import { ReadyQueue } from './ready-queue.ts';
import { StagedOutput } from './staged-output.ts';
import { type LinkSink, LinkState, type StreamLink } from './stream-link.ts';
import { WatchedLinks, type WatchOwner } from './watched-links.ts';

export interface EventTransportSettings {
  /** Connections at the same time, those included that are just ending. */
  readonly connectionsMax: number;
  /** Memory for the output of one turn of all connections. */
  readonly outputPoolBytes: number;
  /** Bytes that may wait in Node for one peer when more is to be written to it. */
  readonly outputLimitBytes: number;
  /** How long output may wait for one peer. */
  readonly outputTimeoutMicros: number;
}

/** Arrived bytes that may wait for the owner; with more the socket is paused. */
const INPUT_WAITING_BYTES_MAX = 65_536;
/** Room for what is answered beside an answer's own bytes: segment headers, an error frame. */
const ANSWER_SLACK_BYTES = 64;
/** What is cut off a chunk holds a whole frame at least, so that something is done with it. */
const CUT_BYTES_MIN = 2 * FRAME_BYTES_MAX;

export abstract class EventTransport implements Transport, LinkSink, WatchOwner {
  readonly output: DataView;
  protected readonly links: LinkTable;
  protected readonly nowMicros: () => number;
  protected readonly watched: WatchedLinks;
  /** Told of each connection that has ended, or came to nothing: for those who count. */
  onEnd: (reason: number, hasOpened: boolean) => void = () => {};
  readonly #settings: EventTransportSettings;
  readonly #staged: StagedOutput;
  readonly #ready = new ReadyQueue();
  readonly #wake: () => void;
  readonly #flushLink = (link: StreamLink): void => this.#hand(link);
  #sockets = 0;
  /** Input was held back because there was too little room for answers: a flush is needed first. */
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
      if (this.#staged.roomBytes < ANSWER_SLACK_BYTES) break; // an opening may need an answer
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

  /** CLAIM_GONE: the connection has ended or is being ended; `closed` says so at the next poll. */
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

  /** Always has room to say so. The socket is told at the next flush, after what is staged. */
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

  /** What it means on this side that the owner has called close. */
  protected abstract closedByOwner(link: StreamLink): void;

  /** A link that has just been made. */
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
    if (link.state !== LinkState.OPEN) return; // nobody wants it any more
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
    link.hasEnded = true; // the link itself has told its peer
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
    this.#resume(link); // to see the peer's end
    this.watched.add(link, this.nowMicros());
    this.#staged.markDirty(link);
  }

  /** Hands what is staged to the socket, and ends it if that is what the owner wants. */
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
      // Nobody is there who would end it too.
      if (link.reason === CloseReason.HEARTBEAT_MISSED) link.destroy();
      return;
    }
    if (link.bufferedBytes > 0) this.watched.add(link, this.nowMicros());
  }

  /** Tells what there is to tell of a link; returns how many events that was. */
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
    if (this.#staged.roomBytes < ANSWER_SLACK_BYTES) return done; // its end may let in another, who is told so
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
   * Offers bytes, no more than there is room to answer: no answer is longer than its question.
   * A chunk is cut for that at most once in a poll, since whoever gets half a frame has to keep it.
   * @returns whether the owner took all that it was offered.
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
    if (link.chunk !== chunk) return true; // the owner has closed it meanwhile
    link.take(taken);
    if (link.waitingBytes <= INPUT_WAITING_BYTES_MAX / 2) this.#resume(link);
    return taken === end - start;
  }
}
