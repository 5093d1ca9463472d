import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { DRIVER_COUNTERS } from '../../../driver/terms/driver-counters.ts';
import type { Result } from '../../../result/result-schema.ts';
import { runAnswers } from '../../html/run/run-answers.ts';
import { PLAIN } from '../../text/palette.ts';
import { groupResult } from '../group-result.test-suite.ts';
import { summarize } from '../summarize.ts';
import { refusalLines } from './refusal-lines.ts';

const withCounters = (result: Result, driver: Record<string, number>): Result => ({
  ...result,
  counters: { ...result.counters, driver },
});
const counted = { messagesSent: 9000, messagesRejected: 1203, rejectedMicros: 5e6 };

describe('refused messages', () => {
  const refused = withCounters(madeResult(), {
    ...counted,
    rejectedStoreFull: 0,
    rejectedIdTooOld: 3,
    rejectedMailboxFull: 1200,
  });
  const line = 'refused: mailbox full 1,200, id too old 3';

  it('are told with their reasons, the most frequent first, in the summary and on the page', () => {
    assert.deepEqual(refusalLines(refused), [line]);
    assert.ok(summarize(refused, null, PLAIN).includes(`             ${line}\n`));
    assert.ok(runAnswers(refused).text.includes(line));
  });

  it('are no matter of a run in which nothing was refused', () => {
    const none = withCounters(madeResult(), { ...counted, rejectedMailboxFull: 0 });
    assert.deepEqual(refusalLines(none), []);
    assert.doesNotMatch(summarize(none, null, PLAIN), /refused:/);
  });

  it('include those to groups', () => {
    assert.deepEqual(refusalLines(withCounters(groupResult(), { ...counted, rejectedNotAMember: 5 })), [
      'refused, messages to groups and joins included: not a member 5',
    ]);
  });

  it('have a name for each reason that the driver counts', () => {
    const reasons = DRIVER_COUNTERS.filter((name) => /^rejected[A-Z]/.test(name) && name !== 'rejectedMicros');
    const driver = { ...counted, ...Object.fromEntries(reasons.map((name) => [name, 1])) };
    const [told = ''] = refusalLines(withCounters(madeResult(), driver));
    assert.equal(told.split(', ').length, reasons.length);
    for (const words of ['payload too long 1', 'recipient is sender 1', 'recipient unknown 1', 'group full 1'])
      assert.ok(told.includes(words), words);
  });
});
