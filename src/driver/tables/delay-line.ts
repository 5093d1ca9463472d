/**
 * A FIFO queue of phones that act after a fixed delay: rows with the time when the delay ends, the number of attempts
 * so far, and the due time of the first attempt. All delays of one queue are equal, so it is sorted by time.
 *
 * Every phone may have to wait at once, but usually few do. The queue is a linked list of blocks that grows on demand
 * up to a bound; emptied blocks are reused, and none is freed.
 */

const BLOCK = 2 ** 12;

class Block {
  readonly rows = new Int32Array(BLOCK);
  readonly attempts = new Int32Array(BLOCK);
  readonly endMicros = new Float64Array(BLOCK);
  readonly firstDueMicros = new Float64Array(BLOCK);
  next: Block | undefined;

  get bytes(): number {
    return this.rows.byteLength + this.attempts.byteLength + this.endMicros.byteLength + this.firstDueMicros.byteLength;
  }
}

export class DelayLine {
  readonly #capacity: number;
  #firstBlock = new Block();
  #last = this.#firstBlock;
  #spare: Block | undefined;
  #blocks = 1;
  /**
   * Set by the caller before a push: when the delay of the phone ends, and when it was first due. In arrays, here and
   * below, since a double that is passed to a call may be allocated on the heap.
   */
  readonly next = new Float64Array(2);
  /** The same for the first phone in the queue; its delay ends at Infinity if there is none. */
  readonly first = Float64Array.of(Number.POSITIVE_INFINITY, 0);
  /** Place of the first phone in the first block, and of the next one in the last block. */
  #head = 0;
  #tail = 0;
  #length = 0;

  /** @param capacity the most phones that wait at the same time. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get bytes(): number {
    return this.#blocks * this.#firstBlock.bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a phone, with the time in {@link next} and its number of attempts. @returns false if the queue is full. */
  push(row: number, attempts: number): boolean {
    if (this.#length === this.#capacity) return false;
    if (this.#tail === BLOCK) this.#grow();
    const block = this.#last;
    const place = this.#tail;
    block.rows[place] = row;
    block.endMicros[place] = this.next[0] as number; // two places, here and below
    block.attempts[place] = attempts;
    block.firstDueMicros[place] = this.next[1] as number;
    this.#tail++;
    this.#length++;
    if (this.#length === 1) this.#showFirst();
    return true;
  }

  /** Row of the first phone in the queue. */
  row(): number {
    return this.#firstBlock.rows[this.#head] as number; // asked only if one waits, here and below
  }

  attempts(): number {
    return this.#firstBlock.attempts[this.#head] as number;
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
    this.#showFirst();
  }

  #showFirst(): void {
    const block = this.#firstBlock;
    this.first[0] = this.#length === 0 ? Number.POSITIVE_INFINITY : (block.endMicros[this.#head] as number);
    this.first[1] = block.firstDueMicros[this.#head] as number; // the head is inside the block
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
    const emptied = this.#firstBlock;
    if (emptied.next === undefined) return;
    this.#firstBlock = emptied.next;
    emptied.next = this.#spare;
    this.#spare = emptied;
  }
}
