/** Events of the scenario on the page of a run: rates before each and at its height. */
import { deliveriesRise } from '../../../../result/read-figure.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { signedShare } from '../../../comparison/comparison-cells.ts';
import { NOTHING, rateText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if the scenario declares no event. */
export function eventsSection({ events }: Result): PageSection[] {
  if (events.length === 0) return [];
  const titles = [
    'event',
    'at',
    'messages intended',
    '✓ before it',
    '✓ at its height',
    'deliveries before it',
    'deliveries at its height',
    'change of deliveries',
  ];
  const rows = events.map((event) => {
    const rise = deliveriesRise(event);
    return [
      event.name,
      `${event.atSeconds.toFixed(1)} s`,
      signedShare(event.changeShare),
      rateText(event.messagesBeforePerSecond),
      rateText(event.messagesPerSecond),
      rateText(event.deliveriesBeforePerSecond),
      rateText(event.deliveriesPerSecond),
      rise === null ? NOTHING : signedShare(rise - 1),
    ];
  });
  const note =
    'Before it: at most half a minute, without other events. At its height: from the end of its rise to the start of its fall. The curve of a day changes both.';
  return [{ id: 'events', title: 'Events', html: markup`${table('Events', titles, rows)}\n${noteList([note])}` }];
}
