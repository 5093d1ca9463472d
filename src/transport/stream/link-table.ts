/** The numbers of connections: dense, from 0 on, used again as soon as they are released. */
import { assert } from '../../base/assert.ts';
import { LinkState, type StreamLink } from './stream-link.ts';

export class LinkTable {
  readonly #most: number;
  readonly #links: (StreamLink | null)[] = [];
  readonly #free: number[] = [];

  /** @param most connections at the same time; beyond it there is no number. */
  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#free.length === 0 && this.#links.length === this.#most;
  }

  /** Gives a link its number. */
  add(link: StreamLink): void {
    assert(!this.isFull, 'whoever adds a link has asked for room');
    link.connection = this.#free.pop() ?? this.#links.length;
    this.#links[link.connection] = link;
  }

  get(connection: number): StreamLink {
    const link = this.#links[connection];
    assert(link !== undefined && link !== null, 'the owner names connections that it was given');
    return link;
  }

  /** Takes the number back; from now on the link is nobody's. */
  remove(link: StreamLink): void {
    assert(this.#links[link.connection] === link, 'a connection is released once');
    this.#links[link.connection] = null;
    this.#free.push(link.connection);
    link.state = LinkState.FREE;
    link.dropInput();
  }

  forEach(visit: (link: StreamLink) => void): void {
    for (const link of this.#links) if (link !== null) visit(link);
  }
}
