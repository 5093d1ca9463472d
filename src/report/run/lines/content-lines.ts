/** Content in the summary of a run: a line per kind of message, what a blob store would carry, and read receipts. */
import { formatBytes, formatCount, formatMicros, formatShare, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Content, ReadReceipts } from '../../../result/sections/content-schema.ts';
import { byteRateText } from '../../text/figure-text.ts';

export function contentLines({ content }: Result): string[] {
  if (content === null) return [];
  const hasBlobs = content.kinds.some(({ blobBytesMean }) => blobBytesMean !== null);
  return [
    ...content.kinds.map(({ name, share, messages, payloadBytesMean, blobBytesMean }) => {
      const payload = payloadBytesMean === null ? '' : `, payload ${formatBytes(payloadBytesMean)} on average`;
      const blob = blobBytesMean === null ? '' : `, refers to a blob of ${formatBytes(blobBytesMean)}`;
      return `${name}, ${formatShare(share)} of messages: ${formatCount(messages)} acknowledged${payload}${blob}`;
    }),
    ...(hasBlobs ? [blobStoreText(content)] : []),
    ...(content.readReceipts === null ? [] : readReceiptLines(content.readReceipts)),
  ];
}

/** What a blob store beside the switch would carry. */
export function blobStoreText({ blobBytesStoredPerSecond, blobBytesFetchedPerSecond }: Content): string {
  if (blobBytesStoredPerSecond === null) return 'what a blob store would carry was not measured';
  return `a blob store would receive ${byteRateText(blobBytesStoredPerSecond)} and serve ${byteRateText(blobBytesFetchedPerSecond)} if every recipient fetches every blob`;
}

function readReceiptLines(reads: ReadReceipts): string[] {
  const rate = reads.receivedPerSecond === null ? '' : `, ${formatShort(reads.receivedPerSecond)}/s while measuring`;
  const mean = reads.meanMicros === null ? '' : `, ${formatMicros(reads.meanMicros)} after reading on average`;
  const others = readReceiptRows(reads).filter(([, count]) => count > 0);
  return [
    `read receipts: ${formatCount(reads.sent)} sent, ${formatCount(reads.received)} received${rate}${mean}; ${formatCount(reads.lost)} lost`,
    ...(others.length === 0
      ? []
      : [`of read receipts: ${others.map(([what, count]) => `${formatCount(count)} ${what}`).join(', ')}`]),
  ];
}

/** What became of read receipts that were not sent and received at once. */
export function readReceiptRows(reads: ReadReceipts): [what: string, count: number][] {
  return [
    ['not sent, because the reader was away', reads.missed],
    ['waited in a mailbox', reads.stored],
    ['still wait there', reads.queued],
    ['not wanted by the author', reads.unwanted],
    ['dropped, because the mailbox was full', reads.dropped],
    ['shed under overload', reads.shed],
    ['lost with a connection', reads.lostWithConnections],
  ];
}
