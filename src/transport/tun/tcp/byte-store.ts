/**
 * Bytes that a stack must keep: sent and not acknowledged, written and not sent, arrived out of order. All connections
 * share one store of fixed size, in blocks of three sizes, each of which holds contiguous bytes and names the next one
 * of its list. Pages of the store are given to a size when needed and returned when their last block is, so no size can
 * use up the store while its blocks are free.
 *
 *     word 0    next block of the list, or of the free ones of its page; NONE at the end
 *     word 1    sequence number of the first byte
 *     word 2    bytes of contents
 *     word 3    not used
 *     word 4…   contents: up to 112, 496 or 4080 bytes
 */

import { PLAIN_MEMORY, type TableMemory } from '../../../base/table-memory.ts';

/** No block: the end of a list, or no room. */
export const NO_BLOCK = -1;
export const PAGE_BYTES = 65_536;
/** Bytes of a block before its contents: the next block, the sequence number of its first byte, and its length. */
const BLOCK_HEADER_BYTES = 16;
const BLOCK_BYTES = [128, 512, 4096] as const;
/** The most that one block holds. */
export const BLOCK_CONTENT_BYTES_MAX = 4096 - BLOCK_HEADER_BYTES;
const PAGE_BITS = 16;
const NEXT = 0;
const SEQUENCE = 1;
const LENGTH = 2;
const NONE = -1;

export class ByteStore {
  readonly view: DataView;
  /** Bytes of the store. */
  readonly bytes: number;
  /** Bytes of pages that no block size has. */
  freeBytes: number;
  readonly #words: Int32Array;
  /**
   * For each page: bytes of its blocks, 0 while it is free; blocks in use; first free block; end of those ever used;
   * links.
   */
  readonly #blockBytes: Int32Array;
  readonly #used: Int32Array;
  readonly #free: Int32Array;
  readonly #fresh: Int32Array;
  readonly #nextPage: Int32Array;
  readonly #previousPage: Int32Array;
  /** The first page with a free block, by size, and in the last place the first page that no size has. */
  readonly #firstPage: Int32Array;

  /** @param bytes at most 1 GiB; rounded up to whole pages. */
  constructor(bytes: number, memory: TableMemory = PLAIN_MEMORY) {
    const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
    this.bytes = pages * PAGE_BYTES;
    this.freeBytes = this.bytes;
    this.#words = memory.words(this.bytes / Int32Array.BYTES_PER_ELEMENT);
    this.view = new DataView(this.#words.buffer, this.#words.byteOffset, this.bytes);
    this.#blockBytes = new Int32Array(pages);
    this.#used = new Int32Array(pages);
    this.#free = new Int32Array(pages);
    this.#fresh = new Int32Array(pages);
    this.#nextPage = Int32Array.from({ length: pages }, (_, page) => (page + 1 < pages ? page + 1 : NONE));
    this.#previousPage = Int32Array.from({ length: pages }, (_, page) => page - 1);
    this.#firstPage = new Int32Array(BLOCK_BYTES.length + 1).fill(NONE);
    this.#firstPage[BLOCK_BYTES.length] = 0;
  }

  /**
   * Takes an empty block with room for `bytes`, at most {@link BLOCK_CONTENT_BYTES_MAX}.
   * @param reserveBytes free bytes to leave for others.
   * @returns {@link NO_BLOCK} if there is no room.
   */
  take(bytes: number, reserveBytes: number): number {
    const size =
      bytes + BLOCK_HEADER_BYTES <= BLOCK_BYTES[0] ? 0 : bytes + BLOCK_HEADER_BYTES <= BLOCK_BYTES[1] ? 1 : 2;
    let page = this.#firstPage[size] as number; // one of the sizes
    if (this.freeBytes - (page === NONE ? PAGE_BYTES : 0) < reserveBytes) return NO_BLOCK;
    if (page === NONE) {
      page = this.#takePage(size);
      if (page === NONE) return NO_BLOCK;
    }
    const blockBytes = this.#blockBytes[page] as number; // a page of the store, here and below
    let block = this.#free[page] as number;
    if (block === NONE) {
      block = page * PAGE_BYTES + (this.#fresh[page] as number);
      this.#fresh[page] = (this.#fresh[page] as number) + blockBytes;
    } else {
      this.#free[page] = this.next(block);
    }
    this.#used[page] = (this.#used[page] as number) + 1;
    if (this.#free[page] === NONE && this.#fresh[page] === PAGE_BYTES) this.#unlink(size, page);
    this.setNext(block, NO_BLOCK);
    this.setLength(block, 0);
    return block;
  }

  give(block: number): void {
    const page = block >> PAGE_BITS;
    const blockBytes = this.#blockBytes[page] as number; // the page of a block, here and below
    const size = blockBytes === BLOCK_BYTES[0] ? 0 : blockBytes === BLOCK_BYTES[1] ? 1 : 2;
    if (this.#free[page] === NONE && this.#fresh[page] === PAGE_BYTES) this.#link(size, page);
    this.setNext(block, this.#free[page] as number);
    this.#free[page] = block;
    const used = (this.#used[page] as number) - 1;
    this.#used[page] = used;
    if (used > 0) return;
    this.#unlink(size, page);
    this.#link(BLOCK_BYTES.length, page);
    this.freeBytes += PAGE_BYTES;
  }

  /** Gives back a list of blocks. */
  giveAll(first: number): void {
    for (let block = first; block !== NO_BLOCK; ) {
      const next = this.next(block);
      this.give(block);
      block = next;
    }
  }

  next(block: number): number {
    return this.#words[(block >> 2) + NEXT] as number; // callers name a block, here and below
  }

  setNext(block: number, next: number): void {
    this.#words[(block >> 2) + NEXT] = next;
  }

  /** The sequence number of the first byte. */
  sequence(block: number): number {
    return this.#words[(block >> 2) + SEQUENCE] as number;
  }

  setSequence(block: number, sequence: number): void {
    this.#words[(block >> 2) + SEQUENCE] = sequence;
  }

  length(block: number): number {
    return this.#words[(block >> 2) + LENGTH] as number;
  }

  setLength(block: number, bytes: number): void {
    this.#words[(block >> 2) + LENGTH] = bytes;
  }

  /** Where the contents of a block begin in {@link view}. */
  start(block: number): number {
    return block + BLOCK_HEADER_BYTES;
  }

  /** Bytes that still fit into the block. */
  roomBytes(block: number): number {
    return (this.#blockBytes[block >> PAGE_BITS] as number) - BLOCK_HEADER_BYTES - this.length(block);
  }

  #takePage(size: number): number {
    const page = this.#firstPage[BLOCK_BYTES.length] as number; // its last place
    if (page === NONE) return NONE;
    this.#unlink(BLOCK_BYTES.length, page);
    this.freeBytes -= PAGE_BYTES;
    this.#blockBytes[page] = BLOCK_BYTES[size] as number; // one of the sizes
    this.#free[page] = NONE;
    this.#fresh[page] = 0;
    this.#link(size, page);
    return page;
  }

  #link(list: number, page: number): void {
    const first = this.#firstPage[list] as number; // callers name a list and a page, here and below
    this.#nextPage[page] = first;
    this.#previousPage[page] = NONE;
    if (first !== NONE) this.#previousPage[first] = page;
    this.#firstPage[list] = page;
  }

  #unlink(list: number, page: number): void {
    const next = this.#nextPage[page] as number;
    const previous = this.#previousPage[page] as number;
    if (previous === NONE) this.#firstPage[list] = next;
    else this.#nextPage[previous] = next;
    if (next !== NONE) this.#previousPage[next] = previous;
  }
}
