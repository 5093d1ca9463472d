/**
 * The payload of a message between simulated phones. It carries what its recipient needs to measure the latency and to
 * check every byte, over any protocol:
 *
 *     byte 0  due time, microseconds modulo 2^32
 *     byte 4  number of the message among those of its sender in this run, from 1
 *     byte 8  check: a hash of sender, number, length, due time and run
 *     byte 12 due time, upper part: how often 2^32 microseconds had passed, 14 bits · whether many messages of its pair before
 *             it were refused in a row (RefusedPairs), 1 bit · whether this copy was sent again after an earlier
 *             connection was lost, 1 bit
 *     byte 14 run, 16 bits: the message may have waited since an earlier run
 *     byte 16 …  in a message of a kind with a blob: the reference to it (see blob-reference), 80 bytes
 *     then …     words derived from the check, then zeros up to the length. They stand for what the user wrote, or for
 *                the thumbnail of the blob
 */
import { mixPair } from '../../base/pseudo-random.ts';
import { type BlobReferences, blobBytesIn, isReferenceWhole, REFERENCE_BYTES } from './blob-reference.ts';

export const PAYLOAD_BYTES_MIN = 16;
const BODY_AT = 16;
const THUMBNAIL_AT = BODY_AT + REFERENCE_BYTES;
const HIGH_MASK = 2 ** 14 - 1;
const AFTER_REFUSALS_BIT = 2 ** 14;
const AGAIN_BIT = 2 ** 15;

function checkOf(sender: number, number: number, bytes: number, dueWord: number, highAndRun: number): number {
  return mixPair(mixPair(mixPair(sender, number), bytes), dueWord ^ Math.imul(highAndRun, HIGH_FACTOR));
}

/** Spreads the upper word over all bits of the check; any odd number will do. */
const HIGH_FACTOR = 0x9e3779b1;

/** Writes the payloads of the messages of one run. */
export class PayloadWriter {
  /** Of the next payload, set by the caller: when its message was due, in two words (see elapsed-micros). */
  dueWord = 0;
  dueHigh = 0;
  /** Of the next payload as well: whether earlier copies were sent on connections that were lost. */
  isSentAgain = false;
  /** And whether many of its pair before it were refused. */
  isAfterRefusals = false;
  readonly #runTag: number;
  readonly #references: BlobReferences | undefined;

  /**
   * @param runTag 16 bits.
   * @param references to blobs; no message has one without it.
   */
  constructor(runTag: number, references?: BlobReferences) {
    this.#runTag = runTag;
    this.#references = references;
  }

  /**
   * Writes the payload of a message of phone `sender`.
   * @param number of the message among the sender's, from 1.
   */
  write(view: DataView, at: number, bytes: number, sender: number, number: number): void {
    const { dueWord } = this;
    const high =
      (this.dueHigh & HIGH_MASK) | (this.isSentAgain ? AGAIN_BIT : 0) | (this.isAfterRefusals ? AFTER_REFUSALS_BIT : 0);
    const highAndRun = high | (this.#runTag << 16);
    const check = checkOf(sender, number, bytes, dueWord, highAndRun);
    view.setInt32(at, dueWord, true);
    view.setInt32(at + 4, number, true);
    view.setInt32(at + 8, check, true);
    view.setInt32(at + 12, highAndRun, true);
    let place = BODY_AT;
    if (this.#references !== undefined) place += this.#references.write(view, at + BODY_AT, sender, number);
    for (; place + 4 <= bytes; place += 4) view.setInt32(at + place, check ^ place, true);
    for (; place < bytes; place++) view.setUint8(at + place, 0);
  }
}

/** Due time of the message, microseconds modulo 2^32. */
export function payloadDueWord(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

/** Upper part of the due time: how often 2^32 microseconds had passed. */
export function payloadDueHigh(view: DataView, at: number): number {
  return view.getUint16(at + 12, true) & HIGH_MASK;
}

/** Whether earlier copies of the message were sent on connections that were lost. */
export function isPayloadSentAgain(view: DataView, at: number): boolean {
  return (view.getUint16(at + 12, true) & AGAIN_BIT) !== 0;
}

/** Whether many messages of its pair before it were refused in a row. */
export function isPayloadAfterRefusals(view: DataView, at: number): boolean {
  return (view.getUint16(at + 12, true) & AFTER_REFUSALS_BIT) !== 0;
}

/** The run in which the message was sent. */
export function payloadRunTag(view: DataView, at: number): number {
  return view.getUint16(at + 14, true);
}

/** The number of the message among those of its sender; meaningless in a payload that is not intact. */
export function payloadNumber(view: DataView, at: number): number {
  return view.getInt32(at + 4, true);
}

/** Checks the payloads that arrive in one run. */
export class PayloadReader {
  /**
   * Of the payload that was checked last: the size of the blob that it refers to, in bytes, as it says. 0 if it refers
   * to none, is not intact, or is of an earlier run.
   */
  blobBytes = 0;
  readonly #runTag: number;
  readonly #references: BlobReferences | undefined;

  /** @param references as of {@link PayloadWriter}. */
  constructor(runTag: number, references?: BlobReferences) {
    this.#runTag = runTag;
    this.#references = references;
  }

  /** Whether every byte is as phone `sender` wrote it. */
  isIntact(view: DataView, at: number, bytes: number, sender: number): boolean {
    this.blobBytes = 0;
    if (bytes < PAYLOAD_BYTES_MIN) return false;
    const number = payloadNumber(view, at);
    const check = checkOf(sender, number, bytes, payloadDueWord(view, at), view.getInt32(at + 12, true));
    if (view.getInt32(at + 8, true) !== check) return false;
    if (payloadRunTag(view, at) !== this.#runTag) return isOfEarlierRun(view, at, bytes, check);
    const references = this.#references;
    const blobBytes = references === undefined ? 0 : references.blobBytesOf(sender, number);
    if (references === undefined || blobBytes === 0) return isRestIntact(view, at, BODY_AT, bytes, check);
    const isIntact =
      bytes >= THUMBNAIL_AT &&
      references.isIntact(view, at + BODY_AT, sender, number, blobBytes) &&
      isRestIntact(view, at, THUMBNAIL_AT, bytes, check);
    if (isIntact) this.blobBytes = blobBytesIn(view, at + BODY_AT);
    return isIntact;
  }
}

/** Whether a payload is intact behind its head, where nobody knows which messages of its run had blobs. */
function isOfEarlierRun(view: DataView, at: number, bytes: number, check: number): boolean {
  if (isRestIntact(view, at, BODY_AT, bytes, check)) return true;
  if (bytes < THUMBNAIL_AT || !isReferenceWhole(view, at + BODY_AT)) return false;
  return isRestIntact(view, at, THUMBNAIL_AT, bytes, check);
}

/** Whether a payload is intact from a place on where nothing but words of its check are. */
function isRestIntact(view: DataView, at: number, from: number, bytes: number, check: number): boolean {
  let place = from;
  for (; place + 4 <= bytes; place += 4) {
    if (view.getInt32(at + place, true) !== (check ^ place)) return false;
  }
  for (; place < bytes; place++) if (view.getUint8(at + place) !== 0) return false;
  return true;
}
