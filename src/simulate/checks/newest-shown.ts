/**
 * The newest number that was shown of each pair of a sender and where it sends to. Members of a group see its messages
 * each for themselves, so for a group there is one number per member, in a table of each author and group. So it grows
 * with the pairs that write to each other, which are few among the phones of a simulation, and ends with it.
 */
const NUMBERS = 2 ** 30;

export class NewestShown {
  /** By sender. */
  readonly #pairs: Map<number, number>[];
  readonly #inGroups = new Map<number, Map<number, number>>();

  constructor(phones: number) {
    this.#pairs = Array.from({ length: phones }, () => new Map());
  }

  /** @param via the recipient itself, or the group; undefined if nothing was shown. */
  of(sender: number, via: number, recipient: number): number | undefined {
    if (via === recipient) return this.#pairs[sender]?.get(via);
    return this.#inGroups.get(sender * NUMBERS + via)?.get(recipient);
  }

  set(sender: number, via: number, recipient: number, number: number): void {
    if (via === recipient) {
      this.#pairs[sender]?.set(via, number);
      return;
    }
    const key = sender * NUMBERS + via;
    const members = this.#inGroups.get(key) ?? new Map<number, number>();
    this.#inGroups.set(key, members.set(recipient, number));
  }
}
