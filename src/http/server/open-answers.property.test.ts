/** The requests that wait for an answer, against a list of them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { OpenAnswers, type Outcome } from './open-answers.ts';

const WAIT_MICROS = 1000;
const handle = fc.nat(5);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), handle }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answered' as const), handle, code: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('located' as const), handle, shard: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('givenUp' as const), handle }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), micros: fc.nat(WAIT_MICROS) }) },
);

it('ends each request once: with its answer, or late after its time, in the order in which they began', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const answers = new OpenAnswers(WAIT_MICROS);
      /** What waits, the oldest first. */
      let waiting: { readonly handle: number; readonly name: number; readonly untilMicros: number }[] = [];
      const heard: [name: number, outcome: Outcome][] = [];
      const expected: [name: number, outcome: Outcome][] = [];
      let nowMicros = 0;
      let names = 0;
      const end = (of: number, outcome: Outcome): void => {
        const one = waiting.find((other) => other.handle === of);
        if (one === undefined) return; // an answer that comes later finds nobody
        waiting = waiting.filter((other) => other !== one);
        expected.push([one.name, outcome]);
      };
      for (const one of steps) {
        if (one.kind === 'wait') {
          if (waiting.some((other) => other.handle === one.handle)) continue; // a handle is of one request
          const name = names++;
          waiting.push({ handle: one.handle, name, untilMicros: nowMicros + WAIT_MICROS });
          answers.wait(one.handle, nowMicros, (outcome) => heard.push([name, outcome]));
        } else if (one.kind === 'answered') {
          answers.answered(one.handle, one.code);
          end(one.handle, { kind: 'answered', code: one.code });
        } else if (one.kind === 'located') {
          const found = { shard: one.shard, sinceTick: 1, seenAgoSeconds: 0, waiting: 2 };
          answers.located(one.handle, found);
          end(one.handle, { kind: 'located', found });
        } else if (one.kind === 'givenUp') {
          answers.givenUp(one.handle);
          end(one.handle, { kind: 'given up' });
        } else {
          nowMicros += one.micros;
          answers.expire(nowMicros);
          for (const late of waiting.filter(({ untilMicros }) => untilMicros <= nowMicros)) {
            end(late.handle, { kind: 'late' });
          }
        }
        assert.deepEqual(heard, expected);
        assert.equal(answers.size, waiting.length);
      }
    }),
    { numRuns: 200 },
  );
});
