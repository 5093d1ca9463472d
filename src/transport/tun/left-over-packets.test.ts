/** A lane that has not handled all that arrived: what it may still send. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLAIM_FULL, type ConnectionEvents } from '../../wire/transport.ts';
import { tunEnds } from './tun-ends.test-suite.ts';

const EVENTS_MAX = 64;
const BYTES = 64;

/** Two phones, to each of which the switch has just sent something. */
function twoPhonesWithInput() {
  const ends = tunEnds();
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
  assert.ok(ends.phones.connect(0, 1) && ends.phones.connect(0, 2));
  while (sessions.length < 2) turn(EVENTS_MAX);
  for (const session of sessions) {
    assert.ok(ends.shard.claim(session, BYTES, 0) >= 0);
    ends.shard.commit();
  }
  ends.shard.flush();
  ends.settle();
  ends.phones.poll(events, 0); // what the link carries is in the exchange of this poll
  return { phones: ends.phones, connection: phones[0] ?? -1, poll: (limit: number) => ends.phones.poll(events, limit) };
}

describe('packets that a poll leaves over', () => {
  it('keep output that may wait from being written, until they are handled', () => {
    const { phones, connection, poll } = twoPhonesWithInput();
    assert.equal(poll(1), 1);
    assert.equal(phones.claim(connection, BYTES, 1), CLAIM_FULL);
    assert.equal(poll(EVENTS_MAX), 1);
    assert.ok(phones.claim(connection, BYTES, 1) >= 0);
  });

  it('do not hinder output that must not fail', () => {
    const { phones, connection, poll } = twoPhonesWithInput();
    assert.equal(poll(1), 1);
    assert.ok(phones.claim(connection, BYTES, 0) >= 0);
  });
});
