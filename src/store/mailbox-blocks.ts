/**
 * The pool of blocks of 128 bytes that mailboxes are made of, allocated once. A payload takes the rest of its first
 * block after a header of eight words, and further blocks that are chained through word 1.
 *
 *     word 0      of the owner; in some free blocks the next free one, see FreeRows
 *     word 1      next block of the payload, or 0
 *     word 2…7    of the owner; of a further block of a payload, only word 7 has a meaning, and is 0
 *     word 8…31   payload, 96 bytes
 *
 * Free blocks are used again last in, first out, so at a low depth the same few stay in the cache.
 */
import { assert } from '../base/assert.ts';
import { copyBytes } from '../base/copy-bytes.ts';
import { type FreeLinks, FreeRows } from '../base/free-rows.ts';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { PLAIN_MEMORY, type TableMemory } from '../base/table-memory.ts';

export const BLOCK_BYTES = 128;
export const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Where a block says whether it starts an entry of a mailbox; 0 if it does not. */
export const ENTRY_WORD = 7;
const CHAIN_WORD = 1;
const HEADER_BYTES = 32;
/** A block lies in two lines of the cache. */
const LINE_WORDS = 16;
const PART_BYTES = BLOCK_BYTES - HEADER_BYTES;

export class MailboxBlocks implements FreeLinks {
  readonly words: Int32Array;
  readonly #view: DataView;
  readonly #blocks: number;
  /** Block 0 stands for none. */
  #fresh = 1;
  readonly #free = new FreeRows(this);
  #prefetched = 0;

  /** @param blocks the most blocks that are in use. */
  constructor(blocks: number, memory: TableMemory = PLAIN_MEMORY) {
    this.#blocks = blocks + 1;
    this.words = memory.words((this.#blocks * BLOCK_BYTES) / Int32Array.BYTES_PER_ELEMENT);
    this.#view = new DataView(this.words.buffer);
  }

  /** The most blocks that can be in use. */
  get blocksMax(): number {
    return this.#blocks - 1;
  }

  /** The number behind the highest block that was ever used. */
  get fresh(): number {
    return this.#fresh;
  }

  /** How many are in use. */
  get used(): number {
    return this.#fresh - 1 - this.#free.length;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.words.byteLength;
    return [{ owner: 'switch', name: 'mailbox blocks', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Whether a payload of this size has room, and so many blocks besides. */
  hasRoom(payloadBytes: number, besides = 0): boolean {
    const blocks = Math.max(1, Math.ceil(payloadBytes / PART_BYTES)) + besides;
    return this.#free.length + this.#blocks - this.#fresh >= blocks;
  }

  take(): number {
    if (this.#free.length > 0) return this.#free.take();
    assert(this.#fresh < this.#blocks, 'room was checked before');
    return this.#fresh++;
  }

  /** Reads blocks that are taken soon, so many, in a loop that does nothing else: they arrive together then. */
  prefetchFree(count: number): void {
    const { words } = this;
    let sum = 0;
    for (let n = 0; n < count; n++) {
      const word = Math.max(0, this.#free.soon(n)) * BLOCK_WORDS;
      sum ^= (words[word] as number) ^ (words[word + LINE_WORDS] as number); // inside the pool
    }
    this.#prefetched ^= sum;
  }

  /** Gives a block back, with those of its payload. */
  giveChain(first: number): void {
    for (let block = first; block !== 0; ) {
      const next = this.words[block * BLOCK_WORDS + CHAIN_WORD] as number; // chains name blocks
      this.words[block * BLOCK_WORDS + ENTRY_WORD] = 0;
      this.#free.give(block);
      block = next;
    }
  }

  /** Blocks of a payload, with its first one. */
  chainLength(first: number): number {
    let blocks = 0;
    for (let block = first; block !== 0; blocks++) block = this.words[block * BLOCK_WORDS + CHAIN_WORD] as number; // chains name blocks
    return blocks;
  }

  /** Writes a payload into a block and further ones that it takes. */
  writePayload(first: number, payload: DataView, payloadAt: number, payloadBytes: number): void {
    let block = first;
    for (let done = 0; ; done += PART_BYTES) {
      const part = Math.min(payloadBytes - done, PART_BYTES);
      const to = block * BLOCK_BYTES + HEADER_BYTES;
      copyBytes(payload, payloadAt + done, this.#view, to, part);
      if (done + part >= payloadBytes) break;
      const next = this.take();
      this.words[next * BLOCK_WORDS + ENTRY_WORD] = 0;
      this.words[block * BLOCK_WORDS + CHAIN_WORD] = next;
      block = next;
    }
    this.words[block * BLOCK_WORDS + CHAIN_WORD] = 0;
  }

  copyPayload(first: number, payloadBytes: number, target: DataView, at: number): void {
    let left = payloadBytes;
    for (let block = first, to = at; left > 0; to += PART_BYTES) {
      const part = Math.min(left, PART_BYTES);
      copyBytes(this.#view, block * BLOCK_BYTES + HEADER_BYTES, target, to, part);
      block = this.words[block * BLOCK_WORDS + CHAIN_WORD] as number; // chains name blocks
      left -= part;
    }
  }

  nextFree(block: number): number {
    return this.words[block * BLOCK_WORDS] as number; // free blocks name free blocks
  }

  setNextFree(block: number, next: number): void {
    this.words[block * BLOCK_WORDS] = next;
  }

  /** A block that carries no payload has no further ones. */
  endChain(block: number): void {
    this.words[block * BLOCK_WORDS + CHAIN_WORD] = 0;
  }
}
