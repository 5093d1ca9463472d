/**
 * The few links that must not stay as they are for ever: those that connect, those whose output
 * waits, those that are being ended. One look at all of them now and then takes the place of a
 * timer for each.
 */
import { LinkState, type StreamLink } from './stream-link.ts';

/** Between two looks. Limits are seconds, so this much too late is soon enough. */
const LOOK_MICROS = 50_000;
/** How long a peer may take to end a connection too that was ended here. */
const CLOSE_PATIENCE_MICROS = 2e6;

export interface WatchLimits {
  readonly connectTimeoutMicros: number;
  readonly outputTimeoutMicros: number;
}

/** What is to be done with a link whose time is over. */
export interface WatchOwner {
  connectsTooSlowly(link: StreamLink): void;
  readsTooSlowly(link: StreamLink): void;
}

export class WatchedLinks {
  readonly #links = new Set<StreamLink>();
  readonly #limits: WatchLimits;
  #lookMicros = 0;

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  /** The link's time counts from now; a link whose output waits already keeps its time. */
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
      // All that waited at the last mark is gone: what waits now has come since.
      link.sinceMicros = nowMicros;
      link.markBytes = link.writtenBytes;
    } else if (elapsed > this.#limits.outputTimeoutMicros) {
      owner.readsTooSlowly(link);
    }
  }
}
