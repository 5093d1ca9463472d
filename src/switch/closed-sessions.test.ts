import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloseReason } from '../wire/transport.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

/** More than wait in the queue of a shard. */
const PHONES = 70_000;

/**
 * Two shards, with phones on the first whose accounts have their home on the second. All of them hang up
 * while the second shard does nothing, so that its inbox is full after a few.
 */
function crowdThatCannotBeTold(phones: number, heartbeatTimeoutMicros: number): SmallSwitch {
  const small = new SmallSwitch({
    shards: 2,
    accounts: 2 * phones + 1000,
    sessions: phones + 1,
    inboxBytes: 2 ** 12,
    ringBytes: 2 ** 24,
    tickMicros: 1000,
    heartbeatTimeoutMicros,
    loginTimeoutMicros: 10e6,
    inputsPerTurn: 2 ** 17,
  });
  const away = Array.from({ length: small.plan.size }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 1);
  const accounts = away.slice(0, phones);
  accounts.forEach((_, client) => {
    small.connect(client, 0);
  });
  small.settle();
  accounts.forEach((account, client) => {
    small.say(client, small.login(account));
  });
  small.settle();
  assert.equal(small.count('sessions'), phones);
  return small;
}

describe('ends of sessions that homes cannot be told', () => {
  it('are told in the end, however many there are, also where no heartbeat ever finds them', () => {
    const small = crowdThatCannotBeTold(PHONES, Number.POSITIVE_INFINITY);
    for (let client = 0; client < PHONES; client++) small.hangUp(client);
    for (let n = 0; n < 20; n++) small.work(0);
    assert.ok(small.count('retriesFull') > 0, 'more than the queue can hold');
    small.settle();
    assert.equal(small.rowsUsed, 0, 'every row is free');
    assert.equal(small.shards[0]?.untilDueMicros(1e6), 1e6, 'nothing waits');
    small.online(0, 1);
    assert.equal(small.count('sessions'), 1);
  });

  it('keep no time-out waiting, and let the shard sleep for a moment only', () => {
    const phones = 5000;
    const small = crowdThatCannotBeTold(phones, 50_000);
    for (let client = 1; client < phones; client++) small.hangUp(client);
    for (let n = 0; n < 20; n++) small.work(0);
    const [shard] = small.shards;
    const inMillis = shard?.untilDueMicros(1e6) ?? 0;
    assert.ok(inMillis > 0 && inMillis <= 5000, 'it tries again soon, and not at once');
    assert.equal(small.work(0), 0, 'no work is reported where nothing can be done');
    small.nowMicros += 60_000;
    for (let n = 0; n < 100; n++) small.work(0);
    small.listen();
    assert.equal(small.closedFor.get(0), CloseReason.HEARTBEAT_MISSED, 'although the others wait');
  });
});
