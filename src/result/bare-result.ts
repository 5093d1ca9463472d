/** A result without its histograms and time series: what no comparison reads, and what most of it consists of. */
import type { Result } from './result-schema.ts';

export function bareResult(result: Result): Result {
  const series = Object.fromEntries(Object.keys(result.series).map((name) => [name, []]));
  const latency = Object.entries(result.latency).map(([name, summary]) => [name, { ...summary, histogram: null }]);
  return {
    ...result,
    series: series as unknown as Result['series'], // every series it had, empty
    latency: Object.fromEntries(latency) as Result['latency'], // every latency it had
  };
}
