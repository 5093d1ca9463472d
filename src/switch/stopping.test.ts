/** A switch that is told to stop, as its phones see it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType, readErrorCode } from '../wire/frames.ts';
import { CloseReason } from '../wire/transport.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const errorsOf = (small: SmallSwitch, client: number): number[] =>
  small.frames(client, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));

describe('a switch that stops', () => {
  for (const shards of [1, 2]) {
    it(`tells every connection, logged in or not, and each that comes after, with ${shards} shards`, () => {
      const small = new SmallSwitch({ shards });
      const [sender, silent, late] = [1, 2, 3];
      small.online(sender, sender);
      small.connect(silent, shards - 1);
      small.say(sender, small.message(1, 5));
      small.settle();
      for (const shard of small.shards) shard.beginStopping();
      small.settle();
      small.connect(late, shards - 1);
      small.settle();
      for (const client of [sender, silent, late]) {
        assert.deepEqual(errorsOf(small, client), [ErrorFrameCode.SWITCH_STOPPING]);
        assert.equal(small.closedFor.get(client), CloseReason.SWITCH_STOPPING);
      }
      assert.equal(small.count('sessionsStopped'), 1, 'a connection without a login is no session');
      assert.equal(small.count('messagesQueued'), 1, 'what was acknowledged stays in its mailbox');
      assert.equal(small.rowsUsed, 0);
    });
  }

  it('ends no more connections in a turn than it has inputs, and is not done before the last', () => {
    const [inputsPerTurn, phones] = [4, 14];
    const small = new SmallSwitch({ inputsPerTurn, accounts: phones });
    for (let client = 0; client < phones; client++) small.online(client, client);
    small.shards[0]?.beginStopping();
    const ended: number[] = [];
    for (let before = 0; before < phones; before += ended.at(-1) ?? phones) {
      assert.ok(small.work(0) > 0, 'the shard does not sleep meanwhile');
      ended.push(small.count('sessionsStopped') - before);
    }
    assert.deepEqual(ended, [4, 4, 4, 2]);
    small.settle();
    for (let client = 0; client < phones; client++) assert.equal(small.isConnected(client), false);
  });

  it('ignores what a phone says after it was told', () => {
    const small = new SmallSwitch();
    const [sender, recipient] = [1, 2];
    small.online(sender, sender);
    small.online(recipient, recipient);
    small.shards[0]?.beginStopping();
    small.work(0);
    small.say(sender, small.message(1, recipient));
    small.work(0);
    small.settle();
    assert.equal(small.frames(sender, FrameType.ACKNOWLEDGED).length, 0, 'it is unanswered, and to be sent again');
    assert.equal(small.count('messagesAccepted'), 0);
  });
});
