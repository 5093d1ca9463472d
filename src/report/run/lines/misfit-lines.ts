/** Phones that misbehaved, in the summary of a run. What the others noticed is in the latencies. */
import { formatCount, formatCountOf, formatMicros } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';

export function misfitLines({ misfits, storms }: Result): string[] {
  if (misfits === null) return [];
  // The switch cannot tell them apart: it had not noticed either loss.
  const otherCauses = storms.some(({ notice }) => notice === 'silent')
    ? ', after silent losses of connections as well'
    : '';
  const { hotMessagesSent, hotDeliveryMeanMicros, duplicateConnects, messagesSentAgain, stalledReaders } = misfits;
  const mean = onAverage(hotDeliveryMeanMicros);
  const groupMean = onAverage(misfits.hotGroupDeliveryMeanMicros);
  return [
    ...(stalledReaders > 0
      ? [
          `${formatCountOf(stalledReaders, 'stalled reader')}, ${formatCountOf(misfits.deliveriesIgnored, 'delivery', 'deliveries')} ignored`,
        ]
      : []),
    ...(hotMessagesSent > 0
      ? [
          `hot account: ${formatCount(misfits.hotMessagesDelivered)} of ${formatCountOf(hotMessagesSent, 'message')} delivered${mean}; not in the latencies of the others`,
        ]
      : []),
    ...(misfits.hotGroupMessagesSent > 0
      ? [
          `hot group: ${formatCountOf(misfits.hotGroupMessagesSent, 'message')}, ${formatCountOf(misfits.hotGroupDeliveries, 'delivery', 'deliveries')}${groupMean}; not in the latencies of other groups`,
        ]
      : []),
    ...(misfits.refusedMailboxFull > 0
      ? [`${formatCountOf(misfits.refusedMailboxFull, 'message')} refused: mailbox full`]
      : []),
    ...(duplicateConnects > 0
      ? [
          `${formatCountOf(duplicateConnects, 'duplicate connect')}; ${formatCountOf(misfits.sessionsReplaced, 'session')} replaced by a later login${otherCauses}`,
        ]
      : []),
    ...(messagesSentAgain > 0
      ? [
          `${formatCountOf(messagesSentAgain, 'message')} sent again after ✓, ${formatCount(misfits.messagesRecognized)} recognized and not delivered again`,
        ]
      : []),
  ];
}

function onAverage(micros: number | null): string {
  return micros === null ? '' : ` after ${formatMicros(micros)} on average`;
}
