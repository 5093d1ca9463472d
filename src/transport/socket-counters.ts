/**
 * What a thread counts of its sockets, as one row of doubles that another thread can read while it
 * runs: each has one writer and only grows (gauges are named so).
 */

export const SOCKET_COUNTERS = [
  'connectionsAccepted',
  'acceptsRefusedTableFull',
  'acceptsFailedDescriptors',
  'acceptsFailedMemory',
  'acceptsFailedOther',
  'connectsFailedRefused',
  'connectsFailedTimeOut',
  'connectsFailedUnreachable',
  'connectsFailedPorts',
  'connectsFailedDescriptors',
  'connectsFailedMemory',
  'connectsFailedOther',
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
export const SocketCounter = Object.fromEntries(SOCKET_COUNTERS.map((name, index) => [name, index])) as Readonly<
  Record<SocketCounterName, number>
>; // built from the same list

/** `amount` more (or fewer) in a counter. */
export function countSockets(counters: Float64Array, index: number, amount: number): void {
  counters[index] = (counters[index] as number) + amount; // `index` comes from the list above
}
