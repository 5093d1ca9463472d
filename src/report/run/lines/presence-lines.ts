/** Presence and typing in the summary of a run. The latency of notices stands beside those of messages. */
import { formatBytes, formatCount, formatCountOf } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { rateText } from '../../text/figure-text.ts';

export function presenceLines({ presence }: Result): string[] {
  if (presence === null) return [];
  const { noticesPerMessage, typingSentPerSecond } = presence;
  const share = noticesPerMessage === null ? '' : `, ${noticesPerMessage.toFixed(2)} per message delivered`;
  return [
    `${rateText(presence.noticesPerSecond)} notices of ${rateText(presence.expectedNoticesPerSecond)} expected at ${rateText(presence.changesPerSecond)} changes${share}`,
    `${formatCountOf(presence.subscriptions, 'subscription')} in ${formatBytes(presence.bytes)}, ${formatCountOf(presence.coalesced, 'change')} coalesced, ${formatCountOf(presence.shed, 'notice')} deferred, ${formatCountOf(presence.watchesRefused, 'watch', 'watches')} refused`,
    ...(typingSentPerSecond === null || typingSentPerSecond === 0
      ? []
      : [
          `typing: ${rateText(typingSentPerSecond)} sent, ${rateText(presence.typingReceivedPerSecond)} received, ${formatCount(presence.typingShed)} shed`,
        ]),
  ];
}
