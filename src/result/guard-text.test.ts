import assert from 'node:assert/strict';
import { it } from 'node:test';
import { guardText } from './guard-text.ts';

it('names a guard once', () => {
  assert.equal(
    guardText({ name: 'swapping', sentence: '3 pages were swapped, at most 0' }),
    'swapping: 3 pages were swapped, at most 0',
  );
  assert.equal(
    guardText({ name: 'other programs', sentence: 'other programs took 12 % of processor time' }),
    'other programs took 12 % of processor time',
  );
});
