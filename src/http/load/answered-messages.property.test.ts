/** The digest of what HTTP clients were told, against that of the same messages made by hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addToDigest } from '../../base/message-digest.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { AnsweredMessages } from './answered-messages.ts';
import { HTTP_LOAD_COUNTERS, HttpLoadCounter } from './http-load-counters.ts';

const FIRST = 447_700_000_000;
const NUMBERS = 50;
const plan = new NumberingPlan([{ first: FIRST, count: NUMBERS }]);

interface Told {
  readonly of: (name: keyof typeof HttpLoadCounter) => number;
  readonly answers: AnsweredMessages;
}

function told(): Told {
  const counters = new Float64Array(HTTP_LOAD_COUNTERS.length);
  return { of: (name) => counters[HttpLoadCounter[name]] ?? 0, answers: new AnsweredMessages(plan, counters) };
}

const answer = (id: number, sender: number): string =>
  JSON.stringify({ id, from: String(FIRST + sender), to: String(FIRST) });
const messages = fc.array(
  fc.record({ id: fc.integer({ min: 1, max: 2 ** 30 }), sender: fc.nat(NUMBERS - 1), isCreated: fc.boolean() }),
  { maxLength: 30 },
);

describe('the messages that HTTP clients were told of', () => {
  it('are those of answers 201, in any order', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const { of, answers } = told();
        for (const { id, sender, isCreated } of [...all].reverse())
          answers.add(isCreated ? 201 : 429, answer(id, sender));
        const digest = new Float64Array(2);
        const created = all.filter(({ isCreated }) => isCreated);
        for (const { id, sender } of created) addToDigest(digest, 0, sender, id);
        assert.deepEqual([of('digestAnsweredLow'), of('digestAnsweredHigh')], [...digest]);
        assert.deepEqual([of('answersRead'), of('answersUnreadable')], [created.length, 0]);
      }),
    );
  });

  it('are others if one id or sender is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 - 1 }), fc.nat(NUMBERS - 2), fc.boolean(), (id, sender, isId) => {
        const [one, other] = [told(), told()];
        one.answers.add(201, answer(id, sender));
        other.answers.add(201, isId ? answer(id + 1, sender) : answer(id, sender + 1));
        assert.notEqual(one.of('digestAnsweredLow'), other.of('digestAnsweredLow'));
        assert.notEqual(one.of('digestAnsweredHigh'), other.of('digestAnsweredHigh'));
      }),
    );
  });

  it('never throw, and count every 201 that names no message', () => {
    const { of, answers } = told();
    const bodies = ['', '{', 'null', '[]', '7', '"x"', '{}', answer(1, NUMBERS), answer(1.5, 1), '{"id":1,"from":"x"}'];
    for (const body of bodies) answers.add(201, body);
    assert.deepEqual([of('answersRead'), of('answersUnreadable')], [0, bodies.length]);
    fc.assert(fc.property(fc.json(), (body) => answers.add(201, body)));
  });
});
