/** Presence and typing in the summary of a run. The latency of notices stands beside those of messages. */
import { formatBytes, formatCount, formatShort } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';

const rate = (value: number | null): string => (value === null ? 'not measured' : `${formatShort(value)}/s`);

export function presenceLines({ presence }: Result): string[] {
  if (presence === null) return [];
  const { noticesPerMessage, typingSentPerSecond } = presence;
  const share = noticesPerMessage === null ? '' : `, ${noticesPerMessage.toFixed(2)} for each message delivered`;
  return [
    `${rate(presence.noticesPerSecond)} notices of ${rate(presence.expectedNoticesPerSecond)} expected at ${rate(presence.changesPerSecond)} changes${share}`,
    `${formatCount(presence.subscriptions)} subscriptions in ${formatBytes(presence.bytes)}, ${formatCount(presence.coalesced)} changes coalesced, ${formatCount(presence.shed)} notices put off, ${formatCount(presence.watchesRefused)} watches refused`,
    ...(typingSentPerSecond === null || typingSentPerSecond === 0
      ? []
      : [
          `typing: ${rate(typingSentPerSecond)} sent, ${rate(presence.typingReceivedPerSecond)} received, ${formatCount(presence.typingShed)} shed`,
        ]),
  ];
}
