import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { LOGIN_QUESTION, OpenQuestions, QUESTION_NONE } from './open-questions.ts';

const QUESTIONS_MAX = 12;
const SHARDS = 3;
const TICKS = { login: 8, message: 20 };

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
  { weight: 2, arbitrary: fc.record({ what: fc.constant('pass' as const), ticks: fc.nat(12) }) },
);

/** Removes what `next` finds, as ShardRestarts does for a shard, and Shard for what is overdue. */
function giveUp(questions: OpenQuestions, next: (place: number) => number): Question[] {
  const given: Question[] = [];
  for (let place = 0; ; ) {
    place = next(place);
    if (place === QUESTION_NONE) return given;
    given.push({ slot: questions.slot(place), id: questions.id(place) });
    questions.remove(place);
  }
}

const inOrder = (list: readonly Question[]): Question[] => [...list].sort((a, b) => a.slot - b.slot || a.id - b.id);

it('knows each question until it is answered, all those of a shard that ends, and all that are overdue', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const questions = new OpenQuestions(QUESTIONS_MAX, TICKS);
      let naive: (Question & { readonly shard: number; readonly asked: number })[] = [];
      let tick = 0;
      let id = LOGIN_QUESTION; // the first asks for a login, the others for messages
      for (const one of steps) {
        if (one.what === 'ask' && naive.length < QUESTIONS_MAX) {
          questions.ask(one.shard, one.slot, id, tick);
          naive.push({ slot: one.slot, id: id++, shard: one.shard, asked: tick });
        } else if (one.what === 'answer' && one.which < naive.length) {
          const [{ slot, id: answered } = { slot: -1, id: -1 }] = naive.splice(one.which, 1);
          assert.ok(questions.answered(slot, answered));
          assert.ok(!questions.answered(slot, answered), 'a question is answered once');
        } else if (one.what === 'end') {
          const expected = naive
            .filter(({ shard }) => shard === one.shard)
            .map(({ slot, id: of }) => ({ slot, id: of }));
          const given = giveUp(questions, (place) => questions.firstTo(one.shard, place));
          assert.deepEqual(inOrder(given), inOrder(expected));
          naive = naive.filter(({ shard }) => shard !== one.shard);
        } else if (one.what === 'pass') {
          tick += one.ticks;
          const isOverdue = ({ id: of, asked }: (typeof naive)[number]): boolean =>
            tick - asked >= (of === LOGIN_QUESTION ? TICKS.login : TICKS.message);
          const expected = naive.filter(isOverdue).map(({ slot, id: of }) => ({ slot, id: of }));
          const given = giveUp(questions, (place) => questions.firstOverdue(tick, place));
          assert.deepEqual(inOrder(given), inOrder(expected));
          naive = naive.filter((question) => !isOverdue(question));
          for (const { slot, id: of } of given) assert.ok(!questions.answered(slot, of), 'its answer is late');
        }
        assert.equal(questions.count, naive.length);
        assert.equal(questions.isFull, naive.length === QUESTIONS_MAX);
      }
      for (const { slot, id: left } of naive) assert.ok(questions.answered(slot, left));
      assert.equal(questions.count, 0);
    }),
    { numRuns: 300 },
  );
});
