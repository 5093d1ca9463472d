/**
 * Packets on their way through a simulated network: a bounded store of small blocks, since most packets are far shorter
 * than the longest. A packet is named by its first block; one without room is not taken, and its network loses it.
 * Three columns have, for each block:
 *
 *     view    128 bytes of the packet
 *     next    the packet's next block, -1 for its last; of a free block: the next free one
 *     bytes   length of the packet, if it begins here
 */
import { copyBytes } from '../../../base/copy-bytes.ts';

const BLOCK_BYTES = 128;
/** Returned if there is no room, and the end of a list. */
export const NO_PACKET = -1;

export class PacketStore {
  readonly #view: DataView;
  /** Of a block in use: the packet's next block; of a free one: the next free one. */
  readonly #next: Int32Array;
  readonly #bytes: Uint16Array;
  #free = 0;
  #freeBlocks: number;

  /** @param blocksMax most packets that are held, if each fits one block; longer ones take several. */
  constructor(blocksMax: number) {
    this.#view = new DataView(new ArrayBuffer(blocksMax * BLOCK_BYTES));
    this.#next = Int32Array.from({ length: blocksMax }, (_, block) => (block + 1 < blocksMax ? block + 1 : NO_PACKET));
    this.#bytes = new Uint16Array(blocksMax);
    this.#freeBlocks = blocksMax;
  }

  get bytes(): number {
    return this.#view.byteLength + this.#next.byteLength + this.#bytes.byteLength;
  }

  /** Copies the packet `view[start, start + bytes)`. @returns its first block, or {@link NO_PACKET} without room. */
  put(view: DataView, start: number, bytes: number): number {
    const needed = Math.ceil(bytes / BLOCK_BYTES);
    if (needed > this.#freeBlocks) return NO_PACKET;
    const first = this.#free;
    let last = first;
    for (let n = 0; n < needed; n++) {
      last = this.#free;
      this.#free = this.#next[last] as number; // there are enough free ones
      const from = n * BLOCK_BYTES;
      copyBytes(view, start + from, this.#view, last * BLOCK_BYTES, Math.min(BLOCK_BYTES, bytes - from));
    }
    this.#next[last] = NO_PACKET;
    this.#bytes[first] = bytes;
    this.#freeBlocks -= needed;
    return first;
  }

  /** Copies a packet out and frees its room. @returns its length in bytes. */
  take(first: number, into: DataView, at: number): number {
    const bytes = this.#bytes[first] as number; // the first block of a packet
    let block = first;
    for (let from = 0; from < bytes; from += BLOCK_BYTES) {
      copyBytes(this.#view, block * BLOCK_BYTES, into, at + from, Math.min(BLOCK_BYTES, bytes - from));
      const next = this.#next[block] as number; // a block of the packet
      this.#next[block] = this.#free;
      this.#free = block;
      this.#freeBlocks++;
      block = next;
    }
    return bytes;
  }
}
