/**
 * What simulated phones write to each other. A payload can be checked by whoever gets it:
 *
 *     byte 0  when it was due, microseconds modulo 2^32
 *     byte 4  the sender's id of it
 *     byte 8  check: a mix of sender, id, length and due time
 *     byte 12 how often 2^32 microseconds had passed when it was due
 *     byte 16 …  words that follow from the check, then zeros up to the length
 */
import { mixPair } from '../base/mix.ts';

export const PAYLOAD_BYTES_LEAST = 16;
const BODY_AT = 16;

function checkOf(sender: number, id: number, bytes: number, dueWord: number, dueHigh: number): number {
  return mixPair(mixPair(mixPair(sender, id), bytes), dueWord ^ Math.imul(dueHigh, HIGH_FACTOR));
}

/** Any odd number: the upper word changes the check as the lower one does. */
const HIGH_FACTOR = 0x9e3779b1;

/** Writes the payload of message `id` of phone `sender`, due at a moment of two words (see elapsed-micros). */
export function writePayload(
  view: DataView,
  at: number,
  bytes: number,
  sender: number,
  id: number,
  dueWord: number,
  dueHigh: number,
): void {
  const check = checkOf(sender, id, bytes, dueWord, dueHigh);
  view.setInt32(at, dueWord, true);
  view.setInt32(at + 4, id, true);
  view.setInt32(at + 8, check, true);
  view.setInt32(at + 12, dueHigh, true);
  let place = BODY_AT;
  for (; place + 4 <= bytes; place += 4) view.setInt32(at + place, check ^ place, true);
  for (; place < bytes; place++) view.setUint8(at + place, 0);
}

/** When the message was due, microseconds modulo 2^32. */
export function payloadDueWord(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

/** How often 2^32 microseconds had passed when the message was due. */
export function payloadDueHigh(view: DataView, at: number): number {
  return view.getInt32(at + 12, true);
}

export function payloadId(view: DataView, at: number): number {
  return view.getInt32(at + 4, true);
}

/** Whether every byte is what phone `sender` wrote. */
export function isPayloadIntact(view: DataView, at: number, bytes: number, sender: number): boolean {
  if (bytes < PAYLOAD_BYTES_LEAST) return false;
  const check = checkOf(sender, payloadId(view, at), bytes, payloadDueWord(view, at), payloadDueHigh(view, at));
  if (view.getInt32(at + 8, true) !== check) return false;
  let place = BODY_AT;
  for (; place + 4 <= bytes; place += 4) {
    if (view.getInt32(at + place, true) !== (check ^ place)) return false;
  }
  for (; place < bytes; place++) if (view.getUint8(at + place) !== 0) return false;
  return true;
}
