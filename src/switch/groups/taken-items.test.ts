/** What a shard says to the home of a group about its items, and when, with a log and hops that do as the test says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OpenItem } from '../../store/restore-mailboxes.ts';
import { AUTHOR, LOCAL, nameOf, QUEUE_MAX, REMOTE, SHARDS, Taking } from './taking-shard.test-suite.ts';

for (const account of [LOCAL, REMOTE]) {
  const name = nameOf(account);
  describe(`an item of a group whose home is ${account === LOCAL ? 'this shard' : 'another shard'}`, () => {
    it('is told to be stored only when its note is complete', () => {
      const one = new Taking();
      assert.equal(one.items.isNew(account, 1), true);
      assert.equal(one.items.take(account, 1, false), true);
      assert.deepEqual(one.work(), [`notes TAKEN ${name}/1, 0`]);
      assert.equal(one.items.waits, true, 'no event tells that the log has got on');
      one.completed = 1;
      assert.deepEqual(one.work(), [`tells ${name}/1`]);
      assert.deepEqual([one.work(), one.items.waits], [[], false]);
    });

    it('is not applied again, and its home is told again how far items are stored', () => {
      const one = new Taking();
      one.store(account, 1);
      one.store(account, 2);
      for (const sequence of [2, 1]) assert.equal(one.items.isNew(account, sequence), false);
      assert.deepEqual(one.work(), [`tells ${name}/2`]);
      assert.equal(one.items.isNew(account, 3), true);
      assert.equal(one.items.isNew(account, 3), false, 'it has arrived, and is not stored yet');
    });

    it('is known after a restart by what the log has kept', () => {
      const one = new Taking();
      one.items.setStored(account, 8);
      assert.equal(one.items.isNew(account, 8), false);
      assert.deepEqual(one.work(), [`tells ${name}/8`]);
      assert.equal(one.items.isNew(account, 9), true);
    });
  });
}

describe('items that are stored together', () => {
  it('are told with one word, for the newest', () => {
    const one = new Taking();
    for (const sequence of [1, 2, 3]) {
      one.items.isNew(REMOTE, sequence);
      one.items.take(REMOTE, sequence, false);
    }
    one.work();
    one.completed = 1;
    assert.deepEqual(one.work(), ['tells remote/3']);
  });

  it('wait where the log takes no more, or too many notes are incomplete', () => {
    const one = new Taking();
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
    const one = new Taking();
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
    const one = new Taking();
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
    const one = new Taking();
    one.items.ask(LOCAL, AUTHOR, 1, 1);
    one.unconfirmed.push([AUTHOR, 1]);
    one.work();
    one.items.ask(LOCAL, AUTHOR, 1, 1);
    assert.deepEqual(one.did, ['answers 1: WAITING']);
  });

  it('is answered later where there is no room', () => {
    const one = new Taking();
    one.hasRoom = false;
    one.items.ask(REMOTE, AUTHOR, 1, 1);
    assert.deepEqual([one.work(), one.items.waits], [[], true]);
    one.hasRoom = true;
    assert.deepEqual([one.work(), one.items.waits], [['answers 1: CONFIRMED'], false]);
  });
});

describe('an item that some members had when the shard ended', () => {
  it('is gone on with once, and only it', () => {
    const one = new Taking();
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
