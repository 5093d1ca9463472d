import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { CLAIM_FULL } from '../../wire/transport.ts';
import { SilentLink } from './silent-link.test-suite.ts';
import { StagedOutput } from './staged-output.ts';
import type { StreamLink } from './stream-link.ts';

const CAPACITY_BYTES = 1024;
const LINKS = 4;
const action = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ link: fc.nat(LINKS - 1), bytes: fc.integer({ min: 1, max: 90 }), reserve: fc.nat(200) }),
  },
  { weight: 1, arbitrary: fc.constant('flush' as const) },
  { weight: 1, arbitrary: fc.record({ mark: fc.nat(LINKS - 1) }) },
);

it('hands over to each link what was committed for it, in order, once', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120, size: 'max' }), (script) => {
      const staged = new StagedOutput(CAPACITY_BYTES);
      const links = Array.from({ length: LINKS }, () => new SilentLink());
      const model = new Map<StreamLink, number[]>();
      let serial = 0;
      for (const step of [...script, 'flush' as const]) {
        if (step === 'flush') {
          const seen: StreamLink[] = [];
          staged.flush((link) => {
            seen.push(link);
            assert.deepEqual([...staged.collect(link)], model.get(link));
          });
          assert.deepEqual(new Set(seen), new Set(model.keys()));
          assert.equal(seen.length, model.size, 'each once');
          model.clear();
          continue;
        }
        if ('mark' in step) {
          const link = links[step.mark] as SilentLink; // inside the list
          staged.markDirty(link);
          model.set(link, model.get(link) ?? []);
          continue;
        }
        const link = links[step.link] as SilentLink; // inside the list
        const room = staged.roomBytes;
        const at = staged.claim(link, step.bytes, step.reserve);
        if (at === CLAIM_FULL) {
          assert.ok(step.bytes + step.reserve > room, 'what there is room for can be claimed');
          continue;
        }
        const list = model.get(link) ?? [];
        for (let i = 0; i < step.bytes; i++) {
          staged.view.setUint8(at + i, serial & 255);
          list.push(serial++ & 255);
        }
        staged.commit();
        model.set(link, list);
      }
      assert.equal(staged.roomBytes, CAPACITY_BYTES - 8, 'all of it is free again');
    }),
    { numRuns: 300 },
  );
});
