/**
 * Platforms on the page of a run: a row for each with what its phones did, and one with how fast messages reached them.
 */
import { formatCount, formatMicros, formatShare } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import type { LatencySummary } from '../../../../result/sections/latency-schema.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if the phones had no platforms. */
export function platformsSection({ platforms }: Result): PageSection[] {
  if (platforms.length === 0) return [];
  const phones = platforms.map((one) => [
    one.name,
    formatShare(one.share),
    one.protocol,
    ...[one.connections, one.sessions, one.pushes, one.woken, one.messagesSent, one.messagesDelivered].map(formatCount),
  ]);
  const deliveries = platforms.map((one) => [one.name, ...cellsOf(one.delivery), ...cellsOf(one.storedDelivery)]);
  const html = markup`${table('Phones by platform', PHONES, phones)}
${table('Deliveries by platform of the recipient, while measuring', DELIVERIES, deliveries)}
${noteList(['A latency counts from the intended time of a message. A message waited if its recipient was away when it was accepted. – means too few messages.'])}`;
  return [{ id: 'platforms', title: 'Platforms', html }];
}

const PHONES = [
  'platform',
  'share of phones',
  'protocol',
  'online at the end',
  'sessions',
  'pushes',
  'sessions begun by a push',
  'messages sent',
  'delivered',
];
const DELIVERIES = [
  'platform',
  'deliveries to phones online',
  'their p50',
  'their p99',
  'deliveries that waited',
  'their p50',
  'their p99',
];

function cellsOf({ count, p50Micros, p99Micros }: LatencySummary): string[] {
  const cell = (micros: number | null): string => (micros === null ? '–' : formatMicros(micros));
  return [formatCount(count), cell(p50Micros), cell(p99Micros)];
}
