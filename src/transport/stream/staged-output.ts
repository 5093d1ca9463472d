/**
 * Output frames of one turn. They are staged here one by one, and a flush writes all frames of a connection at once,
 * because a write costs more than a frame.
 *
 *     | next segment of the connection or -1 | bytes |  frame, frame … |    both words int32
 *
 * Consecutive frames for one connection share a segment. After every flush the memory is filled from its start again,
 * so that only the part that one turn needs is ever touched. If the memory is full, claims return CLAIM_FULL until the
 * next flush.
 */
import { CLAIM_FULL } from '../../wire/transport.ts';
import { NO_SEGMENT, type StreamLink } from './stream-link.ts';

const HEADER_BYTES = 8;
const WORD_BYTES = 4;

export class StagedOutput {
  readonly view: DataView;
  readonly #bytes: Buffer;
  readonly #words: Int32Array;
  /** Links of the next flush, each once: at most all of the transport. */
  readonly #dirty: (StreamLink | null)[] = [];
  #dirtyCount = 0;
  #top = 0;
  /** The link of the last segment; a further frame for it extends that segment. */
  #topLink: StreamLink | null = null;
  #claimLink: StreamLink | null = null;
  #claimAt = 0;
  #claimBytes = 0;

  /** @param capacityBytes a multiple of 4. */
  constructor(capacityBytes: number) {
    const memory = new ArrayBuffer(capacityBytes);
    this.view = new DataView(memory);
    this.#bytes = Buffer.from(memory);
    this.#words = new Int32Array(memory);
  }

  get bytes(): number {
    return this.view.byteLength;
  }

  /** Bytes that a claim for any link is certain to get. */
  get roomBytes(): number {
    return Math.max(0, this.view.byteLength - this.#nextSegment() - HEADER_BYTES);
  }

  /** @returns an offset into the view, or CLAIM_FULL. */
  claim(link: StreamLink, bytes: number, reserveBytes: number): number {
    const at = link === this.#topLink ? this.#top : this.#nextSegment() + HEADER_BYTES;
    if (at + bytes + reserveBytes > this.view.byteLength) return CLAIM_FULL;
    this.#claimLink = link;
    this.#claimAt = at;
    this.#claimBytes = bytes;
    return at;
  }

  commit(): void {
    const link = this.#claimLink as StreamLink; // set by claim
    if (link === this.#topLink) {
      const word = (link.lastSegment >> 2) + 1;
      this.#words[word] = (this.#words[word] as number) + this.#claimBytes; // its own segment
    } else {
      this.#beginSegment(link, this.#claimAt - HEADER_BYTES);
    }
    link.stagedBytes += this.#claimBytes;
    this.#top = this.#claimAt + this.#claimBytes;
    this.#topLink = link;
    this.markDirty(link);
  }

  /** Includes the link in the next flush, even if nothing is staged for it. */
  markDirty(link: StreamLink): void {
    if (link.isDirty) return;
    link.isDirty = true;
    this.#dirty[this.#dirtyCount++] = link;
  }

  /** Calls back for each link that has staged output or was marked, then empties the memory. */
  flush(each: (link: StreamLink) => void): void {
    for (let n = 0; n < this.#dirtyCount; n++) {
      const link = this.#dirty[n] as StreamLink; // n < count
      this.#dirty[n] = null;
      link.isDirty = false;
      each(link);
      link.firstSegment = NO_SEGMENT;
      link.stagedBytes = 0;
    }
    this.#dirtyCount = 0;
    this.#top = 0;
    this.#topLink = null;
  }

  /** The link's staged output in a new buffer, which the socket keeps until it has been sent. */
  collect(link: StreamLink): Buffer {
    const collected = Buffer.allocUnsafe(link.stagedBytes);
    let to = 0;
    for (let at = link.firstSegment; at !== NO_SEGMENT; at = this.#words[at >> 2] as number) {
      const start = at + HEADER_BYTES;
      to += this.#bytes.copy(collected, to, start, start + (this.#words[(at >> 2) + 1] as number));
    }
    return collected;
  }

  #nextSegment(): number {
    return (this.#top + WORD_BYTES - 1) & -WORD_BYTES;
  }

  #beginSegment(link: StreamLink, at: number): void {
    this.#words[at >> 2] = NO_SEGMENT;
    this.#words[(at >> 2) + 1] = this.#claimBytes;
    if (link.firstSegment === NO_SEGMENT) link.firstSegment = at;
    else this.#words[link.lastSegment >> 2] = at;
    link.lastSegment = at;
  }
}
