import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, readSerial } from '../../wire/frames.ts';
import { type HeardFrame, SmallSwitch } from '../small-switch.test-suite.ts';

const PARK_MICROS = 100_000;
const REDELIVERY_MICROS = 30e6;
const QUEUED = 100_000;
const [SENDER, AWAY, SILENT] = [1, 2, 3];

/** Lets a shard work as a thread would that sleeps whenever there was nothing to do. @returns turns without work. */
function idleUntil(small: SmallSwitch, untilMicros: number, holds: () => boolean = () => false): number {
  let sleeps = 0;
  while (small.nowMicros < untilMicros && !holds()) {
    if (small.work(0) > 0) {
      small.nowMicros += 10;
    } else {
      small.nowMicros += PARK_MICROS;
      sleeps++;
    }
    small.listen();
  }
  return sleeps;
}

function send(small: SmallSwitch, messages: number, to: number, firstId: number): void {
  for (let n = 0; n < messages; n++) {
    small.say(SENDER, small.message(firstId + n, to));
    if (n % 100 === 99 || n === messages - 1) {
      small.work(0);
      small.listen();
    }
  }
  assert.equal(small.frames(SENDER, FrameType.ACKNOWLEDGED).length, firstId - 1 + messages);
}

/** The sequence number of a DELIVER, or the id of a RECEIPT. */
function sequenceOf(frame: HeardFrame | undefined): number {
  assert.ok(frame !== undefined, 'a frame has come');
  return readSerial(frame.body, 0);
}

describe('a mailbox', () => {
  const settings = {
    mailboxBlocks: QUEUED + 100,
    messagesPerAccount: QUEUED + 100,
    redeliveryMicros: REDELIVERY_MICROS,
    tickMicros: REDELIVERY_MICROS / 128,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
  };

  it('is looked at in time by a shard that has nothing else to do, among a hundred thousand messages that wait', () => {
    const small = new SmallSwitch(settings);
    small.online(SENDER, SENDER);
    small.online(SILENT, SILENT);
    send(small, QUEUED, AWAY, 1);
    send(small, 1, SILENT, QUEUED + 1);
    assert.equal(small.frames(SILENT, FrameType.DELIVER).length, 1, 'and it is not confirmed');
    const startMicros = small.nowMicros;
    idleUntil(small, startMicros + 200e6, () => small.frames(SILENT, FrameType.DELIVER).length > 1);
    const afterMicros = small.nowMicros - startMicros;
    // A round of the sweep takes an eighth of the time, and a beat may have begun just before.
    assert.ok(afterMicros >= REDELIVERY_MICROS * 0.99, `again after ${afterMicros} µs`);
    assert.ok(afterMicros <= REDELIVERY_MICROS * 1.2, `again after ${afterMicros} µs`);
  });

  it('sends what is not confirmed again once in its time, however much waits behind it', () => {
    const [window, queued] = [8, 1000];
    const small = new SmallSwitch({ ...settings, deliveryWindow: window });
    small.online(SENDER, SENDER);
    small.online(SILENT, SILENT);
    send(small, queued, SILENT, 1);
    assert.equal(small.frames(SILENT, FrameType.DELIVER).length, window);
    for (const times of [2, 3]) {
      idleUntil(small, small.nowMicros + REDELIVERY_MICROS * 1.2);
      assert.equal(small.frames(SILENT, FrameType.DELIVER).length, times * window);
    }
  });

  it('counts what it delivers from beyond the blocks that stay in memory', () => {
    const [resident, queued] = [30, 100];
    const small = new SmallSwitch({ ...settings, residentBlocks: resident + 1, deliveryWindow: queued }); // block 0 is none
    small.online(SENDER, SENDER);
    send(small, queued, AWAY, 1);
    assert.equal(small.count('deliveriesFromFile'), 0, 'nothing was delivered');
    small.online(AWAY, AWAY);
    idleUntil(small, small.nowMicros + 1e6);
    assert.equal(small.frames(AWAY, FrameType.DELIVER).length, queued);
    assert.equal(small.count('deliveriesFromFile'), queued - resident);
    small.online(SILENT, SILENT);
    send(small, 1, SILENT, queued + 1);
    assert.equal(
      small.frames(SILENT, FrameType.DELIVER).length,
      1,
      'one that finds its phone online, in a block behind',
    );
    assert.equal(small.count('deliveriesFromFile'), queued - resident + 1);
  });

  it('lets its shard sleep for nearly all the time, whatever waits in it', () => {
    for (const queued of [0, 1000, 20_000]) {
      const small = new SmallSwitch(settings);
      small.online(SENDER, SENDER);
      if (queued > 0) send(small, queued, AWAY, 1);
      const sleeps = idleUntil(small, small.nowMicros + 20e6);
      assert.ok(sleeps >= 190, `${sleeps} sleeps of ${PARK_MICROS} µs with ${queued} messages`);
    }
  });

  it('goes on while the session of a sender is just ending, whose receipt waits for its next one', () => {
    const small = new SmallSwitch();
    const [leaving, other, recipient] = [1, 2, 3];
    for (const client of [leaving, other, recipient]) small.online(client, client);
    small.say(leaving, small.message(1, recipient));
    small.settle();
    const first = sequenceOf(small.frames(recipient, FrameType.DELIVER)[0]);
    small.say(leaving, small.empty(FrameType.PONG)); // the switch ends it, and it does not listen
    small.work(0);
    small.say(recipient, small.confirmation(first));
    small.say(other, small.message(1, recipient));
    for (let n = 0; n < 10; n++) small.work(0);
    small.isDeaf = (client) => client === leaving;
    small.listen();
    assert.equal(small.frames(recipient, FrameType.DELIVER).length, 2, 'the other message comes');
    small.isDeaf = () => false;
    small.hangUp(leaving);
    small.settle();
    small.online(leaving, leaving);
    assert.deepEqual(
      small.frames(leaving, FrameType.RECEIPT).map(sequenceOf),
      [1],
      'and the receipt at the next login',
    );
    assert.deepEqual([small.stores[0]?.entries, small.count('receiptsStored')], [1, 1]);
  });

  it('gives a phone all receipts that waited for it at once, more than are on their way of messages', () => {
    const small = new SmallSwitch({ messagesPerAccount: 20 });
    const [sender, recipient] = [1, 2];
    const messages = 10;
    small.online(sender, sender);
    for (let id = 1; id <= messages; id++) small.say(sender, small.message(id, recipient));
    small.settle();
    small.hangUp(sender);
    small.online(recipient, recipient);
    for (let n = 0; n < messages; n++) {
      const last = small.frames(recipient, FrameType.DELIVER).at(-1);
      small.say(recipient, small.confirmation(sequenceOf(last)));
      small.settle();
    }
    assert.equal(small.count('messagesConfirmed'), messages);
    small.online(sender, sender);
    assert.equal(small.frames(sender, FrameType.RECEIPT).length, messages);
    assert.equal(small.stores[0]?.entries, 0);
  });
});
