/** Kinds of messages in the summary of a run: a line for each, and one for what a blob store would carry. */
import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import { byteRateText } from '../text/figure-text.ts';

export function contentLines({ content }: Result): string[] {
  if (content === null) return [];
  const hasBlobs = content.kinds.some(({ blobBytesMean }) => blobBytesMean !== null);
  return [
    ...content.kinds.map(({ name, share, messages, payloadBytesMean, blobBytesMean }) => {
      const payload = payloadBytesMean === null ? '' : `, payload ${formatBytes(payloadBytesMean)} on average`;
      const blob = blobBytesMean === null ? '' : `, refers to a blob of ${formatBytes(blobBytesMean)}`;
      return `${name}, ${formatShare(share)} of messages: ${formatCount(messages)} acknowledged${payload}${blob}`;
    }),
    ...(hasBlobs
      ? [
          `a blob store would take ${byteRateText(content.blobBytesStoredPerSecond)} and give ${byteRateText(content.blobBytesFetchedPerSecond)} if each recipient fetches each blob`,
        ]
      : []),
  ];
}
