/**
 * Which ✓✓ the home of groups owes, whom it asks after a restart, and when, with shards that answer as the test says.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blankEntry, GroupItem, type MailboxEntry } from '../../store/mailbox-entry.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { ItemState } from './item-state.ts';
import { OwedReceipts } from './owed-receipts.ts';
import { RecentMessages } from './recent-messages.ts';

const [OWN, OTHER] = [0, 1];
const SHARDS = 2;
const ROW = 3;
const AUTHOR = 7;
const NO_PAYLOAD = new DataView(new ArrayBuffer(0));

/** A home with everything that it does to others, in order. */
class Home {
  readonly did: string[] = [];
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  hasRoom = true;
  readonly recent: RecentMessages;
  readonly owed: OwedReceipts;

  /** @param recentMax messages that it remembers. */
  constructor(recentMax = 64) {
    const homes = new Placement(SHARDS, HOME_SALT);
    this.recent = new RecentMessages(recentMax, SHARDS);
    this.owed = new OwedReceipts(
      { homes, shard: OWN },
      {
        counters: this.counters,
        recent: this.recent,
        store: {
          note: (note, row, sequence) => {
            assert.equal(note, GroupNote.SETTLED);
            this.did.push(`settled ${row}/${sequence}`);
            return true;
          },
        },
        hops: {
          write: {
            askItem: (shard, account, _author, id, sequence) => {
              if (!this.hasRoom) return false;
              assert.equal(account, homes.accountAt(OWN, ROW));
              this.did.push(`asks ${shard} about ${id}/${sequence}`);
              return true;
            },
          },
        },
        receipts: {
          done: (author, id, isRejected) => {
            const place = this.recent.find(author, id);
            this.recent.setShardsLeft(place, this.recent.shardsLeft(place) - 1);
            this.did.push(`${id} done${isRejected ? ', rejected' : ''}`);
          },
        },
        items: { ask: (_account, _author, id, sequence) => this.did.push(`asks itself about ${id}/${sequence}`) },
      },
    );
  }

  /** An item of the group with this id, which is also its sequence number. */
  remember(id: number, item: number = GroupItem.MESSAGE): void {
    const entry: MailboxEntry = { ...blankEntry(NO_PAYLOAD), accountRow: ROW, sequence: id, sender: AUTHOR, id, item };
    this.owed.remember(entry);
  }

  /** What it has done since the last time. */
  get news(): string[] {
    return this.did.splice(0);
  }

  work(turns = 4): string[] {
    for (let n = 0; n < turns; n++) this.owed.doWork();
    return this.news;
  }
}

describe('a ✓✓ that the home of a group owes', () => {
  it('is reported by each shard once, however often it says so, and then settled for the log', () => {
    const home = new Home();
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
    const home = new Home();
    home.remember(1, GroupItem.JOIN);
    home.owed.done(AUTHOR, 1, false, OTHER);
    home.owed.done(AUTHOR, 2, false, OTHER);
    home.owed.askAfter(OTHER, 0);
    assert.deepEqual(home.work(), []);
  });

  it('is settled for the log where the message is forgotten for a newer one', () => {
    const home = new Home(4);
    for (let id = 1; id <= 5; id++) home.remember(id);
    assert.deepEqual(home.news, [`settled ${ROW}/1`]);
    assert.equal(home.counters[SwitchCounter.groupReceiptsDropped], 1);
  });
});

describe('the home of a group that asks a shard after a restart', () => {
  it('waits until all items of the queue have left it', () => {
    const home = new Home();
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
    const home = new Home();
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
      const home = new Home();
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
    const home = new Home();
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
    const home = new Home();
    home.remember(1);
    home.owed.askAfter(OTHER, 0);
    assert.deepEqual(home.work(), ['asks 1 about 1/1']);
    home.owed.askAfter(OTHER, 0);
    assert.deepEqual(home.work(), ['asks 1 about 1/1']);
  });
});
