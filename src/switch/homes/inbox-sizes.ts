/**
 * How large the inboxes of shards must be, in bytes: room for any hop, and a reserve for the answers to open questions.
 */
import { PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { HOP_NAMES, HOPS, hopBytes } from './hop-table.ts';

/** Largest answer in a ring, in bytes: the reserve per open question. */
const ANSWER_BYTES_MAX = Math.max(...HOP_NAMES.filter((name) => HOPS[name].isAnswer).map((name) => hopBytes(name, 0)));
/** Room for the padding that any record may need at the end of the ring. */
const PADDING_BYTES = 2 * ANSWER_BYTES_MAX;

/** Bytes of every inbox that only answers may use. */
export function inboxReserveBytes(questionsMax: number): number {
  return questionsMax * ANSWER_BYTES_MAX + PADDING_BYTES;
}

/** The largest hop in a ring, in bytes: a message that fills its frame. */
const HOP_BYTES_MAX = Math.max(
  ...HOP_NAMES.map((name) => hopBytes(name, HOPS[name].hasPayload ? PAYLOAD_BYTES_MAX : 0)),
);

/**
 * Smallest inbox, in bytes, where the largest hop fits at any position in addition to the reserve. A smaller one could
 * block a shard forever.
 */
export function inboxBytesMin(questionsMax: number): number {
  return inboxReserveBytes(questionsMax) + 2 * HOP_BYTES_MAX;
}

/** Number of open questions for whose answers an inbox of this size has room; the inverse of {@link inboxBytesMin}. */
export function inboxQuestionsMax(inboxBytes: number): number {
  return Math.floor((inboxBytes - inboxBytesMin(0)) / ANSWER_BYTES_MAX);
}
