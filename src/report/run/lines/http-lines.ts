/** The HTTP load in the summary of a run. Its latencies stand beside those of phones: see latency-lines. */
import { formatCount, formatCountOf, formatLatency, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';

export function httpLines({ http }: Result): string[] {
  if (http === null) return [];
  const { requests, answers2xx, answers4xx, answers5xx, errors, sendDelay } = http;
  const late =
    sendDelay.p99Micros === null ? 'not measured' : formatLatency(sendDelay.p99Micros, sendDelay.rangeMicros);
  return [
    `${formatShort(http.reachedPerSecond)} sends/s answered with ✓ of ${formatShort(http.intendedPerSecond)} intended, ${formatCountOf(http.connections, 'connection')}`,
    `${formatCountOf(requests, 'request')}: ${formatCount(answers2xx)} 2xx, ${formatCount(answers4xx)} 4xx, ${formatCount(answers5xx)} 5xx, ${formatCountOf(errors, 'error')}`,
    `latency counts from the intended time, with our own schedule on top of autocannon; requests were sent late by ${late} (p99)`,
  ];
}
