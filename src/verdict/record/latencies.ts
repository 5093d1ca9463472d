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

/** The latencies that each lane records once more for each platform of their recipients, in this order. */
export const PLATFORM_LATENCIES = ['delivery', 'storedDelivery'] as const satisfies readonly LatencyName[];
export type PlatformLatencyName = (typeof PLATFORM_LATENCIES)[number];
export type PlatformLatencies = Readonly<Record<PlatformLatencyName, Histogram>>;

/** The latencies of a number of platforms, in the order of the scenario. */
export function eachPlatform(
  platforms: number,
  value: (platform: number, name: PlatformLatencyName) => Histogram,
): PlatformLatencies[] {
  return Array.from({ length: platforms }, (_, platform) => ({
    delivery: value(platform, 'delivery'),
    storedDelivery: value(platform, 'storedDelivery'),
  }));
}

/** One value per latency, by name. */
export function eachLatency<Value>(value: (name: LatencyName) => Value): Readonly<Record<LatencyName, Value>> {
  const values = Object.fromEntries(LATENCIES.map((name) => [name, value(name)]));
  return values as Record<LatencyName, Value>; // one entry per name
}
