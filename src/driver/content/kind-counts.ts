/** Counts messages by kind, and the blobs that they refer to, in the counters of a lane. */
import { count, countBy } from '../../base/counters.ts';
import { DriverCounter } from '../terms/driver-counters.ts';
import type { MessageKinds } from './message-kinds.ts';

/** A message was acknowledged: what it refers to has been stored elsewhere by then. */
export function countAcknowledged(counters: Float64Array, kinds: MessageKinds, phone: number, number: number): void {
  const kind = kinds.kindOf(phone, number);
  count(counters, DriverCounter.kindMessages0 + kind);
  countBy(counters, DriverCounter.kindPayloadBytes0 + kind, kinds.payloadBytesOf(phone, number));
  countBy(counters, DriverCounter.kindBlobBytes0 + kind, kinds.blobBytesOf(phone, number));
}

/**
 * A phone has got a message for the first time, and fetches what it refers to.
 * @param blobBytes the size of that, as the message says; 0 if it refers to nothing.
 */
export function countDelivered(counters: Float64Array, blobBytes: number): void {
  if (blobBytes > 0) countBy(counters, DriverCounter.blobBytesFetched, blobBytes);
}
