/** A result without its histograms and time series, which are most of its size and which no comparison reads. */
import type { Result } from './result-schema.ts';

export function bareResult(result: Result): Result {
  return withoutBulk(result) as Result; // arrays stay arrays, and `histogram` may be null
}

/**
 * The same for a value that may not be a result; the schema then has a third of the work. A value without the shape of
 * a result is returned unchanged and fails the schema.
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
