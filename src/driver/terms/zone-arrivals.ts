/** Arrivals that follow the clocks of several countries: at one moment it is night in some and evening in others. */
import type { Arrivals } from './arrivals.ts';

export interface ZoneArrivals {
  /** Share of the phones in each zone; together 1. */
  readonly shares: readonly number[];
  /**
   * For each zone, the arrivals of all phones if all were in it. They have the same stages, so those of several zones
   * can be added.
   */
  readonly arrivals: readonly Arrivals[];
  /** The zone of phone p at p modulo its length, which is that of a round of account indexes (see block-order). */
  readonly zoneOf: Uint8Array;
}

/** The same with so many times the events. */
export function scaledZones(zones: ZoneArrivals, factor: number): ZoneArrivals {
  return { ...zones, arrivals: zones.arrivals.map((arrivals) => arrivals.scaled(factor)) };
}
