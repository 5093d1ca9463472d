/** Events of the kernel and repeated events against a model, with descriptors of doorbells. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { checkLeftovers } from '../../../measure/leftovers.test-suite.ts';
import { EpollSet } from './epoll-set.ts';
import { openBellDescriptor } from './event-doorbell.ts';
import { Linux, loadSystemCalls, whyNoSystemCalls } from './system-calls.ts';

const ONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
const IN_EDGES = Linux.EPOLLIN | Linux.EPOLLET;
const BATCH = 8;
/** More than a test requests again at once, unless it is about more. */
const PLACES_MAX = 2 ** 14;

interface Again {
  readonly place: number;
  readonly token: number;
  readonly mask: number;
  readonly generation: number;
}

function makeSet(test: TestContext, batch: number, placesMax = PLACES_MAX): EpollSet {
  const epoll = new EpollSet(loadSystemCalls(), batch, placesMax);
  test.after(() => epoll.close());
  return epoll;
}

function makeBell(test: TestContext): number {
  const calls = loadSystemCalls();
  const bell = openBellDescriptor(calls);
  test.after(() => calls.close(bell));
  return bell;
}

function batchOf(epoll: EpollSet): Pick<Again, 'place' | 'token' | 'mask'>[] {
  const batch: Pick<Again, 'place' | 'token' | 'mask'>[] = [];
  while (epoll.next()) {
    assert.equal(epoll.index, batch.length);
    batch.push({ place: epoll.place, token: epoll.token, mask: epoll.mask });
  }
  return batch;
}

const again = fc.record({
  place: fc.nat(20),
  token: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  mask: fc.constantFrom(Linux.EPOLLIN, Linux.EPOLLIN | Linux.EPOLLRDHUP, Linux.EPOLLOUT),
  generation: fc.nat(2),
});
const action = fc.oneof(
  { weight: 2, arbitrary: fc.array(again, { maxLength: 300, size: 'max' }) },
  { weight: 3, arbitrary: fc.constant('fetch' as const) },
);

describe('an epoll set', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();

  it('brings what was asked for again in order, half a batch at a time, and nothing of an earlier use', (test) => {
    const epoll = makeSet(test, BATCH);
    let longest = 0;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (script) => {
        const waiting: Again[] = [];
        const isStill = (place: number, generation: number): boolean => generation === place % 3;
        const fetch = (): void => {
          epoll.fetch(0, isStill);
          const expected = waiting.splice(0, BATCH / 2).filter(({ place, generation }) => isStill(place, generation));
          const found = batchOf(epoll);
          assert.deepEqual(
            found,
            expected.map(({ place, token, mask }) => ({ place, token, mask })),
          );
          assert.equal(epoll.hasAgain, waiting.length > 0);
          assert.equal(epoll.hasNext, false);
        };
        for (const step of script) {
          if (step === 'fetch') fetch();
          else {
            for (const one of step) epoll.again(one.place, one.token, one.mask, one.generation);
            waiting.push(...step);
          }
          longest = Math.max(longest, waiting.length);
        }
        while (waiting.length > 0) fetch();
      }),
      { numRuns: 40 },
    );
    assert.ok(longest > 256, `the queue had to grow: ${longest}`);
  });

  it('puts events of the kernel first, and leaves room for them however much was asked for again', (test) => {
    const epoll = makeSet(test, BATCH);
    const calls = loadSystemCalls();
    const bells = Array.from({ length: BATCH }, () => makeBell(test));
    bells.forEach((bell, n) => {
      assert.equal(epoll.add(bell, 100 + n, 2 ** 31 - 1 - n, IN_EDGES), 0);
    });
    for (let n = 0; n < 100; n++) epoll.again(n, n, Linux.EPOLLIN, 0);
    for (const bell of bells) calls.write(bell, ONE, ONE.length);
    epoll.fetch(0, () => true);
    const first = batchOf(epoll);
    assert.equal(first.length, BATCH);
    assert.ok(first.slice(0, BATCH / 2).every(({ place }) => place >= 100));
    assert.deepEqual(
      first.slice(BATCH / 2).map(({ place }) => place),
      [0, 1, 2, 3],
    );
    epoll.fetch(0, () => true);
    const places = [...first, ...batchOf(epoll)].map(({ place }) => place).filter((place) => place >= 100);
    assert.deepEqual(
      places.sort(),
      bells.map((_, n) => 100 + n),
      'each bell was told once, with its place',
    );
  });

  it('leaves events to the kernel while more are requested again than there are places, and takes them then', (test) => {
    const placesMax = 20;
    const epoll = makeSet(test, BATCH, placesMax);
    const calls = loadSystemCalls();
    const bell = makeBell(test);
    epoll.add(bell, 100, 1, IN_EDGES);
    for (let n = 0; n < placesMax + BATCH; n++) epoll.again(n, n, Linux.EPOLLIN, 0);
    calls.write(bell, ONE, ONE.length);
    const batches: number[][] = [];
    while (epoll.hasAgain) {
      epoll.fetch(0, () => true);
      batches.push(batchOf(epoll).map(({ place }) => place));
    }
    assert.deepEqual(batches[0], [0, 1, 2, 3, 4, 5, 6, 7], 'a whole batch, to be short again');
    assert.deepEqual(batches[1], [100, 8, 9, 10, 11], 'the kernel comes first again');
    assert.deepEqual(batches.flat().length, placesMax + BATCH + 1, 'nothing is lost, nothing comes twice');
  });

  it('ends the thread rather than let the queue grow beyond what its owner can cause', (test) => {
    const epoll = makeSet(test, BATCH, 400);
    assert.equal(epoll.againMax, 808);
    for (let n = 0; n < epoll.againMax; n++) epoll.again(n, n, Linux.EPOLLIN, 0);
    const { bytes } = epoll;
    const more = (): void => {
      for (let n = 0; n < epoll.againMax; n++) epoll.again(n, n, Linux.EPOLLIN, 0);
    };
    assert.throws(more, /only events of a batch and of closed connections/);
    assert.equal(epoll.bytes, bytes);
  });

  it('tells a bell once for each ring, and no more once it is removed', (test) => {
    const epoll = makeSet(test, BATCH);
    const calls = loadSystemCalls();
    const bell = makeBell(test);
    epoll.add(bell, 7, 1234, IN_EDGES);
    const rings = (): number => {
      epoll.fetch(0, () => true);
      return batchOf(epoll).length;
    };
    assert.equal(rings(), 0);
    calls.write(bell, ONE, ONE.length);
    assert.equal(rings(), 1);
    assert.equal(rings(), 0, 'an edge is told once');
    calls.write(bell, ONE, ONE.length);
    assert.equal(rings(), 1);
    assert.equal(epoll.modify(bell, 7, 1234, IN_EDGES), 0);
    assert.equal(rings(), 1, 'what is so already is told again');
    assert.equal(epoll.remove(bell), 0);
    calls.write(bell, ONE, ONE.length);
    assert.equal(rings(), 0);
    assert.ok(epoll.remove(bell) < 0, 'it is watched no more');
  });
});
