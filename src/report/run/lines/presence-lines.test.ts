/** Presence in the summary and on the page: each figure of the result is in both, under the right words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import { readPage, tableOf } from '../../html/read-page.test-suite.ts';
import { presenceSection } from '../../html/run/sections/presence-section.ts';
import { presenceLines } from './presence-lines.ts';

const made = madeResult();
const PRESENCE: NonNullable<Result['presence']> = {
  watch: 2,
  subscriptions: 19_808,
  watchesRefused: 3,
  changesPerSecond: 13,
  noticesPerSecond: 25.6,
  expectedNoticesPerSecond: 25.7,
  noticesPerMessage: 0.0625,
  coalesced: 9,
  shed: 4,
  typingSentPerSecond: 50,
  typingReceivedPerSecond: 45,
  typingShed: 5,
  bytes: 2048,
};
const latency = {
  ...made.latency,
  presence: { ...made.latency.delivery, p50Micros: 152_000, p99Micros: null, maxMicros: 322_000, rangeMicros: 1e7 },
};
const result = (presence: Partial<typeof PRESENCE>): Result => ({
  ...made,
  latency,
  presence: { ...PRESENCE, ...presence },
});

describe('presence and typing', () => {
  it('have each of their figures in the table of the page', () => {
    const [section] = presenceSection(result({}));
    const { rows } = tableOf(readPage(section?.html.text ?? ''), 'Presence and typing');
    assert.deepEqual(Object.fromEntries(rows), {
      'contacts that each phone watches': '2',
      changes: '13.0/s',
      'notices received': '25.6/s',
      'notices expected': '25.7/s',
      'notice after a change: p50, p99, max': '152 ms, –, 322 ms',
      'notices per message delivered': '0.06',
      'changes coalesced': '9',
      'notices deferred': '4',
      'watches refused': '3',
      'subscriptions at the end': '19,808',
      'memory of subscriptions and watches': '2.00 KiB',
      'typing sent': '50.0/s',
      'typing received': '45.0/s',
      'typing shed': '5',
    });
  });

  it('have them in the lines of the summary, typing only if there was any', () => {
    assert.deepEqual(presenceLines(result({})), [
      '25.6/s notices of 25.7/s expected at 13.0/s changes, 0.06 per message delivered',
      '19,808 subscriptions in 2.00 KiB, 9 changes coalesced, 4 notices deferred, 3 watches refused',
      'typing: 50.0/s sent, 45.0/s received, 5 shed',
    ]);
    for (const typingSentPerSecond of [0, null]) {
      assert.equal(presenceLines(result({ typingSentPerSecond })).length, 2);
    }
  });

  it('say what was not measured, and nothing without presence', () => {
    const [section] = presenceSection(result({ noticesPerMessage: null, noticesPerSecond: null }));
    const { rows } = tableOf(readPage(section?.html.text ?? ''), 'Presence and typing');
    const found = Object.fromEntries(rows);
    assert.deepEqual(
      [found['notices received'], found['notices per message delivered']],
      ['not measured', 'not measured'],
    );
    assert.deepEqual([presenceLines(made), presenceSection(made)], [[], []]);
  });
});
