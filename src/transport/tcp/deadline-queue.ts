/**
 * Descriptors that must be done with something by a time, all given the same time, so that the
 * queue is in order by itself. Bounded; an entry whose descriptor was done in time is passed over,
 * known by its number, when it comes up or when there is need of its place.
 */

export class DeadlineQueue {
  readonly #descriptors: Int32Array;
  readonly #numbers: Int32Array;
  readonly #times: Float64Array;
  readonly #mask: number;
  #head = 0;
  #length = 0;

  /** @param capacity a power of two. */
  constructor(capacity: number) {
    this.#descriptors = new Int32Array(capacity);
    this.#numbers = new Int32Array(capacity);
    this.#times = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.#mask = capacity - 1;
  }

  get bytes(): number {
    return this.#descriptors.byteLength + this.#numbers.byteLength + this.#times.byteLength;
  }

  get isFull(): boolean {
    return this.#length > this.#mask;
  }

  /** False: the queue is full. */
  push(descriptor: number, number: number, timeMicros: number): boolean {
    if (this.isFull) return false;
    const place = (this.#head + this.#length) & this.#mask;
    this.#descriptors[place] = descriptor;
    this.#numbers[place] = number;
    this.#times[place] = timeMicros;
    this.#length++;
    return true;
  }

  /** When the first is due; Infinity if none is. */
  time(): number {
    return this.#times[this.#head] as number; // inside; Infinity where there is none
  }

  descriptor(): number {
    return this.#descriptors[this.#head] as number; // asked only if there is one
  }

  number(): number {
    return this.#numbers[this.#head] as number; // asked only if there is one
  }

  /** Drops the first entries for as long as nothing is waited for. */
  trim(isWaiting: (descriptor: number, number: number) => boolean): void {
    while (this.#length > 0 && !isWaiting(this.descriptor(), this.number())) this.shift();
  }

  shift(): void {
    this.#times[this.#head] = Number.POSITIVE_INFINITY;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
  }
}
