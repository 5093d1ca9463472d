/** The guard that HTTP clients were told what happened: each way in which the two can differ. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Guard } from '../../result/result-schema.ts';
import { httpAnswers } from '../record/http-answers.ts';
import { httpAnswersGuard } from './http-guards.ts';

const LOAD = { sent: 1000, answersRead: 1000, digestAnsweredLow: -7, digestAnsweredHigh: 9 };
const GATEWAY = {
  messagesSent: 1000,
  messagesAcknowledged: 1000,
  digestAcknowledgedLow: -7,
  digestAcknowledgedHigh: 9,
};

function guardOf(load: Record<string, number>, gateway: Record<string, number> = {}): Guard {
  return httpAnswersGuard(httpAnswers({ ...LOAD, ...load }), { ...GATEWAY, ...gateway });
}

function assertGuard(guard: Guard, verdict: Guard['verdict'], figure: number | null, sentence: RegExp): void {
  assert.deepEqual([guard.name, guard.verdict, guard.figure], ['HTTP answers', verdict, figure], guard.sentence);
  assert.match(guard.sentence, sentence);
}

describe('the guard on HTTP answers', () => {
  it('holds if the answers name the messages that were accepted', () => {
    assertGuard(
      guardOf({}),
      'ok',
      0,
      /^1,000 answers 201 name a message, 1,000 .* accepted, and they are the same, none/,
    );
  });

  it('trips if as many are named, but one of them is another', () => {
    for (const half of ['digestAnsweredLow', 'digestAnsweredHigh']) {
      assertGuard(
        guardOf({ [half]: 10 }),
        'invalid',
        1,
        /but they are not the same messages.*; the fault is in the HTTP/,
      );
    }
  });

  it('trips if a message was confirmed that nobody accepted', () => {
    assertGuard(guardOf({}, { messagesAcknowledged: 998 }), 'invalid', 2, /1,000 answers 201 .* 998 messages/);
  });

  it('trips if an answer 201 names no message', () => {
    assertGuard(guardOf({ answersRead: 997, answersUnreadable: 3 }), 'invalid', 6, /3 answers 201 name none/);
  });

  it('trips if messages were accepted whose clients were told something else', () => {
    assertGuard(guardOf({ answersRead: 990 }), 'invalid', 10, /990 answers 201/);
    assertGuard(guardOf({ answersRead: 990, answers5xx: 4, errors: 5 }), 'invalid', 10, /990 answers 201/);
  });

  it('says nothing if that may be because answers did not arrive', () => {
    for (const lost of ['answers5xx', 'errors', 'open']) {
      assertGuard(guardOf({ answersRead: 990, [lost]: 10 }), 'unknown', null, /broke or answers came too late/);
    }
  });

  it('says nothing if other clients used the HTTP side as well', () => {
    assertGuard(guardOf({}, { messagesSent: 1001, messagesAcknowledged: 1001 }), 'unknown', null, /other clients sent/);
  });
});
