/** The number of messages that are due in a period: the reference for the load. */
import type { Arrivals } from '../../driver/arrivals.ts';

/** Messages intended from one time to another, including those of phones that are away as intended. */
export type IntendedMessages = (fromMicros: number, toMicros: number) => number;

/** @param startMicros start of traffic, on the same clock as the times. */
export function intendedMessages(arrivals: Arrivals, startMicros: number): IntendedMessages {
  return (fromMicros, toMicros) =>
    arrivals.countAt(toMicros - startMicros) - arrivals.countAt(Math.max(0, fromMicros - startMicros));
}
