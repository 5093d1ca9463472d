import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { LOGIN_QUESTION, OpenQuestions, QUESTION_NONE } from './open-questions.ts';

const QUESTIONS_MAX = 12;
const SHARDS = 3;

interface Question {
  readonly slot: number;
  readonly id: number;
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('ask' as const), shard: fc.nat(SHARDS - 1), slot: fc.nat(5) }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('answer' as const), which: fc.nat(QUESTIONS_MAX - 1) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('end' as const), shard: fc.nat(SHARDS - 1) }) },
);

/** Removes what was asked of a shard, as ShardRestarts does. */
function giveUp(questions: OpenQuestions, shard: number): Question[] {
  const given: Question[] = [];
  for (let place = 0; ; ) {
    place = questions.firstTo(shard, place);
    if (place === QUESTION_NONE) return given;
    given.push({ slot: questions.slot(place), id: questions.id(place) });
    questions.remove(place);
  }
}

const inOrder = (list: readonly Question[]): Question[] => [...list].sort((a, b) => a.slot - b.slot || a.id - b.id);

it('knows each question until it is answered, and all those of a shard that ends', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const questions = new OpenQuestions(QUESTIONS_MAX);
      let naive: (Question & { readonly shard: number })[] = [];
      let id = LOGIN_QUESTION; // the first asks for a login, the others for messages
      for (const one of steps) {
        if (one.what === 'ask' && naive.length < QUESTIONS_MAX) {
          questions.ask(one.shard, one.slot, id);
          naive.push({ slot: one.slot, id: id++, shard: one.shard });
        } else if (one.what === 'answer' && one.which < naive.length) {
          const [{ slot, id: answered } = { slot: -1, id: -1 }] = naive.splice(one.which, 1);
          questions.answered(slot, answered);
        } else if (one.what === 'end') {
          const expected = naive
            .filter(({ shard }) => shard === one.shard)
            .map(({ slot, id: of }) => ({ slot, id: of }));
          assert.deepEqual(inOrder(giveUp(questions, one.shard)), inOrder(expected));
          naive = naive.filter(({ shard }) => shard !== one.shard);
        }
        assert.equal(questions.count, naive.length);
        assert.equal(questions.isFull, naive.length === QUESTIONS_MAX);
      }
      for (const { slot, id: left } of naive) questions.answered(slot, left);
      assert.equal(questions.count, 0);
      assert.throws(() => questions.answered(0, 0), /only an open question is answered/);
    }),
    { numRuns: 300 },
  );
});
