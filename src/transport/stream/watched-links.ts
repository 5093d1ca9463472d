/**
 * The few links whose state has a time limit: those that are connecting, those whose output waits, and those
 * that are closing. All of them are checked at intervals, which replaces a timer for each link.
 */
import { LinkState, type StreamLink } from './stream-link.ts';

/** Interval of the checks. The limits are seconds, so this delay does not matter. */
const LOOK_MICROS = 50_000;
/** How long a peer may take to close its side of a connection that was closed here. */
const CLOSE_PATIENCE_MICROS = 2e6;

export interface WatchLimits {
  readonly connectTimeoutMicros: number;
  readonly outputTimeoutMicros: number;
}

/** Told of links whose time is over. */
export interface WatchOwner {
  connectsTooSlowly(link: StreamLink): void;
  readsTooSlowly(link: StreamLink): void;
}

export class WatchedLinks {
  /** Needs no maximum of its own: a link is in it at most once, and the link table limits the number of links. */
  readonly #links = new Set<StreamLink>();
  readonly #limits: WatchLimits;
  #lookMicros = 0;

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  /** Starts the link's time. The time of a link whose output waits already goes on. */
  add(link: StreamLink, nowMicros: number): void {
    if (this.#links.has(link) && link.state === LinkState.OPEN) return;
    link.sinceMicros = nowMicros;
    link.markBytes = link.writtenBytes;
    this.#links.add(link);
  }

  remove(link: StreamLink): void {
    this.#links.delete(link);
  }

  look(nowMicros: number, owner: WatchOwner): void {
    if (nowMicros < this.#lookMicros || this.#links.size === 0) return;
    this.#lookMicros = nowMicros + LOOK_MICROS;
    for (const link of this.#links) this.#lookAt(link, nowMicros, owner);
  }

  #lookAt(link: StreamLink, nowMicros: number, owner: WatchOwner): void {
    const elapsed = nowMicros - link.sinceMicros;
    if (link.state === LinkState.CONNECTING) {
      if (elapsed > this.#limits.connectTimeoutMicros) owner.connectsTooSlowly(link);
    } else if (link.state === LinkState.CLOSING) {
      if (elapsed > CLOSE_PATIENCE_MICROS) link.destroy();
    } else if (link.state !== LinkState.OPEN || link.bufferedBytes === 0) {
      this.#links.delete(link);
    } else if (link.writtenBytes - link.bufferedBytes >= link.markBytes) {
      // All output that waited at the last mark has been sent; what waits now is newer.
      link.sinceMicros = nowMicros;
      link.markBytes = link.writtenBytes;
    } else if (elapsed > this.#limits.outputTimeoutMicros) {
      owner.readsTooSlowly(link);
    }
  }
}
