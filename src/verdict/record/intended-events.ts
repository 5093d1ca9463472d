/** The number of events that are due in a period, messages or returns of phones: the reference for the load. */
import type { Arrivals } from '../../driver/terms/arrivals.ts';

/** Events intended from one time to another; messages include those of phones that are away as intended. */
export type IntendedEvents = (fromMicros: number, toMicros: number) => number;

/** @param startMicros start of traffic, on the same clock as the times. */
export function intendedEvents(arrivals: Pick<Arrivals, 'countAt'>, startMicros: number): IntendedEvents {
  return (fromMicros, toMicros) =>
    arrivals.countAt(toMicros - startMicros) - arrivals.countAt(Math.max(0, fromMicros - startMicros));
}
