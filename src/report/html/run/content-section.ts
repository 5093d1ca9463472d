/** Kinds of messages on the page of a run: a row for each, and what a blob store would carry. */
import { formatBytes, formatCount, formatShare } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { blobStoreText } from '../../run/content-lines.ts';
import { table } from '../chart-table.ts';
import { markup } from '../markup.ts';
import type { PageSection } from '../page.ts';
import { noteList, sentenceCase } from '../sentence-list.ts';

/** One section, or none if all messages are alike. */
export function contentSection({ content }: Result): PageSection[] {
  if (content === null) return [];
  const size = (bytes: number | null): string => (bytes === null ? 'none' : formatBytes(bytes));
  const rows = content.kinds.map((one) => [
    one.name,
    formatShare(one.share),
    formatCount(one.messages),
    size(one.payloadBytesMean),
    size(one.blobBytesMean),
  ]);
  const headings = ['kind', 'share of messages', 'acknowledged', 'mean payload', 'mean blob'];
  const html = markup`${table('Kinds of messages', headings, rows)}
${noteList(['Media pass through the switch by reference: the payload holds hash, size, link and thumbnail.', `${sentenceCase(blobStoreText(content))}.`])}`;
  return [{ id: 'content', title: 'Content', html }];
}
