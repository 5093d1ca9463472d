/** The HTTP load of a run beside what phones saw meanwhile. Its curve is in the plot of latencies. */
import { formatCount, formatShort } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import type { LatencySummary } from '../../../../result/sections/latency-schema.ts';
import { latencyText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if the run had no HTTP load. */
export function httpSection({ http, latency }: Result): PageSection[] {
  if (http === null) return [];
  const { requests, answers2xx, answers4xx, answers5xx, errors } = http;
  const loads = [
    ['intended', `${formatShort(http.intendedPerSecond)}/s`],
    ['answered with ✓', `${formatShort(http.reachedPerSecond)}/s`],
    ['requests', formatCount(requests)],
    ['2xx, 4xx, 5xx, errors', [answers2xx, answers4xx, answers5xx, errors].map(formatCount).join(', ')],
    ['connections', formatCount(http.connections)],
  ];
  const latencies: readonly (readonly [string, LatencySummary])[] = [
    ['HTTP request until its answer', latency.http],
    ['of this, until the request was sent', http.sendDelay],
    ['message until it is delivered to a phone', latency.delivery],
  ];
  const html = markup`${table('HTTP load', ['HTTP load', 'found'], loads)}
${table(
  'Latency of HTTP requests and of phones',
  ['from the intended time', 'p50', 'p99', 'p99.9', 'max'],
  latencies.map(([name, one]) => [
    name,
    ...[one.p50Micros, one.p99Micros, one.p999Micros, one.maxMicros].map((micros) =>
      latencyText(micros, one.rangeMicros),
    ),
  ]),
)}
${noteList(['Each latency counts from the intended time, by a schedule of our own: the correction of autocannon is not used. Deliveries are those of messages by phones and by HTTP together.'])}`;
  return [{ id: 'http', title: 'HTTP beside phones', html }];
}
