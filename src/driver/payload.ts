/**
 * What simulated phones write to each other. A payload can be checked by whoever gets it:
 *
 *     byte 0  when it was due, microseconds modulo 2^32
 *     byte 4  the sender's id of it
 *     byte 8  check: a mix of sender, id and length
 *     byte 12 …  words that follow from the check, then zeros up to the length
 */
import { mixPair } from '../base/mix.ts';

export const PAYLOAD_BYTES_LEAST = 16;
const BODY_AT = 12;

function checkOf(sender: number, id: number, bytes: number): number {
  return mixPair(mixPair(sender, id), bytes);
}

/** Writes the payload of message `id` of phone `sender`. */
export function writePayload(
  view: DataView,
  at: number,
  bytes: number,
  sender: number,
  id: number,
  dueMicros: number,
): void {
  const check = checkOf(sender, id, bytes);
  view.setInt32(at, dueMicros, true);
  view.setInt32(at + 4, id, true);
  view.setInt32(at + 8, check, true);
  let place = BODY_AT;
  for (; place + 4 <= bytes; place += 4) view.setInt32(at + place, check ^ place, true);
  for (; place < bytes; place++) view.setUint8(at + place, 0);
}

/** When the message was due, microseconds modulo 2^32. */
export function payloadDueMicros(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

export function payloadId(view: DataView, at: number): number {
  return view.getInt32(at + 4, true);
}

/** Whether every byte is what phone `sender` wrote. */
export function isPayloadIntact(view: DataView, at: number, bytes: number, sender: number): boolean {
  if (bytes < PAYLOAD_BYTES_LEAST) return false;
  const check = checkOf(sender, payloadId(view, at), bytes);
  if (view.getInt32(at + 8, true) !== check) return false;
  let place = BODY_AT;
  for (; place + 4 <= bytes; place += 4) {
    if (view.getInt32(at + place, true) !== (check ^ place)) return false;
  }
  for (; place < bytes; place++) if (view.getUint8(at + place) !== 0) return false;
  return true;
}
