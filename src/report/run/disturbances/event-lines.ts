/** Events of the scenario in the summary of a run: how much the load was to rise, and what was sent and delivered. */
import { deliveriesRise } from '../../../result/read-figure.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { EventResult } from '../../../result/sections/events-schema.ts';
import { signedShare } from '../../comparison/comparison-cells.ts';
import { rateText } from '../../text/figure-text.ts';

export function eventLines({ events }: Result): string[] {
  return events.map(
    (event) =>
      `${event.name} at ${event.atSeconds.toFixed(1)} s, ${signedShare(event.changeShare)} messages: ✓ ${rateText(event.messagesBeforePerSecond)} before it, ${rateText(event.messagesPerSecond)} at its height; deliveries ${rateText(event.deliveriesBeforePerSecond)}, then ${rateText(event.deliveriesPerSecond)}${riseText(event)}`,
  );
}

function riseText(event: EventResult): string {
  const rise = deliveriesRise(event);
  return rise === null ? '' : ` (${signedShare(rise - 1)})`;
}
