/** Phones that did not behave, in the summary of a run. What the others saw stands in the latencies. */
import { formatCount, formatMicros } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';

export function misfitLines({ misfits }: Result): string[] {
  if (misfits === null) return [];
  const { hotMessagesSent, hotDeliveryMeanMicros, duplicateConnects, messagesSentAgain, stalledReaders } = misfits;
  const mean = onAverage(hotDeliveryMeanMicros);
  const groupMean = onAverage(misfits.hotGroupDeliveryMeanMicros);
  return [
    ...(stalledReaders > 0
      ? [
          `${formatCount(stalledReaders)} stalled readers, ${formatCount(misfits.deliveriesIgnored)} deliveries not taken`,
        ]
      : []),
    ...(hotMessagesSent > 0
      ? [
          `hot account: ${formatCount(misfits.hotMessagesDelivered)} of ${formatCount(hotMessagesSent)} messages delivered${mean}; not in the latencies of the others`,
        ]
      : []),
    ...(misfits.hotGroupMessagesSent > 0
      ? [
          `hot group: ${formatCount(misfits.hotGroupMessagesSent)} messages, ${formatCount(misfits.hotGroupDeliveries)} deliveries${groupMean}; not in the latencies of other groups`,
        ]
      : []),
    ...(misfits.refusedMailboxFull > 0
      ? [`${formatCount(misfits.refusedMailboxFull)} messages refused: mailbox full`]
      : []),
    ...(duplicateConnects > 0
      ? [
          `${formatCount(duplicateConnects)} duplicate connects, ${formatCount(misfits.sessionsReplaced)} sessions replaced`,
        ]
      : []),
    ...(messagesSentAgain > 0
      ? [
          `${formatCount(messagesSentAgain)} messages sent again after their ✓, ${formatCount(misfits.messagesRecognized)} recognized and not delivered again`,
        ]
      : []),
  ];
}

function onAverage(micros: number | null): string {
  return micros === null ? '' : ` after ${formatMicros(micros)} on average`;
}
