/** What a shard says to the home of a group about its items, and when, with a log and hops that do as the test says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import type { OpenItem } from '../../store/restore-mailboxes.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { ItemState } from './item-state.ts';
import { TakenItems } from './taken-items.ts';

const SHARDS = 2;
const PHONES = 8;
const QUEUE_MAX = 4;
const AUTHOR = 5;
const sizes = { median: 4, sigma: 0, max: 4 };
const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 6, lists: 0, phones: PHONES, sizes });
const homes = new Placement(SHARDS, HOME_SALT);
const [HERE, THERE] = [0, 1];

function groupAt(shard: number): number {
  const accounts = Array.from({ length: plan.count }, (_, group) => plan.accountOf(group));
  return accounts.find((account) => homes.shardOf(account) === shard) ?? assert.fail('each shard is home of groups');
}
const [LOCAL, REMOTE] = [groupAt(HERE), groupAt(THERE)];

class Items {
  readonly did: string[] = [];
  readonly index = new MailboxIndex(64);
  /** Author and id of messages that members have not confirmed. */
  readonly unconfirmed: [number, number][] = [];
  isLogFull = false;
  hasRoom = true;
  openBatch = 1;
  completed = 0;
  readonly items: TakenItems;

  constructor() {
    const say = (text: string): boolean => {
      if (this.hasRoom) this.did.push(text);
      return this.hasRoom;
    };
    const { unconfirmed, index } = this;
    const state = this;
    this.items = new TakenItems(
      { homes, shard: HERE },
      { plan, queueMax: QUEUE_MAX },
      {
        store: {
          note: (note, account, sequence, detail) => {
            if (this.isLogFull) return false;
            const name = Object.entries(GroupNote).find(([, one]) => one === note)?.[0];
            this.did.push(`notes ${name} ${nameOf(account)}/${sequence}, ${detail}`);
            return true;
          },
          get openBatch() {
            return state.openBatch;
          },
          isComplete: (batch) => batch <= this.completed,
        },
        mailboxes: {
          shared: index.shared,
          forEachSharedPayload: () => {},
          forEachGroupMessage: (visit) => {
            for (const [author, id] of unconfirmed) visit(author, id, 0);
          },
        },
        hops: {
          write: {
            itemTaken: (to, account, shard, sequence) => {
              assert.deepEqual([to, shard], [THERE, HERE]);
              return say(`tells ${nameOf(account)}/${sequence}`);
            },
            itemAnswer: (to, shard, _author, id, answer) => {
              assert.deepEqual([to, shard], [THERE, HERE]);
              return say(`answers ${id}: ${stateOf(answer)}`);
            },
          },
        },
      },
    );
    this.items.connect({
      taken: (account, _shard, sequence) => void this.did.push(`tells ${nameOf(account)}/${sequence}`),
      answered: (_shard, _author, id, answer) => void this.did.push(`answers ${id}: ${stateOf(answer)}`),
    });
  }

  work(): string[] {
    this.items.doWork();
    return this.did.splice(0);
  }

  /** Takes an item of a group whose records are complete. */
  store(account: number, sequence: number, hasRejected = false): void {
    assert.ok(this.items.isNew(account, sequence));
    assert.ok(this.items.take(account, sequence, hasRejected));
    this.completed = this.openBatch++;
    this.work();
  }
}

const nameOf = (account: number): string => (account === LOCAL ? 'local' : 'remote');
const stateOf = (state: number): string | undefined => Object.entries(ItemState).find(([, one]) => one === state)?.[0];

for (const account of [LOCAL, REMOTE]) {
  const name = nameOf(account);
  describe(`an item of a group whose home is ${account === LOCAL ? 'this shard' : 'another shard'}`, () => {
    it('is told to be stored only when its note is complete', () => {
      const one = new Items();
      assert.equal(one.items.isNew(account, 1), true);
      assert.equal(one.items.take(account, 1, false), true);
      assert.deepEqual(one.work(), [`notes TAKEN ${name}/1, 0`]);
      assert.equal(one.items.waits, true, 'no event tells that the log has got on');
      one.completed = 1;
      assert.deepEqual(one.work(), [`tells ${name}/1`]);
      assert.deepEqual([one.work(), one.items.waits], [[], false]);
    });

    it('is not applied again, and its home is told again how far items are stored', () => {
      const one = new Items();
      one.store(account, 1);
      one.store(account, 2);
      for (const sequence of [2, 1]) assert.equal(one.items.isNew(account, sequence), false);
      assert.deepEqual(one.work(), [`tells ${name}/2`]);
      assert.equal(one.items.isNew(account, 3), true);
      assert.equal(one.items.isNew(account, 3), false, 'it has arrived, and is not stored yet');
    });

    it('is known after a restart by what the log has kept', () => {
      const one = new Items();
      one.items.setStored(account, 8);
      assert.equal(one.items.isNew(account, 8), false);
      assert.deepEqual(one.work(), [`tells ${name}/8`]);
      assert.equal(one.items.isNew(account, 9), true);
    });
  });
}

describe('items that are stored together', () => {
  it('are told with one word, for the newest', () => {
    const one = new Items();
    for (const sequence of [1, 2, 3]) {
      one.items.isNew(REMOTE, sequence);
      one.items.take(REMOTE, sequence, false);
    }
    one.work();
    one.completed = 1;
    assert.deepEqual(one.work(), ['tells remote/3']);
  });

  it('wait where the log takes no more, or too many notes are incomplete', () => {
    const one = new Items();
    one.isLogFull = true;
    one.items.isNew(REMOTE, 1);
    assert.equal(one.items.take(REMOTE, 1, false), false);
    assert.equal(one.items.takeChange(REMOTE, 1, 2, true), false);
    one.isLogFull = false;
    let taken = 0;
    while (one.items.takeChange(REMOTE, taken + 1, 2, taken % 2 === 0)) taken++;
    assert.equal(taken, QUEUE_MAX * SHARDS, 'as many as homes send at once');
    assert.deepEqual(one.work().slice(0, 2), ['notes JOINED remote/1, 2', 'notes LEFT remote/2, 2']);
    one.completed = 1;
    assert.deepEqual(one.work(), [`tells remote/${taken}`]);
    assert.ok(one.items.takeChange(REMOTE, taken + 1, 2, true));
  });

  it('are told when there is room on the way to their home', () => {
    const one = new Items();
    one.items.isNew(REMOTE, 1);
    one.items.take(REMOTE, 1, false);
    one.completed = 1;
    one.hasRoom = false;
    assert.deepEqual([one.work(), one.items.waits], [['notes TAKEN remote/1, 0'], true]);
    one.hasRoom = true;
    assert.deepEqual([one.work(), one.items.waits], [['tells remote/1'], false]);
  });
});

describe('a home that asks about a message', () => {
  it('is answered by what members have not confirmed, and what some could not be given', () => {
    const one = new Items();
    one.store(REMOTE, 1, true);
    one.store(REMOTE, 2);
    one.unconfirmed.push([AUTHOR, 12]);
    one.did.length = 0;
    one.items.ask(REMOTE, AUTHOR, 11, 1);
    one.items.ask(REMOTE, AUTHOR, 12, 2);
    one.items.ask(REMOTE, AUTHOR, 13, 2);
    one.items.ask(LOCAL, AUTHOR, 13, 2);
    assert.deepEqual(one.did, [
      'answers 11: REJECTED',
      'answers 12: WAITING',
      'answers 13: CONFIRMED',
      'answers 13: CONFIRMED',
    ]);
  });

  it('is answered by what has changed since the last turn', () => {
    const one = new Items();
    one.items.ask(LOCAL, AUTHOR, 1, 1);
    one.unconfirmed.push([AUTHOR, 1]);
    one.work();
    one.items.ask(LOCAL, AUTHOR, 1, 1);
    assert.deepEqual(one.did, ['answers 1: WAITING']);
  });

  it('is answered later where there is no room', () => {
    const one = new Items();
    one.hasRoom = false;
    one.items.ask(REMOTE, AUTHOR, 1, 1);
    assert.deepEqual([one.work(), one.items.waits], [[], true]);
    one.hasRoom = true;
    assert.deepEqual([one.work(), one.items.waits], [['answers 1: CONFIRMED'], false]);
  });
});

describe('an item that some members had when the shard ended', () => {
  it('is gone on with once, and only it', () => {
    const one = new Items();
    const payload = { view: new DataView(new ArrayBuffer(4)), at: 0, bytes: 4 };
    const shared = one.index.shared.keep(AUTHOR, 1, REMOTE, 0, false, payload);
    const open: OpenItem = { sequence: 3, shared, rows: new Set([1, 2]) };
    one.items.restored(new Map([[REMOTE, open]]), new Map([[shared, 3]]));
    assert.equal(one.items.resume(REMOTE, 2), undefined);
    assert.equal(one.items.resume(LOCAL, 3), undefined);
    assert.equal(one.items.resume(REMOTE, 3), open);
    assert.equal(one.items.resume(REMOTE, 3), undefined);
  });
});
