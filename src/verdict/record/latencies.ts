/** The latencies of a run, by name: each lane has a histogram of every one, and so have a window and a result. */
import type { Histogram } from '../../stats/histogram.ts';

/** The latencies that each lane records, in this order. */
export const LATENCIES = [
  'login',
  'acknowledgement',
  'delivery',
  'storedDelivery',
  'groupDelivery',
  'receipt',
  'sendDelay',
  'presence',
] as const;
export type LatencyName = (typeof LATENCIES)[number];

export type LatencyHistograms = Readonly<Record<LatencyName, Histogram>>;

/** One value per latency, by name. */
export function eachLatency<Value>(value: (name: LatencyName) => Value): Readonly<Record<LatencyName, Value>> {
  const values = Object.fromEntries(LATENCIES.map((name) => [name, value(name)]));
  return values as Record<LatencyName, Value>; // one entry per name
}
