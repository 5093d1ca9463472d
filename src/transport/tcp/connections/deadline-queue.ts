/**
 * Descriptors with a deadline. All have the same time allowance, so the queue is in order of deadlines without sorting.
 * It is bounded. An entry whose descriptor finished in time is recognised by its number and skipped, when it
 * comes first or when its place is needed.
 *
 * Times are whole milliseconds modulo 2^32, which need no allocation, so a delay is at most 12 days.
 */

const DELAY_MILLIS_MAX = 2 ** 30;

export class DeadlineQueue {
  readonly #delayMillis: number;
  readonly #descriptors: Int32Array;
  readonly #numbers: Int32Array;
  readonly #dueMillis: Int32Array;
  readonly #mask: number;
  #head = 0;
  #length = 0;

  /**
   * @param capacity a power of two.
   * @param delayMillis time after which an entry is due.
   */
  constructor(capacity: number, delayMillis: number) {
    this.#delayMillis = Math.min(DELAY_MILLIS_MAX, Math.ceil(delayMillis));
    this.#descriptors = new Int32Array(capacity);
    this.#numbers = new Int32Array(capacity);
    this.#dueMillis = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  get bytes(): number {
    return this.#descriptors.byteLength + this.#numbers.byteLength + this.#dueMillis.byteLength;
  }

  get isFull(): boolean {
    return this.#length > this.#mask;
  }

  /** @returns false if the queue is full. */
  push(descriptor: number, number: number, nowMillis: number): boolean {
    if (this.isFull) return false;
    const place = (this.#head + this.#length) & this.#mask;
    this.#descriptors[place] = descriptor;
    this.#numbers[place] = number;
    this.#dueMillis[place] = (nowMillis + this.#delayMillis) | 0;
    this.#length++;
    return true;
  }

  /** Whether there is a first entry and it is due. */
  isDue(nowMillis: number): boolean {
    return this.#length > 0 && ((nowMillis - (this.#dueMillis[this.#head] as number)) | 0) >= 0; // inside
  }

  descriptor(): number {
    return this.#descriptors[this.#head] as number; // only called if there is one
  }

  number(): number {
    return this.#numbers[this.#head] as number; // only called if there is one
  }

  /** Drops entries from the front until one is still waited for. */
  trim(isWaiting: (descriptor: number, number: number) => boolean): void {
    while (this.#length > 0 && !isWaiting(this.descriptor(), this.number())) this.shift();
  }

  shift(): void {
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
  }
}
