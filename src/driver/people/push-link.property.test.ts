import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { RingMemory } from '../../ring/ring-layout.ts';
import { NO_PUSH, PUSH_RING_BYTES, PushLink, pushRingsBytes } from './push-link.ts';

function linksOf(lanes: number): PushLink[] {
  const memory = RingMemory.ofBytes(pushRingsBytes(lanes));
  return Array.from({ length: lanes }, (_, lane) => new PushLink(memory, lane, lanes));
}

it('each lane gets what others posted for it, all of it, in order and no more', () => {
  const post = fc.record({ from: fc.nat(2), to: fc.nat(2), row: fc.nat(2 ** 31 - 1), isTaken: fc.boolean() });
  fc.assert(
    fc.property(fc.array(post, { maxLength: 200 }), (posts) => {
      const links = linksOf(3);
      const waiting: number[][] = [[], [], []];
      const takeAll = (lane: number): void => {
        assert.equal(links[lane]?.hasInput(), (waiting[lane]?.length ?? 0) > 0);
        for (const row of waiting[lane]?.splice(0) ?? []) assert.equal(links[lane]?.take(), row);
        assert.equal(links[lane]?.take(), NO_PUSH);
      };
      for (const { from, to, row, isTaken } of posts) {
        assert.equal(links[from]?.post(to, row), true);
        waiting[to]?.push(row);
        if (isTaken) takeAll(to);
      }
      for (const lane of [0, 1, 2]) takeAll(lane);
    }),
    { numRuns: 100 },
  );
});

it('a lane that does not take its pushes loses further ones, and has room again afterwards', () => {
  const [a, b] = linksOf(2) as [PushLink, PushLink]; // two
  let posted = 0;
  while (a.post(1, posted)) posted++;
  assert.ok(posted >= PUSH_RING_BYTES / 16, `${posted}`);
  for (let row = 0; row < posted; row++) assert.equal(b.take(), row);
  assert.equal(b.take(), NO_PUSH);
  assert.equal(a.post(1, 5), true);
});
