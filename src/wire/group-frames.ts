/**
 * Frames of groups and broadcast lists, of minor version 1. PROTOCOL.md specifies them. JOIN and LEAVE have the layout
 * of a SEND without a payload: `writeMessage` and its readers in frames.ts serve them, and the group stands in place of
 * the recipient. DELIVER_GROUP begins as a DELIVER whose sender is the group, and continues:
 *
 *      byte 12             20              24             28
 *          +--------------+---------------+--------------+----------
 *          | author, u64  | version, u32  | id, u32      | payload …
 *          +--------------+---------------+--------------+----------
 */
import { SERIAL_MASK } from '../base/serial-distance.ts';
import { FrameType, GROUP_FIELDS_BYTES, HEADER_BYTES, payloadStart, writeHeader, writeMessage } from './frames.ts';

/** Bytes of the body of an ACKNOWLEDGED with version and members. */
const GROUP_ACKNOWLEDGED_BODY_BYTES = 12;
export const GROUP_ACKNOWLEDGED_FRAME_BYTES = HEADER_BYTES + GROUP_ACKNOWLEDGED_BODY_BYTES;

/** Bytes of author, version and id in a DELIVER_GROUP. */
const AUTHOR_FIELDS_BYTES = GROUP_FIELDS_BYTES - payloadStart(0);

/**
 * Writes the ACKNOWLEDGED of a message to a group, of a JOIN or of a LEAVE.
 * @param version version of the group, as an integer of 32 bits; signed or unsigned.
 * @param members of a message: its recipients; of a JOIN or LEAVE: the members of the group.
 */
export function writeGroupAcknowledged(view: DataView, at: number, id: number, version: number, members: number): void {
  const body = writeHeader(view, at, FrameType.ACKNOWLEDGED, GROUP_ACKNOWLEDGED_BODY_BYTES);
  view.setInt32(body, id, true);
  view.setInt32(body + 4, version, true);
  view.setInt32(body + 8, members, true);
}

/** Whether an ACKNOWLEDGED carries the version of a group and a number of members. */
export function hasGroupFields(body: number, end: number): boolean {
  return end - body >= GROUP_ACKNOWLEDGED_BODY_BYTES;
}

/** The version in an ACKNOWLEDGED that {@link hasGroupFields}. */
export function readAcknowledgedVersion(view: DataView, body: number): number {
  return view.getUint32(body + 4, true);
}

/** The number of members in an ACKNOWLEDGED that {@link hasGroupFields}. */
export function readAcknowledgedMembers(view: DataView, body: number): number {
  return view.getUint32(body + 8, true);
}

/** Bytes of a DELIVER_GROUP with a payload of this size. */
export function groupMessageFrameBytes(payloadBytes: number): number {
  return HEADER_BYTES + GROUP_FIELDS_BYTES + payloadBytes;
}

/**
 * Writes the first half of a DELIVER_GROUP, which says to whom it goes. The number of the group is passed in two halves
 * (see frames.ts). @returns where {@link writeGroupAuthor} writes the rest.
 */
export function writeGroupMessage(
  view: DataView,
  at: number,
  sequence: number,
  groupHigh: number,
  groupLow: number,
  payloadBytes: number,
): number {
  const bytes = AUTHOR_FIELDS_BYTES + payloadBytes;
  return writeMessage(view, at, FrameType.DELIVER_GROUP, sequence, groupHigh, groupLow, bytes);
}

/**
 * Writes the second half of a DELIVER_GROUP, except for its payload: it is the message with this id of its author, to
 * the members of a version of the group. @returns the offset of the payload.
 */
export function writeGroupAuthor(
  view: DataView,
  at: number,
  authorHigh: number,
  authorLow: number,
  version: number,
  id: number,
): number {
  view.setInt32(at, authorLow, true);
  view.setInt32(at + 4, authorHigh, true);
  view.setInt32(at + 8, version, true);
  view.setInt32(at + 12, id, true);
  return at + AUTHOR_FIELDS_BYTES;
}

/** Bits 32 and higher of the author of a DELIVER_GROUP. */
export function readAuthorHigh(view: DataView, body: number): number {
  return view.getUint32(payloadStart(body) + 4, true);
}

/** Bits 0 to 31 of the author of a DELIVER_GROUP, as a signed integer. */
export function readAuthorLow(view: DataView, body: number): number {
  return view.getInt32(payloadStart(body), true);
}

/** The version of the group when the message of a DELIVER_GROUP was accepted: its members then are the recipients. */
export function readGroupVersion(view: DataView, body: number): number {
  return view.getUint32(payloadStart(body) + 8, true);
}

/** The author's id of the message of a DELIVER_GROUP. */
export function readAuthorId(view: DataView, body: number): number {
  return view.getInt32(payloadStart(body) + 12, true) & SERIAL_MASK;
}

/** Where the payload of a DELIVER_GROUP starts. */
export function groupPayloadStart(body: number): number {
  return body + GROUP_FIELDS_BYTES;
}
