import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { PlaceList } from './place-list.ts';

const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), count: fc.nat(900) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pop' as const), count: fc.nat(900) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const, count: 0 }) },
);

it('holds places as an array does, beyond what it had room for first', () => {
  let longest = 0;
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30, size: 'max' }), (script) => {
      const list = new PlaceList();
      const model: number[] = [];
      let next = 0;
      for (const { kind, count } of script) {
        if (kind === 'clear') {
          list.clear();
          model.length = 0;
        }
        for (let n = 0; n < count; n++) {
          if (kind === 'push') {
            list.push(next);
            model.push(next++);
          } else if (model.length > 0) {
            assert.equal(list.pop(), model.pop());
          }
        }
        assert.equal(list.count, model.length);
        model.forEach((place, n) => {
          assert.equal(list.at(n), place);
        });
        assert.ok(list.bytes >= 4 * model.length);
        longest = Math.max(longest, model.length);
      }
    }),
    { numRuns: 50 },
  );
  assert.ok(longest > 1024, `it had to grow: ${longest}`);
});
