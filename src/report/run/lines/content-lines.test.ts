/** Kinds of messages in the summary and on the page: each figure of the result is in both, and names are escaped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Content } from '../../../result/sections/content-schema.ts';
import { readPage, tableOf, textOf } from '../../html/read-page.test-suite.ts';
import { contentSection } from '../../html/run/sections/content-section.ts';
import { contentLines } from './content-lines.ts';

const made = madeResult();
const TEXT = { name: 'text <b>', share: 0.938, messages: 7825, payloadBytesMean: 81.8, blobBytesMean: null };
const VIDEO = { name: 'video', share: 0.006, messages: 60, payloadBytesMean: 512, blobBytesMean: 3 * 2 ** 20 };
const NEVER = { name: 'voice', share: 0.001, messages: 0, payloadBytesMean: null, blobBytesMean: null };
const result = (
  kinds: Content['kinds'],
  stored: number | null = 2 ** 20,
  fetched: number | null = 2 ** 21,
): Result => ({
  ...made,
  content: { readReceipts: null, kinds, blobBytesStoredPerSecond: stored, blobBytesFetchedPerSecond: fetched },
});

describe('kinds of messages', () => {
  it('are rows of a table on the page', () => {
    const [section] = contentSection(result([TEXT, VIDEO, NEVER]));
    const { headings, rows } = tableOf(readPage(section?.html.text ?? ''), 'Kinds of messages');
    assert.deepEqual(headings, ['kind', 'share of messages', 'acknowledged', 'mean payload', 'mean blob']);
    assert.deepEqual(rows, [
      ['text <b>', '93.8 %', '7,825', '81.8 B', 'none'],
      ['video', '0.60 %', '60', '512 B', '3.00 MiB'],
      ['voice', '0.10 %', '0', 'none', 'none'],
    ]);
  });

  it('end with what a blob store would carry, as a sentence', () => {
    const textFor = (one: Result): string => textOf(readPage(contentSection(one)[0]?.html.text ?? ''));
    assert.match(
      textFor(result([VIDEO])),
      /A blob store would receive 1\.00 MiB\/s and serve 2\.00 MiB\/s if every recipient fetches every blob\./,
    );
    assert.match(textFor(result([VIDEO], null)), /What a blob store would carry was not measured\./);
  });

  it('have a line each in the summary, and one for blobs if there are any', () => {
    assert.deepEqual(contentLines(result([TEXT, VIDEO])).slice(0, 2), [
      'text <b>, 93.8 % of messages: 7,825 acknowledged, payload 81.8 B on average',
      'video, 0.60 % of messages: 60 acknowledged, payload 512 B on average, refers to a blob of 3.00 MiB',
    ]);
    assert.equal(contentLines(result([TEXT, VIDEO])).length, 3);
    assert.equal(contentLines(result([TEXT, NEVER])).length, 2, 'nothing for a blob store');
  });

  it('have neither lines nor a section where all messages are alike', () => {
    assert.deepEqual([contentLines(made), contentSection(made)], [[], []]);
  });
});
