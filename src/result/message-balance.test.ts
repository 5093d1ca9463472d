import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
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

describe('the sum of any messages', () => {
  const count = fc.nat(5000);

  it('is an equation only where the messages are sound and the places hold as many as were sent', () => {
    fc.assert(
      fc.property(
        fc.record({
          sent: count,
          delivered: count,
          rejected: count,
          queued: fc.option(count),
          forOffline: fc.option(count),
        }),
        fc.constantFrom(true, false, null),
        (drawn, isSound) => {
          const text = words({ ...drawn, isSound, earlier: 0 });
          const places = drawn.delivered + (drawn.queued ?? 0) + drawn.rejected + (drawn.forOffline ?? 0);
          const numbers = text.match(/[\d,]+/g)?.map((one) => Number(one.replaceAll(',', ''))) ?? [];
          assert.equal(numbers[0], drawn.sent);
          assert.equal(
            numbers.slice(1).reduce((sum, one) => sum + one, 0),
            places,
            text,
          );
          const relation = / sent (\S+) /.exec(text)?.[1];
          assert.equal(relation === 'against', isSound !== true);
          if (isSound === true) assert.equal(relation === '≥', places < drawn.sent, text);
          assert.equal(text.includes('queued'), drawn.queued !== null);
          assert.equal(text.includes('stay offline'), drawn.forOffline !== null);
        },
      ),
    );
  });

  it('speaks of one message from before the run in the singular', () => {
    assert.match(words({ earlier: 1 }), /; in addition, 1 message from before this run arrived$/);
    assert.match(words({ earlier: 2 }), /; in addition, 2 messages from before this run arrived$/);
  });
});
