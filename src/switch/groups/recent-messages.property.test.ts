/** What a home remembers of messages to groups, in a table of one set, against a list with the newest first. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RecentMessages, UNKNOWN } from './recent-messages.ts';

const WAYS = 4;

interface Remembered {
  readonly author: number;
  readonly id: number;
  readonly version: number;
  readonly members: number;
  readonly address: number;
  readonly generation: number;
  shards: number;
  hasRejected: boolean;
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      author: fc.nat(2),
      id: fc.nat(5),
      shards: fc.nat(2),
      generation: fc.constantFrom(0, 1, 2047),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('report' as const), n: fc.nat(WAYS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const), n: fc.nat(WAYS - 1) }) },
);

describe('the messages that a home of groups accepted last', () => {
  it('give way to a newer one in their order, those that nobody waits for first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const recent = new RecentMessages(WAYS);
        const list: Remembered[] = [];
        steps.forEach((one, n) => {
          if (one.kind === 'add') {
            const { author, id, shards, generation } = one;
            if (list.some((other) => other.author === author && other.id === id)) return; // it is known
            const isLost = recent.add(author, id, n, n + 1, ~n, generation, shards);
            assert.equal(isLost, makeRoom(list));
            list.unshift({
              ...{ author, id, version: n, members: n + 1, address: ~n, generation },
              ...{ shards, hasRejected: false },
            });
          }
          const entry = one.kind === 'add' ? undefined : list[one.n];
          const place = entry === undefined ? UNKNOWN : recent.find(entry.author, entry.id);
          if (entry !== undefined && one.kind === 'reject') {
            recent.setRejected(place);
            entry.hasRejected = true;
          }
          if (entry !== undefined && one.kind === 'report' && entry.shards > 0) {
            recent.setShardsLeft(place, recent.shardsLeft(place) - 1);
            entry.shards--;
          }
          compare(recent, list);
        });
      }),
    );
  });

  it('are remembered in whole sets, as many as are asked for', () => {
    const recent = new RecentMessages(1000);
    assert.equal(recent.bytes, 1024 * 7 * 4);
    for (let id = 0; id < 200; id++) recent.add(3, id, id, 1, 0, 0, 0);
    const known = Array.from({ length: 200 }, (_, id) => recent.find(3, id)).filter((place) => place !== UNKNOWN);
    assert.ok(known.length > 190, 'a fifth of the table leaves nearly every set with room');
    assert.equal(new Set(known).size, known.length);
    assert.equal(recent.find(2, 5), UNKNOWN);
  });
});

/** Takes an entry out of a full list. @returns whether somebody waited for it. */
function makeRoom(list: Remembered[]): boolean {
  if (list.length < WAYS) return false;
  const free = list.findLastIndex(({ shards }) => shards === 0);
  list.splice(free < 0 ? WAYS - 1 : free, 1);
  return free < 0;
}

function compare(recent: RecentMessages, list: readonly Remembered[]): void {
  for (let author = 0; author <= 2; author++) {
    for (let id = 0; id <= 5; id++) {
      const expected = list.find((other) => other.author === author && other.id === id);
      const place = recent.find(author, id);
      assert.equal(place === UNKNOWN, expected === undefined, `message ${id} of ${author}`);
      if (expected === undefined) continue;
      assert.deepEqual(
        {
          ...{ author, id, version: recent.version(place), members: recent.members(place) },
          ...{ address: recent.address(place), generation: recent.generation(place) },
          ...{ shards: recent.shardsLeft(place), hasRejected: recent.hasRejected(place) },
        },
        expected,
      );
    }
  }
}
