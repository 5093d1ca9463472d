/**
 * Messages that were delivered and will be read after a fixed time: a FIFO queue in a ring of columns. All wait equally
 * long, so it is sorted by time. It doubles when it is full, up to a bound: only a run in which messages are read late
 * needs many places.
 *
 *     word 0   row of the reader    word 1   author    word 2   id    word 3   number
 *     time     when it is read, a double in a column of its own
 */

const WORDS = 4;
const PLACES_MIN = 2 ** 10;
/** At 24 bytes: 384 MiB. */
const PLACES_MAX = 2 ** 24;

export class UnreadMessages {
  /**
   * Set by the caller before a push, and until when the oldest waits: in arrays, since a double in a call may be
   * allocated.
   */
  readonly next = new Float64Array(1);
  readonly first = Float64Array.of(Number.POSITIVE_INFINITY);
  #places = PLACES_MIN;
  readonly #placesMax: number;
  #words = new Int32Array(PLACES_MIN * WORDS);
  #dueMicros = new Float64Array(PLACES_MIN);
  #head = 0;
  length = 0;

  /** @param placesMax a power of two. */
  constructor(placesMax = PLACES_MAX) {
    this.#placesMax = placesMax;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#dueMicros.byteLength;
  }

  /**
   * Adds a message that is read at the time in {@link next}.
   * @param row of the reader.
   * @param id by which the author knows it.
   * @param number among those of its author.
   * @returns false if the queue is full.
   */
  push(row: number, author: number, id: number, number: number): boolean {
    if (this.length === this.#places && !this.#grow()) return false;
    const place = (this.#head + this.length) & (this.#places - 1);
    const word = place * WORDS;
    this.#words[word] = row;
    this.#words[word + 1] = author;
    this.#words[word + 2] = id;
    this.#words[word + 3] = number;
    this.#dueMicros[place] = this.next[0] as number; // its only element
    if (this.length++ === 0) this.first[0] = this.next[0] as number;
    return true;
  }

  /** Of the oldest, like those below. */
  row(): number {
    return this.#words[this.#head * WORDS] as number; // inside the ring, here and below
  }

  author(): number {
    return this.#words[this.#head * WORDS + 1] as number;
  }

  id(): number {
    return this.#words[this.#head * WORDS + 2] as number;
  }

  number(): number {
    return this.#words[this.#head * WORDS + 3] as number;
  }

  shift(): void {
    this.#head = (this.#head + 1) & (this.#places - 1);
    this.length--;
    this.first[0] = this.length === 0 ? Number.POSITIVE_INFINITY : (this.#dueMicros[this.#head] as number);
  }

  /** Doubles the ring; the oldest message is then in its first place. */
  #grow(): boolean {
    if (this.#places >= this.#placesMax) return false;
    const words = new Int32Array(2 * this.#places * WORDS);
    const dueMicros = new Float64Array(2 * this.#places);
    const behind = this.#places - this.#head;
    words.set(this.#words.subarray(this.#head * WORDS));
    words.set(this.#words.subarray(0, this.#head * WORDS), behind * WORDS);
    dueMicros.set(this.#dueMicros.subarray(this.#head));
    dueMicros.set(this.#dueMicros.subarray(0, this.#head), behind);
    this.#words = words;
    this.#dueMicros = dueMicros;
    this.#places *= 2;
    this.#head = 0;
    return true;
  }
}
