/**
 * Which ✓✓ the home of groups owes, whom it asks after a restart, and when, with shards that answer as the test says.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GroupItem } from '../../store/mailbox-entry.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { ItemState } from './item-state.ts';
import { AUTHOR, OTHER, OWN, OwingHome, ROW } from './owing-home.test-suite.ts';

describe('a ✓✓ that the home of a group owes', () => {
  it('is reported by each shard once, however often it says so, and then settled for the log', () => {
    const home = new OwingHome();
    home.remember(1);
    home.owed.done(AUTHOR, 1, false, OTHER);
    home.owed.done(AUTHOR, 1, false, OTHER);
    assert.deepEqual(home.news, ['1 done']);
    home.owed.done(AUTHOR, 1, true, OWN);
    assert.deepEqual(home.news, ['1 done, rejected', `settled ${ROW}/1`]);
    home.owed.done(AUTHOR, 1, false, OWN);
    assert.deepEqual(home.news, []);
  });

  it('is none for a change of members, or for a message that is not known', () => {
    const home = new OwingHome();
    home.remember(1, GroupItem.JOIN);
    home.owed.done(AUTHOR, 1, false, OTHER);
    home.owed.done(AUTHOR, 2, false, OTHER);
    home.owed.askAfter(OTHER, 0);
    assert.deepEqual(home.work(), []);
  });

  it('is settled for the log where the message is forgotten for a newer one', () => {
    const home = new OwingHome(4);
    for (let id = 1; id <= 5; id++) home.remember(id);
    assert.deepEqual(home.news, [`settled ${ROW}/1`]);
    assert.equal(home.counters[SwitchCounter.groupReceiptsDropped], 1);
  });
});

describe('the home of a group that asks a shard after a restart', () => {
  it('waits until all items of the queue have left it', () => {
    const home = new OwingHome();
    home.remember(1);
    home.owed.askAfter(OTHER, 2);
    assert.deepEqual([home.work(), home.owed.waits], [[], false]);
    home.owed.itemRemoved();
    assert.deepEqual(home.work(), []);
    home.owed.itemRemoved();
    assert.equal(home.owed.waits, true);
    assert.deepEqual(home.work(), ['asks 1 about 1/1']);
  });

  it('asks about one message at a time, each once, and only those that are owed', () => {
    const home = new OwingHome();
    for (const id of [1, 2, 3]) home.remember(id);
    home.remember(4, GroupItem.LEAVE);
    home.owed.done(AUTHOR, 2, false, OTHER);
    home.owed.askAfter(OTHER, 0);
    home.did.length = 0;
    const asked: string[] = [];
    for (let n = 0; n < 5; n++) {
      const news = home.work();
      assert.ok(news.length <= 1, 'the next one only after the answer');
      asked.push(...news);
      const id = Number(/about (\d+)/.exec(news[0] ?? '')?.[1]);
      if (news.length > 0) home.owed.answered(OTHER, AUTHOR, id, ItemState.WAITING);
    }
    assert.deepEqual(asked.toSorted(), ['asks 1 about 1/1', 'asks 1 about 3/3']);
    assert.equal(home.owed.waits, false);
  });

  it('takes the answer for a report, unless members have not confirmed the message', () => {
    for (const [state, news] of [
      [ItemState.CONFIRMED, ['1 done']],
      [ItemState.REJECTED, ['1 done, rejected']],
      [ItemState.WAITING, []],
    ] as const) {
      const home = new OwingHome();
      home.remember(1);
      home.owed.askAfter(OTHER, 0);
      home.work();
      home.owed.answered(OTHER, AUTHOR, 1, state);
      assert.deepEqual(home.news, news);
      home.owed.done(AUTHOR, 1, false, OTHER);
      assert.deepEqual(home.news, state === ItemState.WAITING ? ['1 done'] : [], 'a report after that counts once');
    }
  });

  it('asks later where there is no room, and itself without a hop', () => {
    const home = new OwingHome();
    home.remember(1);
    home.owed.askAfter(OTHER, 0);
    home.owed.askAfter(OWN, 0);
    home.hasRoom = false;
    assert.deepEqual(home.work(), ['asks itself about 1/1']);
    assert.equal(home.owed.waits, true);
    home.hasRoom = true;
    assert.deepEqual(home.work(), ['asks 1 about 1/1']);
  });

  it('asks again from the first message if the shard has started again before it answered', () => {
    const home = new OwingHome();
    home.remember(1);
    home.owed.askAfter(OTHER, 0);
    assert.deepEqual(home.work(), ['asks 1 about 1/1']);
    home.owed.askAfter(OTHER, 0);
    assert.deepEqual(home.work(), ['asks 1 about 1/1']);
  });
});
