/**
 * The reference to a blob: what a message with media carries in place of the photo, the voice note or the video, which
 * its author stores elsewhere and its recipients fetch from there. It follows the head of the payload (see payload):
 *
 *     byte 0  hash of the blob, 32 bytes: two words of seed, author and number of the message, then six that follow
 *             from these two and from the size
 *     byte 32 size of the blob in bytes, 32 bits
 *     byte 36 link, 44 ASCII characters: /media/blob/, then the first 16 bytes of the hash as hexadecimal digits
 *
 * What follows in the payload is the thumbnail. Words and sizes are little-endian.
 *
 * No two messages of a run have the same hash. A recipient computes from the seed what the reference must be. Of a
 * message that waited since an earlier run it knows neither the seed nor the kinds, but still finds each change of one
 * field, because the fields follow from each other.
 */
import { mix32, mixMixed, mixPair } from '../../base/pseudo-random.ts';

export const REFERENCE_BYTES = 80;
const DERIVED_AT = 8;
const SIZE_AT = 32;
const LINK_AT = 36;
/** The words of `/media/blob/`, with which each link begins. */
const LINK_HEAD = new Int32Array([0x64656d2f, 0x622f6169, 0x2f626f6c]);
const DIGITS_AT = LINK_AT + LINK_HEAD.byteLength;
/** Bytes of the hash that the link has as digits. */
const DIGITS_OF_BYTES = 16;
const HASH_SALT = 0x48415348;

/** What tells the size of the blob that a message refers to, in bytes; 0 if it refers to none. */
export interface Blobs {
  blobBytesOf(author: number, number: number): number;
}

/** Writes and checks the references in messages of one run. */
export class BlobReferences {
  readonly #blobs: Blobs;
  readonly #mixedSeed: number;

  constructor(seed: number, blobs: Blobs) {
    this.#blobs = blobs;
    this.#mixedSeed = mix32(seed ^ HASH_SALT);
  }

  /**
   * Writes the reference in a message, if it has one.
   * @returns bytes written: REFERENCE_BYTES, or 0.
   */
  write(view: DataView, at: number, author: number, number: number): number {
    const blobBytes = this.#blobs.blobBytesOf(author, number);
    if (blobBytes === 0) return 0;
    const low = mixMixed(this.#mixedSeed, author);
    const high = mixPair(low, number);
    const first = low ^ mix32(high);
    view.setInt32(at, first, true);
    view.setInt32(at + 4, high ^ mix32(first), true);
    view.setInt32(at + SIZE_AT, blobBytes, true);
    const root = rootOf(view, at);
    for (let place = DERIVED_AT; place < SIZE_AT; place += 4) view.setInt32(at + place, mixMixed(root, place), true);
    for (let n = 0; n < LINK_HEAD.length; n++) {
      view.setInt32(at + LINK_AT + 4 * n, LINK_HEAD[n] as number, true); // inside
    }
    for (let place = 0; place < DIGITS_OF_BYTES; place += 2) {
      view.setInt32(at + DIGITS_AT + 2 * place, digitsOf(view.getUint16(at + place, true)), true);
    }
    return REFERENCE_BYTES;
  }

  /** Size of the blob that a message has to refer to, in bytes; 0 if it has no reference. */
  blobBytesOf(author: number, number: number): number {
    return this.#blobs.blobBytesOf(author, number);
  }

  /** Whether each field is as the author of a message of this run wrote it. @param blobBytes what the size must be. */
  isIntact(view: DataView, at: number, author: number, number: number, blobBytes: number): boolean {
    const low = mixMixed(this.#mixedSeed, author);
    const high = mixPair(low, number);
    const first = low ^ mix32(high);
    return (
      view.getInt32(at, true) === first &&
      view.getInt32(at + 4, true) === (high ^ mix32(first)) &&
      blobBytesIn(view, at) === blobBytes &&
      isReferenceWhole(view, at)
    );
  }
}

/** The size of the blob, in bytes, as the reference says. */
export function blobBytesIn(view: DataView, at: number): number {
  return view.getInt32(at + SIZE_AT, true);
}

/** Whether the fields fit together, as those of each reference do, of whatever run. */
export function isReferenceWhole(view: DataView, at: number): boolean {
  const root = rootOf(view, at);
  for (let place = DERIVED_AT; place < SIZE_AT; place += 4) {
    if (view.getInt32(at + place, true) !== mixMixed(root, place)) return false;
  }
  for (let n = 0; n < LINK_HEAD.length; n++) {
    if (view.getInt32(at + LINK_AT + 4 * n, true) !== LINK_HEAD[n]) return false;
  }
  for (let place = 0; place < DIGITS_OF_BYTES; place += 2) {
    if (view.getInt32(at + DIGITS_AT + 2 * place, true) !== digitsOf(view.getUint16(at + place, true))) return false;
  }
  return true;
}

/** What the derived words of the hash follow from. */
function rootOf(view: DataView, at: number): number {
  return mixPair(mixPair(view.getInt32(at, true), view.getInt32(at + 4, true)), blobBytesIn(view, at));
}

/** The word of four characters that are the hexadecimal digits of two bytes: all four are computed side by side. */
function digitsOf(bytes: number): number {
  const digits = ((bytes >>> 4) & 0xf) | ((bytes & 0xf) << 8) | ((bytes & 0xf000) << 4) | ((bytes & 0xf00) << 16);
  const letters = ((digits + 0x06060606) >>> 4) & 0x01010101; // 1 for each digit from a to f
  return digits + 0x30303030 + letters * 0x27; // `0` is character 0x30, `a` is 0x61
}
