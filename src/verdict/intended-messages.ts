/** How many messages were due in a time: what a load is judged against. */
import type { Arrivals } from '../driver/arrivals.ts';

/** Messages intended from one time to another; of phones that are away as intended as well. */
export type IntendedMessages = (fromMicros: number, toMicros: number) => number;

/** @param startMicros when traffic started, on the clock that the times are of. */
export function intendedMessages(arrivals: Arrivals, startMicros: number): IntendedMessages {
  return (fromMicros, toMicros) =>
    arrivals.countAt(toMicros - startMicros) - arrivals.countAt(Math.max(0, fromMicros - startMicros));
}
