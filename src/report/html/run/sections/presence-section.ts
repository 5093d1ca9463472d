/** Presence and typing on the page of a run, beside the messages of the same time. */
import { formatBytes, formatCount } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { latencyText, rateText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if phones neither watched nor typed. */
export function presenceSection({ presence, latency }: Result): PageSection[] {
  if (presence === null) return [];
  const html = markup`${table(
    'Presence and typing',
    ['presence', 'found'],
    [
      ['contacts that each phone watches', formatCount(presence.watch)],
      ['changes', rateText(presence.changesPerSecond)],
      ['notices received', rateText(presence.noticesPerSecond)],
      ['notices expected', rateText(presence.expectedNoticesPerSecond)],
      [
        'notice after a change: p50, p99, max',
        [latency.presence.p50Micros, latency.presence.p99Micros, latency.presence.maxMicros]
          .map((micros) => latencyText(micros, latency.presence.rangeMicros))
          .join(', '),
      ],
      ['notices per message delivered', presence.noticesPerMessage?.toFixed(2) ?? 'not measured'],
      ['changes coalesced', formatCount(presence.coalesced)],
      ['notices deferred', formatCount(presence.shed)],
      ['watches refused', formatCount(presence.watchesRefused)],
      ['subscriptions at the end', formatCount(presence.subscriptions)],
      ['memory of subscriptions and watches', formatBytes(presence.bytes)],
      ['typing sent', rateText(presence.typingSentPerSecond)],
      ['typing received', rateText(presence.typingReceivedPerSecond)],
      ['typing shed', formatCount(presence.typingShed)],
    ],
  )}
${noteList(['Expected are one answer for each account that a phone begins to watch, and one notice per change to each phone that watches and is online. Coalesced changes need fewer.'])}`;
  return [{ id: 'presence', title: 'Presence and typing', html }];
}
