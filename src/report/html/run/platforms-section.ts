/** Platforms on the page of a run: a row for each. */
import { formatCount, formatShare } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { table } from '../chart-table.ts';
import { markup } from '../markup.ts';
import type { PageSection } from '../page.ts';

/** One section, or none if the phones had no platforms. */
export function platformsSection({ platforms }: Result): PageSection[] {
  if (platforms.length === 0) return [];
  const rows = platforms.map((one) => [
    one.name,
    formatShare(one.share),
    ...[one.connections, one.sessions, one.messagesSent, one.messagesDelivered].map(formatCount),
  ]);
  const headings = ['platform', 'share of phones', 'online at the end', 'sessions', 'messages sent', 'delivered'];
  return [{ id: 'platforms', title: 'Platforms', html: markup`${table('Phones by platform', headings, rows)}` }];
}
