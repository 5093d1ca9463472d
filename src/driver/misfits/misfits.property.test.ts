import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { HOT_ACCOUNT, Misfits } from './misfits.ts';

const NONE = {
  stalledReaders: 0,
  hotAccountShare: 0,
  hotGroupShare: 0,
  duplicateConnectsPerSecond: 0,
  sentAgainShare: 0,
};

it('stalls as many phones as told, spread over those that connect, and never the hot account', () => {
  const sizes = fc.integer({ min: 2, max: 3000 }).chain((online) => fc.tuple(fc.constant(online), fc.nat(online - 1)));
  fc.assert(
    fc.property(sizes, ([online, stalledReaders]) => {
      const misfits = new Misfits({ ...NONE, stalledReaders }, 1, online);
      const stalled = Array.from({ length: online + 50 }, (_, phone) => phone).filter((phone) =>
        misfits.isStalled(phone),
      );
      assert.equal(stalled.length, stalledReaders);
      assert.ok(stalled.every((phone) => phone < online && phone !== HOT_ACCOUNT));
      const half = stalled.filter((phone) => phone < online / 2).length;
      assert.ok(Math.abs(half - stalledReaders / 2) <= 1.5, `${half} of ${stalledReaders} in the first half`);
    }),
  );
});

it('picks the share of messages that it is told, others for other seeds, and the same ones again', () => {
  const picked = (seed: number, kind: 'isHot' | 'isSentAgain'): boolean[] => {
    const misfits = new Misfits({ ...NONE, hotAccountShare: 0.2, sentAgainShare: 0.2 }, seed, 1000);
    return Array.from({ length: 10_000 }, (_, n) => misfits[kind](1 + (n % 100), 1 + Math.floor(n / 100)));
  };
  for (const kind of ['isHot', 'isSentAgain'] as const) {
    const [once, again, other] = [picked(1, kind), picked(1, kind), picked(2, kind)];
    const count = once.filter((one) => one).length;
    assert.ok(Math.abs(count - 2000) < 200, `${count} of 10,000`); // five standard deviations
    assert.deepEqual(again, once);
    assert.notDeepEqual(other, once);
  }
  assert.notDeepEqual(picked(1, 'isHot'), picked(1, 'isSentAgain'));
});

it('picks none and all at the ends of a share, and nothing that the hot account itself sends', () => {
  const none = new Misfits(NONE, 7, 10);
  const all = new Misfits({ ...NONE, hotAccountShare: 1, sentAgainShare: 1 }, 7, 10);
  for (let number = 1; number < 500; number++) {
    assert.ok(!none.isHot(3, number) && !none.isSentAgain(3, number));
    assert.ok(all.isHot(3, number) && all.isSentAgain(3, number));
    assert.ok(!all.isHot(HOT_ACCOUNT, number));
  }
});
