/** Messages whose ✓ waits for their records in the log, as the phones see it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode } from '../wire/frames.ts';
import { HonestPhone } from './honest-phone.test-suite.ts';
import { StoredSwitch } from './stored-switch.test-suite.ts';

const PHONES = 3;
const NEVER = Number.POSITIVE_INFINITY;

/** Three phones on a switch with logs that outlast it. */
class Durable extends StoredSwitch<HonestPhone> {
  constructor(shards: number, acknowledgementsMax = 8) {
    const settings = { deliveryWindow: 8, durability: { acknowledgementsMax, idWindowsMax: 64 } };
    super(shards, PHONES, settings, (small, account) => new HonestPhone(small, account, PHONES));
  }
}

/** The phones of a switch; there are three. */
function phonesOf({ phones }: Durable): [HonestPhone, HonestPhone, HonestPhone] {
  return phones as [HonestPhone, HonestPhone, HonestPhone];
}

const serials = (messages: readonly { readonly serial: number }[]): number[] => messages.map(({ serial }) => serial);

for (const shards of [1, 2]) {
  describe(`a message whose record is incomplete, on ${shards} shards`, () => {
    it('is neither acknowledged nor delivered; then all are, in order', () => {
      const durable = new Durable(shards);
      const [sender, near, far] = phonesOf(durable);
      durable.delay(NEVER);
      for (const to of [near, far, near, far, near]) sender.send(to.account);
      durable.settle();
      assert.deepEqual([serials(sender.acknowledged), near.received, far.received], [[], [], []]);
      assert.ok(
        durable.small.shards.some((shard) => shard.untilDueMicros(1e6) < 1e6),
        'a shard looks again soon',
      );
      durable.delay(0);
      durable.settle();
      assert.deepEqual(serials(sender.acknowledged).sort(), [1, 2, 3, 4, 5]);
      assert.deepEqual(
        [serials(near.received), serials(far.received)],
        [
          [1, 3, 5],
          [2, 4],
        ],
      );
      assert.ok(
        durable.small.shards.every((shard) => shard.untilDueMicros(1e6) === 1e6),
        'nothing waits any more',
      );
    });

    it('is looked at by a shard that was about to sleep when its record became complete', () => {
      const durable = new Durable(shards);
      const [sender, recipient] = phonesOf(durable);
      durable.delay(NEVER);
      sender.send(recipient.account);
      durable.settle();
      const hasInput = (): boolean => durable.small.shards.some((shard) => shard.hasInput());
      assert.equal(hasInput(), false);
      for (const log of durable.logs) log.completeBatch();
      assert.equal(hasInput(), true);
      durable.settle();
      assert.deepEqual([serials(sender.acknowledged), serials(recipient.received), hasInput()], [[1], [1], false]);
    });

    for (const survivors of [0, 1, 3]) {
      it(`is delivered once if the switch ends and the phone sends it again; ${survivors} records survive`, () => {
        const durable = new Durable(shards);
        const [sender, recipient] = phonesOf(durable);
        sender.send(recipient.account);
        durable.settle();
        durable.delay(NEVER);
        for (let n = 0; n < 3; n++) sender.send(recipient.account);
        durable.settle();
        durable.delay(0);
        durable.restart(() => survivors);
        const all = [1, 2, 3, 4];
        assert.deepEqual([serials(sender.acknowledged), serials(recipient.received)], [all, all]);
        assert.equal(durable.small.count('messagesDuplicate'), survivors);
      });
    }

    it('is answered after its sender has left, who comes back and sends it again', () => {
      const durable = new Durable(shards);
      const [sender, recipient] = phonesOf(durable);
      durable.delay(NEVER);
      sender.send(recipient.account);
      durable.settle();
      sender.hangUp();
      durable.settle();
      sender.logIn(0);
      durable.settle();
      assert.equal(sender.isOnline, false, 'the ids of the first session are not decided yet');
      durable.delay(0);
      durable.settle();
      assert.deepEqual([serials(sender.acknowledged), serials(recipient.received)], [[1], [1]]);
      assert.equal(durable.small.count('messagesDuplicate'), 1);
    });

    it('waits for a recipient who leaves and comes back meanwhile', () => {
      const durable = new Durable(shards);
      const [sender, recipient] = phonesOf(durable);
      durable.delay(NEVER);
      sender.send(recipient.account);
      durable.settle();
      recipient.hangUp();
      durable.settle();
      recipient.logIn(0);
      durable.settle();
      assert.deepEqual([recipient.isOnline, recipient.received], [true, []]);
      durable.delay(0);
      durable.settle();
      assert.deepEqual(serials(recipient.received), [1]);
    });

    it('holds up a receipt behind it in the mailbox no longer than itself', () => {
      const durable = new Durable(shards);
      const [sender, recipient, third] = phonesOf(durable);
      sender.send(recipient.account);
      durable.settle();
      sender.hangUp();
      durable.settle();
      durable.delay(NEVER);
      third.send(sender.account);
      durable.settle();
      recipient.confirm();
      durable.settle();
      sender.logIn(0);
      durable.settle();
      assert.deepEqual([sender.isOnline, sender.received, sender.receipts], [true, [], []]);
      durable.delay(0);
      durable.settle();
      assert.deepEqual([serials(sender.received), serials(sender.receipts)], [[1], [1]]);
    });

    it('is refused where too many wait already, and none of the others is lost', () => {
      const durable = new Durable(shards, 2);
      const [sender, recipient] = phonesOf(durable);
      durable.delay(NEVER);
      for (let n = 0; n < 4; n++) sender.send(recipient.account);
      durable.settle();
      const refusals = sender.refused.map(({ message, code }) => [message.serial, code]);
      assert.deepEqual(refusals, [
        [3, ErrorFrameCode.STORE_FULL],
        [4, ErrorFrameCode.STORE_FULL],
      ]);
      durable.delay(0);
      durable.settle();
      sender.send(recipient.account);
      durable.settle();
      assert.deepEqual(
        [serials(sender.acknowledged), serials(recipient.received)],
        [
          [1, 2, 5],
          [1, 2, 5],
        ],
      );
    });
  });
}

it('a log that takes no more refuses messages, and takes them again when it can', () => {
  const durable = new Durable(1);
  const [sender, recipient] = phonesOf(durable);
  for (const isFull of [true, false]) {
    for (const log of durable.logs) log.isFull = isFull;
    sender.send(recipient.account);
    durable.settle();
  }
  assert.deepEqual(
    sender.refused.map(({ code }) => code),
    [ErrorFrameCode.STORE_FULL],
  );
  assert.deepEqual([serials(sender.acknowledged), serials(recipient.received)], [[2], [2]]);
});

it('a confirmed message does not come back with the next switch, and a message that waits does', () => {
  const durable = new Durable(1);
  const [sender, recipient] = phonesOf(durable);
  sender.send(recipient.account);
  durable.settle();
  recipient.confirm();
  durable.settle();
  sender.send(recipient.account);
  durable.settle();
  durable.restart(() => 0);
  assert.deepEqual([durable.small.count('messagesQueued'), serials(recipient.received)], [1, [1, 2]]);
});
