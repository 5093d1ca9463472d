/** Presence and typing on the page of a run, beside the messages of the same time. */
import { formatBytes, formatCount, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { table } from '../chart-table.ts';
import { markup } from '../markup.ts';
import type { PageSection } from '../page.ts';

/** One section, or none if phones neither watched nor typed. */
export function presenceSection({ presence }: Result): PageSection[] {
  if (presence === null) return [];
  const rate = (value: number | null): string => (value === null ? 'not measured' : `${formatShort(value)}/s`);
  const html = markup`${table(
    'Presence and typing',
    ['presence', 'found'],
    [
      ['contacts that each phone watches', formatCount(presence.watch)],
      ['changes', rate(presence.changesPerSecond)],
      ['notices received', rate(presence.noticesPerSecond)],
      ['notices expected', rate(presence.expectedNoticesPerSecond)],
      ['notices for each message delivered', presence.noticesPerMessage?.toFixed(2) ?? 'not measured'],
      ['changes coalesced', formatCount(presence.coalesced)],
      ['notices put off', formatCount(presence.shed)],
      ['watches refused', formatCount(presence.watchesRefused)],
      ['subscriptions at the end', formatCount(presence.subscriptions)],
      ['memory of subscriptions and watches', formatBytes(presence.bytes)],
      ['typing sent', rate(presence.typingSentPerSecond)],
      ['typing received', rate(presence.typingReceivedPerSecond)],
      ['typing shed', formatCount(presence.typingShed)],
    ],
  )}
<ul class="sentences faint"><li>Expected is one answer for each account that a phone begins to watch, and one notice for each change to each phone that watches and is online. Changes that are coalesced need fewer.</li></ul>`;
  return [{ id: 'presence', title: 'Presence and typing', html }];
}
