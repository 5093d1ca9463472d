/** Kinds of messages in the summary of a run: a line for each, and one for what a blob store would carry. */
import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import type { Content } from '../../result/sections/content-schema.ts';
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
    ...(hasBlobs ? [blobStoreText(content)] : []),
  ];
}

/** What a blob store beside the switch would carry. */
export function blobStoreText({ blobBytesStoredPerSecond, blobBytesFetchedPerSecond }: Content): string {
  if (blobBytesStoredPerSecond === null) return 'what a blob store would carry was not measured';
  return `a blob store would receive ${byteRateText(blobBytesStoredPerSecond)} and serve ${byteRateText(blobBytesFetchedPerSecond)} if every recipient fetches every blob`;
}
