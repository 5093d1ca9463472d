/**
 * The format of the files of a log. A file begins with a file header; frames of records follow; a footer ends it,
 * except the newest file, which still grows. All words are little-endian. Each of the three has 32 bytes:
 *
 *     file header                  frame header                    footer
 *     word 0   'TKLF'              'TKFR'                          'TKND'
 *     word 1   version, rewritten  bytes of records that follow    0
 *     word 2   shard               number of the frame, low        number of the next file's first frame, low
 *     word 3   identity of store   number of the frame, high       number of the next file's first frame, high
 *     word 4   number of the file  checksum of its records         bytes of the file before the footer
 *     word 5   first frame, low    number − newest synced frame    0
 *     word 6   first frame, high   0                               0
 *     word 7   checksum of words 0 to 6 of this header
 *
 * Frames are numbered in the order in which they were written, across files. A file that was rewritten without the
 * records that are no longer needed has bit 16 of word 1 set; its frames are numbered anew from its first. Its footer
 * still says which number follows, so that a missing file is noticed.
 */

import type { Checksum } from './log-disk.ts';

export const LOG_HEADER_BYTES = 32;
export const FORMAT_VERSION = 2;
const WORD_BYTES = 4;
const CHECKSUM_WORD = 7;
/** The first word of each header, as an integer. */
export const Magic = { FILE: 0x464c_4b54, FRAME: 0x5246_4b54, FOOTER: 0x444e_4b54 } as const;

const REWRITTEN_BIT = 1 << 16;

/** Splits a number of a frame, which is below 2^53, into two words. */
const LOW = 2 ** 32;

export interface FileHeader {
  readonly version: number;
  /** Whether records that are no longer needed were left out. */
  readonly isRewritten: boolean;
  readonly shard: number;
  /** Chosen at random when the store was made, so that files of two stores are not mixed. */
  readonly identity: number;
  readonly file: number;
  readonly firstFrame: number;
}

export interface FrameHeader {
  readonly recordBytes: number;
  readonly frame: number;
  readonly recordsChecksum: number;
  /** The newest frame that was permanent when this one was written. */
  readonly syncedFrame: number;
}

export interface Footer {
  /** The number of the first frame of the next file. */
  readonly nextFrame: number;
  /** Bytes of the file before its footer. */
  readonly fileBytes: number;
}

/** Reads and writes headers of 32 bytes at the start of its own memory. */
export class HeaderBlock {
  readonly bytes = new Uint8Array(LOG_HEADER_BYTES);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #checked = this.bytes.subarray(0, CHECKSUM_WORD * WORD_BYTES);
  readonly #checksum: Checksum;

  constructor(checksum: Checksum) {
    this.#checksum = checksum;
  }

  /** Which header it is, one of {@link Magic}; 0 if it is none, or damaged. */
  get kind(): number {
    const magic = this.#word(0);
    const isKnown = magic === Magic.FILE || magic === Magic.FRAME || magic === Magic.FOOTER;
    return isKnown && this.#word(CHECKSUM_WORD) === this.#checksum(this.#checked, 0) ? magic : 0;
  }

  /** Whether it begins like a header of this kind, damaged or not. */
  beginsLike(magic: number): boolean {
    return this.#word(0) === magic;
  }

  writeFile({ version, isRewritten, shard, identity, file, firstFrame }: FileHeader): void {
    const form = version | (isRewritten ? REWRITTEN_BIT : 0);
    this.#write(Magic.FILE, form, shard, identity, file, firstFrame % LOW, Math.floor(firstFrame / LOW));
  }

  readFile(): FileHeader {
    return {
      version: this.#word(1) & (REWRITTEN_BIT - 1),
      isRewritten: (this.#word(1) & REWRITTEN_BIT) !== 0,
      shard: this.#word(2),
      identity: this.#word(3),
      file: this.#word(4),
      firstFrame: this.#word(6) * LOW + this.#word(5),
    };
  }

  writeFrame({ recordBytes, frame, recordsChecksum, syncedFrame }: FrameHeader): void {
    this.#write(
      Magic.FRAME,
      recordBytes,
      frame % LOW,
      Math.floor(frame / LOW),
      recordsChecksum,
      frame - syncedFrame,
      0,
    );
  }

  readFrame(): FrameHeader {
    const frame = this.#word(3) * LOW + this.#word(2);
    return {
      recordBytes: this.#word(1),
      frame,
      recordsChecksum: this.#word(4),
      syncedFrame: frame - this.#word(5),
    };
  }

  writeFooter({ nextFrame, fileBytes }: Footer): void {
    this.#write(Magic.FOOTER, 0, nextFrame % LOW, Math.floor(nextFrame / LOW), fileBytes, 0, 0);
  }

  readFooter(): Footer {
    return { nextFrame: this.#word(3) * LOW + this.#word(2), fileBytes: this.#word(4) };
  }

  #write(magic: number, one: number, two: number, three: number, four: number, five: number, six: number): void {
    const view = this.#view;
    view.setUint32(0, magic, true);
    view.setUint32(4, one, true);
    view.setUint32(8, two, true);
    view.setUint32(12, three, true);
    view.setUint32(16, four, true);
    view.setUint32(20, five, true);
    view.setUint32(24, six, true);
    view.setUint32(28, this.#checksum(this.#checked, 0), true);
  }

  #word(n: number): number {
    return this.#view.getUint32(n * WORD_BYTES, true);
  }
}
