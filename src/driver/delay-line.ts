/**
 * Phones that do something after a fixed delay, in the order in which the delay ends: a queue of
 * rows with a time, the attempts made so far, and when the phone was first due. All delays of one
 * line are equal, so it is sorted by itself.
 *
 * A storm may make every phone wait, though a quiet run hardly any. So the line is a chain of
 * blocks that grows while it is longer than it has ever been, up to a bound; a block that has
 * been emptied is used again, and none is given back.
 */

const BLOCK = 2 ** 12;

class Block {
  readonly rows = new Int32Array(BLOCK);
  readonly attempts = new Int32Array(BLOCK);
  readonly times = new Float64Array(BLOCK);
  readonly firstDue = new Float64Array(BLOCK);
  next: Block | undefined;

  get bytes(): number {
    return this.rows.byteLength + this.attempts.byteLength + this.times.byteLength + this.firstDue.byteLength;
  }
}

export class DelayLine {
  readonly #capacity: number;
  #first = new Block();
  #last = this.#first;
  #spare: Block | undefined;
  #blocks = 1;
  /** The first one's time, Infinity for none: a double that is read from here needs no object. */
  readonly #firstTime = Float64Array.of(Number.POSITIVE_INFINITY);
  /** Place of the first phone in the first block, and of the next one in the last block. */
  #head = 0;
  #tail = 0;
  #length = 0;

  /** @param capacity the most phones that wait at the same time. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get bytes(): number {
    return this.#blocks * this.#first.bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** A phone is first due at a time. False: the line is full. */
  push(row: number, timeMicros: number): boolean {
    return this.pushAgain(row, timeMicros, 0, timeMicros);
  }

  /** A phone tries again at a time, after so many attempts. False: the line is full. */
  pushAgain(row: number, timeMicros: number, attempts: number, firstDueMicros: number): boolean {
    if (this.#length === this.#capacity) return false;
    if (this.#tail === BLOCK) this.#grow();
    const block = this.#last;
    const place = this.#tail;
    block.rows[place] = row;
    block.times[place] = timeMicros;
    block.attempts[place] = attempts;
    block.firstDue[place] = firstDueMicros;
    if (this.#length === 0) this.#firstTime[0] = timeMicros;
    this.#tail++;
    this.#length++;
    return true;
  }

  /** When the first one's delay ends; Infinity if none waits. */
  time(): number {
    return this.#firstTime[0] as number; // its only
  }

  row(): number {
    return this.#first.rows[this.#head] as number; // asked only if one waits, here and below
  }

  attempts(): number {
    return this.#first.attempts[this.#head] as number;
  }

  firstDue(): number {
    return this.#first.firstDue[this.#head] as number;
  }

  shift(): void {
    this.#head++;
    this.#length--;
    if (this.#length === 0) {
      this.#head = 0;
      this.#tail = 0; // a block is begun only for a phone that goes into it, so the first is the last
    } else if (this.#head === BLOCK) {
      this.#head = 0;
      this.#takeOutFirst();
    }
    this.#firstTime[0] = this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#first.times[this.#head] as number);
  }

  #grow(): void {
    const block = this.#spare ?? new Block();
    if (this.#spare === undefined) this.#blocks++;
    this.#spare = block.next;
    block.next = undefined;
    this.#last.next = block;
    this.#last = block;
    this.#tail = 0;
  }

  /** The first block is empty, and another follows, since phones still wait. */
  #takeOutFirst(): void {
    const emptied = this.#first;
    if (emptied.next === undefined) return;
    this.#first = emptied.next;
    emptied.next = this.#spare;
    this.#spare = emptied;
  }
}
