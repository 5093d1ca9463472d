/**
 * The payload of a message that a program sends through a gateway, on behalf of a business account. It begins with 16
 * bytes like those of simulated phones (driver/content/payload), so that the recipient can measure the latency and
 * check every byte; the text of the sender follows.
 *
 *     byte 0  due time, microseconds modulo 2^32
 *     byte 4  id of the message on the wire
 *     byte 8  check: a hash of sender, recipient, id, length, due time, run and text
 *     byte 12 due time, upper part: how often 2^32 microseconds had passed, 16 bits
 *     byte 14 run, 16 bits
 *     byte 16 …  the text
 *
 * The recipient is part of the check, because a phone does not know who may write to it by this way.
 */
import { mixPair } from '../base/pseudo-random.ts';
import { GROUP_PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX } from './frames.ts';

/** Bytes before the text. */
export const ENVELOPE_BYTES = 16;
/** The longest text that fits in a frame. */
export const TEXT_BYTES_MAX = PAYLOAD_BYTES_MAX - ENVELOPE_BYTES;
/** The longest text to a group. */
export const GROUP_TEXT_BYTES_MAX = GROUP_PAYLOAD_BYTES_MAX - ENVELOPE_BYTES;

const CHECK_AT = 8;
/** Range of the lower part of a due time. */
const WORD_MICROS = 2 ** 32;
const HIGH_MASK = 0xffff;

/** What a gateway knows of a message besides its text. */
export interface BusinessMessage {
  /** Account indexes. */
  readonly sender: number;
  readonly recipient: number;
  /** Id on the wire. */
  readonly id: number;
  /** When the message was due, in microseconds of the run. */
  readonly dueMicros: number;
  /** 16 bits that tell runs apart. */
  readonly runTag: number;
}

/** Writes the payload of a message; it takes ENVELOPE_BYTES more than the text. */
export function writeBusinessPayload(view: DataView, at: number, message: BusinessMessage, text: Uint8Array): void {
  const bytes = ENVELOPE_BYTES + text.length;
  const high = Math.floor(message.dueMicros / WORD_MICROS) & HIGH_MASK;
  view.setInt32(at, message.dueMicros | 0, true);
  view.setInt32(at + 4, message.id, true);
  view.setInt32(at + 12, high | (message.runTag << 16), true);
  new Uint8Array(view.buffer, view.byteOffset + at + ENVELOPE_BYTES, text.length).set(text);
  view.setInt32(at + CHECK_AT, checkOf(view, at, bytes, message.sender, message.recipient), true);
}

/** Whether every byte is as the gateway wrote it for this sender and this recipient, both account indexes. */
export function isBusinessPayloadIntact(
  view: DataView,
  at: number,
  bytes: number,
  sender: number,
  recipient: number,
): boolean {
  return bytes >= ENVELOPE_BYTES && view.getInt32(at + CHECK_AT, true) === checkOf(view, at, bytes, sender, recipient);
}

/** A hash of everything but the check itself. */
function checkOf(view: DataView, at: number, bytes: number, sender: number, recipient: number): number {
  let hash = mixPair(mixPair(sender, recipient), bytes);
  let place = 0;
  for (; place + 4 <= bytes; place += 4) {
    if (place !== CHECK_AT) hash = mixPair(hash, view.getInt32(at + place, true));
  }
  for (; place < bytes; place++) hash = mixPair(hash, view.getUint8(at + place));
  return hash;
}
