/** The links of a transport by their connection numbers, which are dense, begin at 0, and are reused once released. */
import { assert } from '../../base/assert.ts';
import { LinkState, type StreamLink } from './stream-link.ts';

export class LinkTable {
  readonly #linksMax: number;
  readonly #links: (StreamLink | null)[] = [];
  readonly #free: number[] = [];

  /**
   * @param linksMax connections at the same time; when all their numbers are in use the table `isFull`, and no link may
   * be added.
   */
  constructor(linksMax: number) {
    this.#linksMax = linksMax;
  }

  get isFull(): boolean {
    return this.#free.length === 0 && this.#links.length === this.#linksMax;
  }

  /** Gives a link its number. */
  add(link: StreamLink): void {
    assert(!this.isFull, 'a link is added only if there is room');
    link.connection = this.#free.pop() ?? this.#links.length;
    this.#links[link.connection] = link;
  }

  get(connection: number): StreamLink {
    const link = this.#links[connection];
    assert(link !== undefined && link !== null, 'the owner names connections that it was given');
    return link;
  }

  /** Frees the link's number; the link is not used any more. */
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
