/** The figures of storms, from what lanes have counted. */
import { STORM_BIN_MICROS, type StormCounts } from '../driver/storms/storm-tally.ts';
import type { StormResult } from '../result/sections/storms-schema.ts';
import { declaredStorms } from '../scenario/declared-storms.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { Histogram } from '../stats/histogram.ts';
import { type Mark, stormTarget } from './record/declared-disturbances.ts';

/**
 * @param counts of each storm; empty if the run ended before they were known.
 * @param marks of all disturbances of the run.
 */
export function stormsPart(
  settings: Pick<ScenarioSettings, 'storms' | 'network'>,
  counts: readonly StormCounts[],
  marks: readonly Mark[],
): StormResult[] {
  const storms = declaredStorms(settings);
  const starts = marks.filter(({ name }) => name === 'storm');
  return counts.flatMap((one, n) => {
    const declared = storms[n];
    if (declared === undefined) return [];
    const restored = new Histogram(one.restored);
    const within = (percent: number): number | null => secondsTo(restored, percent, one.dropped);
    return [
      {
        what: stormTarget(declared),
        notice: declared.notice,
        atSeconds: (starts[n]?.atMicros ?? declared.at) / 1e6,
        dropped: one.dropped,
        restored: restored.count,
        givenUp: one.givenUp,
        outageSeconds: declared.kind === 'outage' ? declared.outage.duration / 1e6 : null,
        riddenOut: one.riddenOut,
        restored50Seconds: within(50),
        restored90Seconds: within(90),
        restored99Seconds: within(99),
        restored999Seconds: within(99.9),
        peakLoginsPerSecond: one.logins.reduce((most, logins) => Math.max(most, logins), 0) * (1e6 / STORM_BIN_MICROS),
        deferred: one.deferred,
        loginsRefused: one.loginsRefused,
        messagesRejected: one.messagesRejected,
        deliveriesBefore: deliveries(new Histogram(one.before)),
        deliveriesStayed: deliveries(new Histogram(one.stayed)),
        binSeconds: STORM_BIN_MICROS / 1e6,
        logins: [...one.logins.subarray(0, one.logins.findLastIndex((logins) => logins > 0) + 1)],
      },
    ];
  });
}

/** Seconds until so many percent of all dropped phones had returned; null if they did not. */
function secondsTo(restored: Histogram, percent: number, dropped: number): number | null {
  const needed = Math.max(1, Math.ceil((percent / 100) * dropped));
  if (restored.count < needed) return null;
  return Math.min(restored.percentile((100 * needed) / restored.count), restored.max) / 1e6;
}

function deliveries(latency: Histogram): StormResult['deliveriesBefore'] {
  return {
    count: latency.count,
    p50Micros: latency.percentileOrNull(50),
    p99Micros: latency.percentileOrNull(99),
    p999Micros: latency.percentileOrNull(99.9),
  };
}
