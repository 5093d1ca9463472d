/**
 * What a thread counts of its sockets, as one row of doubles that another thread can read while it runs: each has one
 * writer and only grows (gauges are named so).
 */
import { count, counterPlaces } from '../base/counters.ts';
import { CloseReason } from '../wire/transport.ts';

export const SOCKET_COUNTERS = [
  'connectionsAccepted',
  'acceptsRefusedTableFull',
  'acceptsFailedDescriptors',
  'acceptsFailedMemory',
  'acceptsFailedOther',
  'connectsFailedRefused',
  'connectsFailedTimeOut',
  'connectsFailedUnreachable',
  'connectsFailedForbidden',
  'connectsFailedPorts',
  'connectsFailedDescriptors',
  'connectsFailedMemory',
  'connectsFailedOther',
  'handshakesFailed',
  'connectionsBroken',
  'slowReadersClosed',
  'outputPoolFullClosed',
  'closesUnanswered',
  'waits',
  'receives',
  'sends',
  'sendsPartial',
  'bytesReceived',
  'bytesSent',
  'outputWaitingBytes', // gauge
] as const;

export type SocketCounterName = (typeof SOCKET_COUNTERS)[number];

/** Place of each counter in a thread's row. */
export const SocketCounter = counterPlaces(SOCKET_COUNTERS);

/** Counts a connect that failed, by its reason. */
export function countRefusal(counters: Float64Array, reason: number): void {
  count(counters, refusalCounter(reason));
}

function refusalCounter(reason: number): number {
  switch (reason) {
    case CloseReason.CONNECT_REFUSED:
      return SocketCounter.connectsFailedRefused;
    case CloseReason.CONNECT_TIMED_OUT:
      return SocketCounter.connectsFailedTimeOut;
    case CloseReason.UNREACHABLE:
      return SocketCounter.connectsFailedUnreachable;
    case CloseReason.FORBIDDEN:
      return SocketCounter.connectsFailedForbidden;
    case CloseReason.PORTS_EXHAUSTED:
      return SocketCounter.connectsFailedPorts;
    case CloseReason.DESCRIPTORS_EXHAUSTED:
      return SocketCounter.connectsFailedDescriptors;
    case CloseReason.MEMORY_EXHAUSTED:
      return SocketCounter.connectsFailedMemory;
    case CloseReason.HANDSHAKE_FAILED:
      return SocketCounter.handshakesFailed;
    default:
      return SocketCounter.connectsFailedOther;
  }
}
