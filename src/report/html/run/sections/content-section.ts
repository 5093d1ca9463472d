/** Content on the page of a run: a row per kind of message, what a blob store would carry, and read receipts. */
import { formatBytes, formatCount, formatMicros, formatShare } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import type { Content, ReadReceipts } from '../../../../result/sections/content-schema.ts';
import { blobStoreText, readReceiptRows } from '../../../run/lines/content-lines.ts';
import { NOTHING, rateText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { type Markup, markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList, sentenceCase } from '../../sentence-list.ts';

/** One section, or none if all messages are alike and nobody reads. */
export function contentSection({ content }: Result): PageSection[] {
  if (content === null) return [];
  const html = markup`${content.kinds.length === 0 ? '' : kindsTable(content)}${content.readReceipts === null ? '' : readReceiptsTable(content.readReceipts)}`;
  return [{ id: 'message-content', title: 'Content', html }];
}

function kindsTable(content: Content): Markup {
  const size = (bytes: number | null): string => (bytes === null ? 'none' : formatBytes(bytes));
  const rows = content.kinds.map((one) => [
    one.name,
    formatShare(one.share),
    formatCount(one.messages),
    size(one.payloadBytesMean),
    size(one.blobBytesMean),
  ]);
  const headings = ['kind', 'share of messages', 'acknowledged', 'mean payload', 'mean blob'];
  return markup`${table('Kinds of messages', headings, rows)}
${noteList(['Media pass through the switch by reference: the payload holds hash, size, link and thumbnail.', `${sentenceCase(blobStoreText(content))}.`])}`;
}

function readReceiptsTable(reads: ReadReceipts): Markup {
  const rows: [what: string, found: string][] = [
    ['sent by readers', formatCount(reads.sent)],
    ['received by authors', formatCount(reads.received)],
    ['received while measuring', rateText(reads.receivedPerSecond)],
    ['mean time from reading to the receipt', reads.meanMicros === null ? NOTHING : formatMicros(reads.meanMicros)],
    ...readReceiptRows(reads).map(([what, count]): [string, string] => [what, formatCount(count)]),
    ['lost', formatCount(reads.lost)],
  ];
  return markup`${table('Read receipts', ['what', 'found'], rows)}
${noteList(['The mean is of receipts whose author and reader are phones of one lane.'])}`;
}
