/**
 * Links with events for their owner, in the order of their first event. Each link is in the queue at most once, linked
 * through its own fields, so nothing is allocated, and the table of links bounds the queue.
 */
import type { StreamLink } from './stream-link.ts';

export class ReadyQueue {
  #first: StreamLink | null = null;
  #last: StreamLink | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(link: StreamLink): void {
    if (link.isReady) return;
    link.isReady = true;
    if (this.#last === null) this.#first = link;
    else this.#last.nextReady = link;
    this.#last = link;
    this.#length++;
  }

  /** Removes and returns the first link. The queue must not be empty. */
  shift(): StreamLink {
    const link = this.#first as StreamLink; // the queue is not empty
    this.#first = link.nextReady;
    if (this.#first === null) this.#last = null;
    link.nextReady = null;
    link.isReady = false;
    this.#length--;
    return link;
  }
}
