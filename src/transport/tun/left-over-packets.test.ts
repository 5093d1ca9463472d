/** A lane that has not handled all that arrived: what it may still send. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLAIM_FULL, type ConnectionEvents } from '../../wire/transport.ts';
import { TcpCounter } from './tcp/tcp-counters.ts';
import { SETTINGS, tunEnds } from './tun-ends.test-suite.ts';

const EVENTS_MAX = 64;
const BYTES = 64;

/** Phones, to each of which the switch has just sent something. */
function phonesWithInput(count = 2) {
  const table = { rowsMax: 2 * count, activitiesMax: 2 * count, connectingMax: count };
  const ends = tunEnds({ phones: table, shard: table, slots: count });
  const [phones, sessions]: [number[], number[]] = [[], []];
  const record = (opened: number[]): ConnectionEvents => ({
    opened: (_token, connection) => opened.push(connection),
    refused: () => assert.fail('nothing is refused'),
    bytes: (_token, _connection, _view, start, end) => end - start,
    closed: () => assert.fail('nothing is closed'),
  });
  const [events, ofShard] = [record(phones), record(sessions)];
  const turn = (limit: number): void => {
    ends.phones.poll(events, limit);
    ends.phones.flush();
    ends.shard.poll(ofShard, EVENTS_MAX);
    ends.shard.flush();
    ends.settle();
  };
  for (let token = 0; token < count; token++) assert.ok(ends.phones.connect(0, token));
  while (sessions.length < count || phones.length < count) turn(EVENTS_MAX);
  for (const session of sessions) {
    assert.ok(ends.shard.claim(session, BYTES, 0) >= 0);
    ends.shard.commit();
  }
  ends.shard.flush();
  ends.settle();
  ends.phones.poll(events, 0); // what the link carries is in the exchange of this poll
  const poll = (limit: number): number => ends.phones.poll(events, limit);
  return { ...ends, connection: phones[0] ?? -1, poll, turn };
}

describe('packets that a poll leaves over', () => {
  it('keep output that may wait from being written, until they are handled', () => {
    const { phones, connection, poll } = phonesWithInput();
    assert.equal(poll(1), 1);
    assert.equal(phones.claim(connection, BYTES, 1), CLAIM_FULL);
    assert.equal(poll(EVENTS_MAX), 1);
    assert.ok(phones.claim(connection, BYTES, 1) >= 0);
  });

  it('keep phones from connecting, until they are handled', () => {
    const { phones, poll } = phonesWithInput();
    assert.equal(poll(1), 1);
    assert.ok(!phones.connect(0, 2));
    assert.equal(poll(EVENTS_MAX), 1);
    assert.ok(phones.connect(0, 2));
  });

  it('do not hinder output that must not fail', () => {
    const { phones, connection, poll } = phonesWithInput();
    assert.equal(poll(1), 1);
    assert.ok(phones.claim(connection, BYTES, 0) >= 0);
  });

  it('do not hinder acknowledgements of those that were handled', () => {
    const count = 200;
    const { tcpCounters, turn } = phonesWithInput(count);
    const before = tcpCounters[TcpCounter.acknowledgementsAlone] ?? 0;
    const lateTurns = SETTINGS.ackDelayMillis + 10; // a turn is a millisecond, and timers are late by a tick of 4 ms
    for (let handled = 1; handled <= count; handled++) {
      turn(1);
      const sent = (tcpCounters[TcpCounter.acknowledgementsAlone] ?? 0) - before;
      assert.ok(sent >= handled - lateTurns, `${sent} acknowledged of ${handled}`);
    }
  });
});
