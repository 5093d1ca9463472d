import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result } from '../../result/result-schema.ts';
import { parseThreshold } from '../../scenario/threshold.ts';
import { balanceGuard } from '../../verdict/guards/balance-guard.ts';
import { judgeThresholds } from '../../verdict/judge-thresholds.ts';
import { checkIntegrity, unrestedIntegrity } from '../../verdict/record/integrity.ts';
import { madeResult } from '../comparison/made-results.test-suite.ts';
import type { ConfirmingRun, MessageCheck } from './capacity-schema.ts';
import { brokenByMessages, judgeMessages, uncheckedMessages, unjudgedLimits } from './judge-messages.ts';
import { judgeTrial } from './judge-trial.ts';

const LIMITS = [
  parseThreshold('integrity.lost', 'value==0'),
  parseThreshold('integrity.duplicated', 'value==0'),
  parseThreshold('integrity.rejected', 'value==0'),
  parseThreshold('latency.delivery', 'p(99)<20ms'),
];
const LATE = 'the drain was too short';
const SENT = {
  messagesSent: 100,
  messagesDelivered: 90,
  messagesAcknowledged: 100,
  digestSentLow: 7,
  digestAcknowledgedLow: 7,
};

/** A run after its drain: 100 messages sent, 90 delivered, 10 in mailboxes; and what else is counted. */
function judged(counted: Record<string, number> = {}, isAtRest = true): MessageCheck {
  const queued = { messages: 10, low: 7, high: 0 };
  const integrity = checkIntegrity({ ...SENT, ...counted }, queued, []);
  const found = isAtRest ? integrity : unrestedIntegrity(integrity);
  const made = madeResult();
  const phase = { name: 'drain', startSeconds: 0, durationSeconds: 3, outcome: 'complete' };
  const result: Result = {
    ...made,
    integrity: found,
    phases: [phase],
    validity: { ...made.validity, guards: [balanceGuard(found)] },
  };
  return judgeMessages({ ...result, thresholds: judgeThresholds(LIMITS, result) }, LIMITS, LATE);
}

const answers = ({ limits }: MessageCheck): Record<string, string> =>
  Object.fromEntries(limits.map(({ limit, answer }) => [limit.replace(/^integrity\.| value.*/g, ''), answer]));
const outcome = (messages: MessageCheck | null, confirmations: ConfirmingRun[] = []) => ({
  over: 'rates' as const,
  limits: LIMITS.map(({ metric, expression }) => `${metric} ${expression}`),
  messages,
  confirmations,
});

describe('the messages of all trials', () => {
  it('hold the limits on lost and duplicated ones where all are accounted for, also in mailboxes', () => {
    const found = judged();
    assert.deepEqual(answers(found), { 'message balance': 'held', lost: 'held', duplicated: 'held', rejected: 'held' });
    assert.deepEqual([found.drainSeconds, found.integrity?.queued, found.integrity?.lost], [3, 10, 0]);
    assert.deepEqual([brokenByMessages(found), unjudgedLimits(outcome(found))], [[], []]);
  });

  it('break them where one is missing, with how many', () => {
    const found = judged({ messagesDelivered: 88 });
    assert.deepEqual(answers(found), {
      'message balance': 'broken',
      lost: 'broken',
      duplicated: 'held',
      rejected: 'held',
    });
    assert.match(brokenByMessages(found).join('; '), /lost 2.*; integrity\.lost value==0: found 2$/);
  });

  it('judge nothing that may still arrive while some are in flight, and say why', () => {
    const found = judged({ messagesDelivered: 88 }, false);
    assert.deepEqual([...new Set(Object.values(answers(found)))], ['not judged']);
    assert.deepEqual(unjudgedLimits(outcome(found)), [
      `message balance, integrity.lost value==0, integrity.duplicated value==0, integrity.rejected value==0: ${LATE}`,
    ]);
  });

  it('break a limit on duplicated ones even then, but do not say that none is lost', () => {
    const found = judged({ pairDuplicated: 1 }, false);
    assert.deepEqual(answers(found), {
      'message balance': 'broken',
      lost: 'not judged',
      duplicated: 'broken',
      rejected: 'not judged',
    });
  });

  it('may be refused at loads beyond the capacity, so that a limit on refused ones is not judged then', () => {
    const found = judged({ messagesDelivered: 85, messagesRejected: 5, messagesAcknowledged: 95 });
    assert.deepEqual(answers(found), {
      'message balance': 'held',
      lost: 'held',
      duplicated: 'held',
      rejected: 'not judged',
    });
    assert.match(unjudgedLimits(outcome(found)).join(), /^integrity\.rejected value==0: found 5 in all trials/);
  });

  it('are not judged where the run failed before, and in outcomes of older versions', () => {
    const failed = uncheckedMessages(LIMITS, 'shard-0 failed');
    assert.equal(failed.integrity, null);
    assert.match(unjudgedLimits(outcome(failed)).join(), /integrity\.lost value==0.*: shard-0 failed$/);
    assert.match(unjudgedLimits(outcome(null)).join(), /^integrity\.lost value==0.*: trials do not drain$/);
  });

  it('need no judging where a confirming run has drained, or each trial does', () => {
    const trial = judgeTrial(madeResult(), 'messages', 1000, []);
    const confirming = [{ resultId: 'r', seconds: 60, trial }];
    assert.deepEqual(unjudgedLimits(outcome(judged({}, false), confirming)), []);
    assert.deepEqual(unjudgedLimits({ ...outcome(null), over: 'connections' }), []);
  });
});
