import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { messageBalance } from './message-balance.ts';
import type { Result } from './result-schema.ts';

const words = (change: Partial<Result['integrity']>): string =>
  messageBalance({ ...madeResult().integrity, ...change });

describe('the sum of messages in words', () => {
  const examples: [what: string, change: Partial<Result['integrity']>, text: string][] = [
    [
      'that are all there',
      { sent: 1200, delivered: 1000, queued: 200, rejected: 0 },
      '1,200 sent = 1,000 delivered + 200 queued + 0 rejected',
    ],
    [
      'of which some are missing: no equation is claimed',
      { isSound: false, sent: 1200, delivered: 1000, queued: 100, rejected: 3 },
      '1,200 sent against 1,000 delivered + 100 queued + 3 rejected',
    ],
    [
      'of which nothing is known yet',
      { isSound: null, sent: 5, delivered: 4, queued: 0, rejected: 0 },
      '5 sent against 4 delivered + 0 queued + 0 rejected',
    ],
    [
      'of a switch elsewhere, whose mailboxes cannot be read',
      { sent: 10, delivered: 7, queued: null, rejected: 1, forOffline: 2 },
      '10 sent = 7 delivered + 1 rejected + 2 for phones that stay offline',
    ],
    [
      'of a switch elsewhere that may keep some for absent phones',
      { sent: 10, delivered: 6, queued: null, rejected: 1, forOffline: 2 },
      '10 sent ≥ 6 delivered + 1 rejected + 2 for phones that stay offline',
    ],
    [
      'that waited since before the run',
      { sent: 2, delivered: 2, earlier: 1500 },
      '2 sent = 2 delivered + 0 queued + 0 rejected; in addition, 1,500 messages from before this run arrived',
    ],
  ];
  for (const [what, change, text] of examples)
    it(`is put for messages ${what}`, () => assert.equal(words(change), text));
});
