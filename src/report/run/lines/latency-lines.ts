/**
 * Latencies in the summary of a run: one row per kind, and notes on what the rows cannot show, such as the number of
 * values above the range of the histograms.
 */
import { formatCount, formatCountOf, formatMicros } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';
import { columns } from '../../text/columns.ts';
import { latencyText } from '../../text/figure-text.ts';

/** In the order in which they occur in the life of a message. */
const ROWS: readonly (readonly [label: string, name: keyof Result['latency']])[] = [
  ['   send delay', 'sendDelay'],
  ['✓  acknowledged', 'acknowledgement'],
  ['✓  HTTP answer', 'http'],
  ['   delivered', 'delivery'],
  ['   delivered, stored', 'storedDelivery'],
  ['   delivered in groups', 'groupDelivery'],
  ['✓✓ receipt', 'receipt'],
  ['   login (ramp)', 'login'],
  ['   presence', 'presence'],
];

const SOMETIMES: readonly (keyof Result['latency'])[] = ['http', 'storedDelivery', 'groupDelivery', 'presence'];

export function latencyLines({ latency }: Result): string[] {
  // If no phone was away nothing was stored, and few runs have an HTTP load, groups or presence: their rows would be
  // empty.
  const isGroupsOnly = latency.delivery.count === 0 && latency.groupDelivery.count > 0;
  const isEmpty = (name: keyof Result['latency']): boolean =>
    (SOMETIMES.includes(name) || (isGroupsOnly && name === 'delivery')) && latency[name].count === 0;
  const shown = ROWS.filter(([, name]) => !isEmpty(name));
  return [
    ...columns([
      ['from intended time', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'],
      ...shown.map(([label, name]) => [label, ...cells(latency[name])]),
    ]),
    ...latencyNotes(latency),
  ];
}

/** Notes on the latencies of a result, one sentence each. */
export function latencyNotes(latency: Result['latency']): string[] {
  const { sendDelay, storedDelivery } = latency;
  const delay = [sendDelay.p50Micros, sendDelay.p99Micros].map((micros) => latencyText(micros, sendDelay.rangeMicros));
  return [
    ...(sendDelay.count > 0
      ? [`the driver's own part of each latency is the send delay, p50 ${delay[0]}, p99 ${delay[1]}`]
      : []),
    ...(storedDelivery.count > 0
      ? [`stored: ${formatCountOf(storedDelivery.count, 'message')} that waited when the recipient logged in`]
      : []),
    ...ROWS.flatMap(([label, name]) => above(label, latency[name])),
  ];
}

function above(label: string, { aboveRangeCount, rangeMicros, count }: LatencySummary): string[] {
  if (aboveRangeCount === 0) return [];
  const share = `${formatCount(aboveRangeCount)} of ${formatCount(count)}`;
  return [`${label.replace(/[✓ ]+/, '')}: ${share} took more than ${formatMicros(rangeMicros)}, the range of this run`];
}

function cells(summary: LatencySummary): string[] {
  const { p50Micros, p90Micros, p99Micros, p999Micros, p9999Micros, maxMicros, rangeMicros } = summary;
  return [p50Micros, p90Micros, p99Micros, p999Micros, p9999Micros, maxMicros].map((micros) =>
    latencyText(micros, rangeMicros),
  );
}
