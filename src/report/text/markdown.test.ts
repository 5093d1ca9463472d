import assert from 'node:assert/strict';
import { it } from 'node:test';
import { markdownTable } from './markdown.ts';

it('aligns columns of figures to the right, and text to the left', () => {
  const [, rule] = markdownTable(
    ['metric', 'figure', 'change', 'what it is'],
    [
      ['a', '40.0 B', '−1.2 %', 'bytes of 1 phone'],
      ['b', '~ 5', '–', 'a share'],
      ['c', 'not measurable at 10,000 connections', '+0.3 %', '95 % of all'],
    ],
  );
  assert.equal(rule, '|---|---:|---:|---|');
  assert.equal(markdownTable(['2011', 'a'], [])[1], '|---|---|');
});
