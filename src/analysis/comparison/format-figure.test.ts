import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatFigure } from './format-figure.ts';

it('writes every figure with its unit', () => {
  assert.equal(formatFigure(40, 'bytes'), '40.0 B');
  assert.equal(formatFigure(1200, 'micros'), '1.20 ms');
  assert.equal(formatFigure(412_000, 'perSecond'), '412k/s');
  assert.equal(formatFigure(0.91234, 'ratio'), '0.912');
  assert.deepEqual(
    [0, 1_000_000, 9226.5, 0.5].map((count) => formatFigure(count, 'count')),
    ['0', '1,000,000', '9,227', '0.5'],
  );
});
