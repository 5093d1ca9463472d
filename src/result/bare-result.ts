/** A result without its histograms and time series: what no comparison reads, and what most of it consists of. */
import type { Result } from './result-schema.ts';

export function bareResult(result: Result): Result {
  return withoutBulk(result) as Result; // lists are lists still, and a histogram may be null
}

/**
 * The same of anything that may be a result: to check what is left takes a third of the time. What has not the
 * form of one stays as it is, to be complained of.
 */
export function withoutBulk(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { series, latency } = value;
  return {
    ...value,
    ...(isRecord(series) ? { series: mapped(series, (one) => (Array.isArray(one) ? [] : one)) } : {}),
    ...(isRecord(latency) ? { latency: mapped(latency, withoutHistogram) } : {}),
  };
}

function withoutHistogram(summary: unknown): unknown {
  return isRecord(summary) && typeof summary['histogram'] === 'string' ? { ...summary, histogram: null } : summary;
}

function mapped(record: Readonly<Record<string, unknown>>, change: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
