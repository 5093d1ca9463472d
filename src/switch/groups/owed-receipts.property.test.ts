/** The ✓✓ that the home of a group owes, in any order of reports, restarts and answers, against sets. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import { GroupItem } from '../../store/mailbox-entry.ts';
import { ItemState } from './item-state.ts';
import { AUTHOR, OTHER, OWN, OwingHome, ROW } from './owing-home.test-suite.ts';

/** So many that none of few messages is forgotten for another. */
const RECENT_MAX = 256;
const SHARDS = [OWN, OTHER] as const;

const step = fc.record({
  act: fc.constantFrom('remember', 'remember', 'report', 'report', 'restart', 'removed', 'answer', 'answer', 'room'),
  shard: fc.constantFrom(...SHARDS),
  which: fc.nat(11),
  state: fc.constantFrom(...Object.values(ItemState)),
  isYes: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What the home does with a shard that has started again. */
interface Asking {
  /** Items that are to leave the queue before; undefined where nothing is to be asked. */
  itemsBefore: number | undefined;
  /** The message that it is to answer about. */
  open: number | undefined;
}

/** The same as sets: the shards that have not reported each message. */
class NaiveHome {
  readonly owed = new Map<number, Set<number>>();
  readonly asking = new Map(SHARDS.map((shard): [number, Asking] => [shard, nobody()]));

  of(shard: number): Asking {
    return this.asking.get(shard) ?? assert.fail('one of two');
  }

  /** What a report leads to. */
  reported(id: number, shard: number, isRejected: boolean): string[] {
    const owed = this.owed.get(id);
    if (owed?.delete(shard) !== true) return [];
    return [`${id} done${isRejected ? ', rejected' : ''}`, ...(owed.size === 0 ? [`settled ${ROW}/${id}`] : [])];
  }

  /** Checks what the home asks. */
  asks(text: string, hasRoom: boolean): void {
    const [, whom, id, sequence] = /^asks (\d|itself) about (\d+)\/(\d+)$/.exec(text) ?? assert.fail(text);
    const shard = whom === 'itself' ? OWN : Number(whom);
    const one = this.of(shard);
    assert.equal(id, sequence);
    assert.ok(shard === OWN || hasRoom, text);
    assert.ok(this.owed.get(Number(id))?.has(shard), `${text}: it has reported`);
    assert.ok(one.itemsBefore === 0, `${text}: items are in its queue, or it has not started again`);
    // The same question may come again: a newer message moves others to later places.
    assert.ok(one.open === undefined, `${text}: it has not answered`);
    one.open = Number(id);
  }
}

const nobody = (): Asking => ({ itemsBefore: undefined, open: undefined });

class Both {
  readonly home = new OwingHome(RECENT_MAX);
  readonly naive = new NaiveHome();
  #last = 0;

  do({ act, shard, which, state, isYes }: Step): void {
    const { home, naive } = this;
    const id = 1 + which;
    if (act === 'remember' && this.#last < 12) {
      const item = isYes ? GroupItem.MESSAGE : which % 2 === 0 ? GroupItem.MESSAGE : GroupItem.JOIN;
      home.remember(++this.#last, item);
      if (item === GroupItem.MESSAGE) naive.owed.set(this.#last, new Set(SHARDS));
    } else if (act === 'report') {
      home.owed.done(AUTHOR, id, isYes, shard);
      assert.deepEqual(home.news, naive.reported(id, shard, isYes));
    } else if (act === 'restart') this.restart(shard, which % 3);
    else if (act === 'removed') {
      home.owed.itemRemoved();
      for (const one of naive.asking.values())
        if ((one.itemsBefore ?? 0) > 0) one.itemsBefore = (one.itemsBefore ?? 0) - 1;
    } else if (act === 'answer') this.answer(shard, state);
    else if (act === 'room') home.hasRoom = isYes;
    this.work();
  }

  restart(shard: number, items: number): void {
    this.home.owed.askAfter(shard, items);
    this.naive.asking.set(shard, { ...nobody(), itemsBefore: items });
  }

  answer(shard: number, state: number): void {
    const one = this.naive.of(shard);
    const id = one.open;
    if (id === undefined) return;
    one.open = undefined;
    this.home.owed.answered(shard, AUTHOR, id, state);
    const isReport = state !== ItemState.WAITING;
    assert.deepEqual(this.home.news, isReport ? this.naive.reported(id, shard, state === ItemState.REJECTED) : []);
  }

  work(): void {
    for (const text of this.home.work()) this.naive.asks(text, this.home.hasRoom);
  }
}

it('is reported once by each shard, asked for one at a time after a restart, and at last settled', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const both = new Both();
      for (const one of steps) both.do(one);
      both.home.hasRoom = true;
      for (const shard of SHARDS) both.restart(shard, 0);
      both.work();
      for (let n = 0; n < 12; n++) {
        for (const shard of SHARDS) both.answer(shard, ItemState.CONFIRMED);
        both.work();
      }
      for (const [id, left] of both.naive.owed) assert.equal(left.size, 0, `message ${id} is settled`);
      assert.equal(both.home.owed.waits, false);
    }),
    { numRuns: triedCases(200, 60) },
  );
});
