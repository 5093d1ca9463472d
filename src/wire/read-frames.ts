/**
 * The frames of read receipts, since minor version 1. Their bodies, in bytes, little-endian:
 *
 *     DELIVER_WITH_ID   0                                         10          14
 *                       +-----------------------------------------+-----------+---------
 *                       | message fields (sequence, sender)       | id u32    | payload …
 *                       +-----------------------------------------+-----------+---------
 *     READ              | message fields (id, author or reader)   |
 *
 * An author knows a message by its id, which DELIVER does not carry. So a phone that asks for it with its capabilities
 * gets DELIVER_WITH_ID instead. Accounts are read as those of DELIVER are.
 */
import { SERIAL_MASK } from '../base/serial-distance.ts';
import {
  BODY_BYTES_MAX,
  FrameType,
  HEADER_BYTES,
  MESSAGE_OVERHEAD_BYTES,
  WITH_ID_FIELDS_BYTES,
  writeMessage,
} from './frames.ts';

const ID_BYTES = 4;
/** Longest payload of a DELIVER_WITH_ID. A longer one comes in a DELIVER, and has no read receipt. */
export const PAYLOAD_WITH_ID_BYTES_MAX = BODY_BYTES_MAX - WITH_ID_FIELDS_BYTES;
export const READ_FRAME_BYTES = MESSAGE_OVERHEAD_BYTES;

/** Bytes of a DELIVER_WITH_ID with a payload of this size. */
export function messageWithIdFrameBytes(payloadBytes: number): number {
  return HEADER_BYTES + WITH_ID_FIELDS_BYTES + payloadBytes;
}

/**
 * Writes a DELIVER_WITH_ID except for its payload.
 * @param id by which the sender knows the message.
 * @returns the offset of the payload.
 */
export function writeMessageWithId(
  view: DataView,
  at: number,
  sequence: number,
  high: number,
  low: number,
  id: number,
  payloadBytes: number,
): number {
  const idAt = writeMessage(view, at, FrameType.DELIVER_WITH_ID, sequence, high, low, ID_BYTES + payloadBytes);
  view.setInt32(idAt, id, true);
  return idAt + ID_BYTES;
}

/** The id by which the sender of a DELIVER_WITH_ID knows the message. */
export function readMessageId(view: DataView, body: number): number {
  return view.getInt32(body + WITH_ID_FIELDS_BYTES - ID_BYTES, true) & SERIAL_MASK;
}

/** Where the payload of a DELIVER_WITH_ID starts. */
export function payloadWithIdStart(body: number): number {
  return body + WITH_ID_FIELDS_BYTES;
}

/** Writes a READ. The account is the author of the message if a phone sends it, the reader if the switch does. */
export function writeRead(view: DataView, at: number, id: number, high: number, low: number): void {
  writeMessage(view, at, FrameType.READ, id, high, low, 0);
}
