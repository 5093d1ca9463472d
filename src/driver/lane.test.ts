import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ERROR_FRAME_BYTES,
  ErrorFrameCode,
  FrameType,
  LoginCode,
  readSerial,
  writeErrorFrame,
} from '../wire/frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, writeLoginResult } from '../wire/login.ts';
import { CloseReason } from '../wire/transport.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import { Arrivals } from './terms/arrivals.ts';

describe('logins of a lane', () => {
  it('let every phone of a storm try again, however many wait', () => {
    const phones = 70_000; // more than 2^16
    const under = new LaneUnderTest(phones);
    under.switch.onConnect = (row) => under.switch.refuse(row);
    under.lane.openLogins(phones, 0, 0);
    under.runFor(900_000, 10_000);
    assert.equal(under.count('connectsRefused'), phones, 'all were refused, and wait');
    assert.equal(under.count('loginsGivenUp'), 0);
    under.switch.onConnect = (row) => under.switch.open(row);
    under.logAllIn(phones);
    under.runFor(1e6, 10_000);
    assert.equal(under.count('held'), phones);
  });

  it('count a login that was tried again from when its phone was first due', () => {
    const under = new LaneUnderTest(10);
    under.switch.onConnect = (row) => under.switch.refuse(row);
    under.lane.openLogins(10, 0, 0);
    under.runFor(2.5e6); // due within 10 µs; refused at 0, 1 and 2 s
    assert.equal(under.count('connectsRefused'), 30);
    under.switch.onConnect = (row) => under.switch.open(row);
    under.logAllIn(10);
    assert.equal(under.logins.length, 10);
    for (const micros of under.logins) assert.ok(micros >= 2.9e6, `${micros} µs from when it was first due`);
  });

  it('count a phone that was away or cut off from when it was due to come back', () => {
    const under = new LaneUnderTest(10);
    under.logAllIn(10);
    under.logins.length = 0;
    under.switch.cut(3, CloseReason.PEER_CLOSED);
    under.runFor(2e6);
    assert.equal(under.logins.length, 1);
    assert.ok((under.logins[0] ?? 0) < 10_000, `${under.logins} µs: it waited for no one`);
  });

  it('give every attempt its whole time-out', () => {
    const under = new LaneUnderTest(10, { loginTimeoutMicros: 20e6 });
    under.lane.openLogins(10, 0, 0);
    under.runFor(19.9e6, 5000);
    assert.equal(under.count('loginsTimedOut'), 0);
    under.runFor(4.2e6, 5000); // the whole table is looked through in 4 s
    assert.equal(under.count('loginsTimedOut'), 10);
    under.runFor(16e6, 5000); // the second attempts began 21 s after the first at the earliest
    assert.equal(under.count('loginsTimedOut'), 10);
    under.runFor(10e6, 5000);
    assert.equal(under.count('loginsTimedOut'), 20);
  });

  it('are given up after a short time-out without another four seconds', () => {
    for (const loginTimeoutMicros of [500_000, 1e6]) {
      const under = new LaneUnderTest(10, { loginTimeoutMicros, loginAttempts: 1 });
      under.lane.openLogins(10, 0, 0);
      under.runFor(loginTimeoutMicros - 10_000);
      assert.equal(under.count('loginsTimedOut'), 0);
      under.runFor(loginTimeoutMicros + 100_000); // late by a time-out at most
      assert.equal(under.count('loginsTimedOut'), 10);
    }
  });

  it('take until their answer is read, not until the turn that reads it begins', () => {
    const under = new LaneUnderTest(2);
    under.lane.openLogins(2, 0, 0);
    under.runFor(10_000);
    under.switch.accept(0);
    under.switch.onPoll = () => under.pass(30_000); // the thread is away before it reads
    under.step(0);
    assert.equal(under.count('held'), 1);
    assert.ok((under.logins[0] ?? 0) >= 30_000, `took ${under.logins[0]} microseconds`);
  });

  it('are not tried again once retries are stopped, whether they wait, fail or lose their connection', () => {
    const under = new LaneUnderTest(3);
    under.switch.onConnect = (row) => (row === 0 ? under.switch.refuse(row) : under.switch.open(row));
    under.lane.openLogins(3, 0, 0);
    under.runFor(10_000);
    under.switch.accept(1);
    under.runFor(10_000);
    assert.deepEqual([under.count('connectsStarted'), under.count('held')], [3, 1]);
    under.lane.stopLogins();
    assert.equal(under.count('loginsGivenUp'), 1, 'the one that waits');
    under.switch.cut(1, CloseReason.PEER_CLOSED);
    under.switch.cut(2, CloseReason.PEER_CLOSED);
    under.runFor(5e6);
    assert.deepEqual([under.count('loginsGivenUp'), under.count('connectsStarted')], [3, 3]);
  });

  it('that are given up while the phone cannot hang up are given up when it has', () => {
    const under = new LaneUnderTest(2, { loginAttempts: 1, messages: Arrivals.constant(100) });
    under.lane.openLogins(2, 0, 0);
    under.runFor(10_000);
    under.switch.hasRoom = false;
    for (let row = 0; row < 2; row++) under.switch.say(row, 1, (view) => view.setUint8(0, 0xff)); // of some other server
    under.runFor(10_000);
    under.switch.cut(0, CloseReason.PEER_CLOSED); // and still it cannot
    under.runFor(10_000);
    assert.deepEqual([under.count('loginsForeign'), under.switch.connections], [2, 2]);
    under.switch.hasRoom = true;
    under.runFor(10_000);
    assert.equal(under.switch.connections, 0);
    under.lane.startTraffic(under.nowMicros);
    under.runFor(100_000);
    assert.deepEqual(
      [under.count('messagesNoConnection'), under.count('messagesAway')],
      [10, 0],
      'they are not to come',
    );
  });

  it('wait for none but their own cell where there is no place for one of them', () => {
    const under = new LaneUnderTest(2000, { inFlightPlaces: 2 ** 11, loginTimeoutMicros: 60e6 });
    under.lane.openLogins(2000, 0, 0); // nearly as many as places: some find all eight of theirs taken
    under.runFor(1e6);
    const begun = under.count('connectsStarted');
    assert.ok(begun > 1500 && begun < 2000, `${begun} have begun`);
    under.logAllIn(2000);
    for (let row = 0; row < 2048; row++) under.switch.accept(row); // what was asked before
    under.runFor(1e6);
    assert.equal(under.count('held'), 2000);
  });

  it('time out as fast as they were made, however many', () => {
    const phones = 4000;
    const under = new LaneUnderTest(phones, { inFlightPlaces: 2 ** 14 });
    under.lane.openLogins(phones, 0, 0);
    under.runFor(9.5e6, 2000); // 5 s to wait, 4 s to look at all 256 parts of the table
    const timedOut = under.count('loginsTimedOut');
    assert.ok(timedOut >= 0.99 * phones, `${timedOut}; the few that found no place at once are later`);
  });

  it('are finished one by one when the switch takes up again, after a time in which nobody could say a word', () => {
    const phones = 3000;
    const under = new LaneUnderTest(phones);
    under.switch.onConnect = (row) => {
      under.switch.open(row);
    };
    under.lane.openLogins(phones, 0, 0);
    under.runFor(1500); // half of them have begun to connect
    under.switch.hasRoom = false;
    under.runFor(8e6, 2000); // also over the time-out: nobody can hang up
    under.switch.hasRoom = true;
    under.logAllIn(phones);
    under.runFor(10e6, 2000);
    assert.equal(under.count('held'), phones);
    assert.equal(under.count('loginsGivenUp'), 0);
  });

  it('let the lane sleep while none finds room, however many wait, and all go on when there is room', () => {
    const phones = 1000;
    const under = new LaneUnderTest(phones);
    under.logAllIn(phones);
    let tries = 0;
    let isFull = true;
    const connect = under.switch.connect.bind(under.switch);
    under.switch.connect = (shard, row) => {
      tries++;
      return !isFull && connect(shard, row);
    };
    for (let row = 0; row < phones; row++) under.switch.cut(row, CloseReason.PEER_CLOSED);
    under.runFor(5e6); // every phone is due by now
    tries = 0;
    for (let turn = 0; turn < 10_000; turn++) {
      under.step(100);
      assert.ok(tries <= 1 + Math.floor(turn / 5), `${tries} tries in ${turn} turns of 100 µs`);
    }
    assert.ok(tries > 100, `${tries} in a second: it still tries`);
    while (under.lane.doWork() > 0);
    assert.ok(under.lane.untilDueMicros(10_000) > 0, 'a lane that waits for room sleeps');
    isFull = false;
    under.runFor(100_000);
    assert.equal(under.switch.connections, phones);
  });

  it('that came to nothing leave no connection open, however many could not hang up', () => {
    const phones = 70_000; // more than 2^16
    const under = new LaneUnderTest(phones, { loginAttempts: 1, inFlightPlaces: 2 ** 20 });
    under.lane.openLogins(phones, 0, 0);
    let connects = 0;
    under.switch.onConnect = (row) => {
      under.switch.open(row);
      if (++connects === phones) under.switch.hasRoom = false; // for any of their logins that were not sent yet
    };
    under.runFor(20e6, 20_000);
    assert.equal(under.count('loginsGivenUp'), phones);
    assert.ok(under.switch.connections > 0);
    under.switch.hasRoom = true;
    under.runFor(1e6, 10_000);
    assert.equal(under.switch.connections, 0);
  });

  it('are not taken for messages, whatever id the switch answers or refuses', () => {
    const under = new LaneUnderTest(5);
    under.lane.openLogins(5, 0, 0);
    under.runFor(10_000);
    for (let row = 0; row < 5; row++) {
      under.switch.say(row, ERROR_FRAME_BYTES, (view) => writeErrorFrame(view, 0, ErrorFrameCode.MAILBOX_FULL, 0));
    }
    under.runFor(10_000);
    assert.equal(under.count('messagesRejected'), 0);
    for (let row = 0; row < 5; row++) under.switch.accept(row);
    under.runFor(10_000);
    for (let row = 0; row < 5; row++) under.switch.saySerial(row, FrameType.ACKNOWLEDGED, 0);
    under.runFor(10_000);
    assert.equal(under.logins.length, 5);
    assert.equal(under.count('acknowledgementsUnknown'), 5);
    assert.equal(under.count('messagesUnanswered'), 0);
  });
});

describe('heartbeats of a lane', () => {
  it('are no work while nobody is online, and do not keep the lane awake', () => {
    const under = new LaneUnderTest(50_000, { heartbeatMicros: 5e6 });
    under.runFor(1000);
    assert.equal(under.runFor(10e6), 0, 'nothing was done');
    const sleep = under.lane.untilDueMicros(1e6);
    assert.ok(sleep >= 900 && sleep <= 1100, `${sleep} µs until the next phones are passed`);
  });

  it('come once in each period from every phone that is online', () => {
    const [phones, seconds] = [500, 10];
    const under = new LaneUnderTest(phones, { heartbeatMicros: 1e6 });
    under.logAllIn(phones);
    const pings = new Map<number, number>();
    under.switch.onFrame = ({ row, type }) => {
      if (type === FrameType.PING) pings.set(row, (pings.get(row) ?? 0) + 1);
    };
    under.runFor(seconds * 1e6);
    assert.equal(pings.size, phones);
    for (const [row, count] of pings) assert.ok(Math.abs(count - seconds) <= 1, `phone in row ${row}: ${count}`);
  });
});

describe('messages of a lane whose phone is not answered', () => {
  /** Two phones that send a message each 10 ms; what they have sent. Only the second is answered. */
  function oneUnanswered(): { under: LaneUnderTest; sent: [number[], number[]] } {
    const under = new LaneUnderTest(2, { messages: Arrivals.constant(200) });
    under.logAllIn(2);
    const sent: [number[], number[]] = [[], []];
    under.switch.onFrame = ({ row, type, body }) => {
      if (type === FrameType.LOGIN) under.switch.accept(row, Math.max(0, ...(sent[row] ?? [])));
      if (type !== FrameType.SEND) return;
      const id = readSerial(body, 0);
      sent[row]?.push(id);
      if (row === 1) under.switch.saySerial(row, FrameType.ACKNOWLEDGED, id);
    };
    under.lane.startTraffic(under.nowMicros);
    under.runFor(1e6);
    return { under, sent };
  }

  it('wait from the seventeenth on, and only that phone waits', () => {
    const { under, sent } = oneUnanswered();
    assert.deepEqual([sent[0].length, sent[1].length], [16, 100]);
    assert.equal(under.count('messagesBacklog'), 84);
    const before = under.count('messagesSent');
    for (const id of [2, 3, 4]) under.switch.saySerial(0, FrameType.ACKNOWLEDGED, id);
    under.runFor(1000, 1000);
    assert.equal(under.count('messagesSent'), before, 'the oldest is still unanswered: none is more than 15 behind');
    under.sendDelays.length = 0;
    under.switch.saySerial(0, FrameType.ACKNOWLEDGED, 1);
    under.runFor(1000, 1000);
    assert.deepEqual(sent[0].slice(16), [17, 18, 19, 20]);
    assert.ok(Math.max(...under.sendDelays) > 830_000, `${under.sendDelays} µs from when they were due`);
  });

  it('go again over a new connection, all of them, and are settled', () => {
    const { under, sent } = oneUnanswered();
    under.lane.stopTraffic();
    const before = sent[0].splice(0);
    under.switch.cut(0, CloseReason.PEER_CLOSED);
    under.runFor(2e6);
    assert.deepEqual(sent[0], before);
    for (const id of before) under.switch.saySerial(0, FrameType.ACKNOWLEDGED, id);
    under.runFor(10_000);
    assert.equal(under.count('messagesUnanswered'), 0);
  });

  it('do not keep the lane awake: it sleeps until another is due, and is woken by the answer', () => {
    const { under } = oneUnanswered();
    const sleep = under.lane.untilDueMicros(1e6);
    assert.ok(sleep >= 1000 && sleep <= 2000, `${sleep} µs`);
  });
});

describe('messages of a lane that are sent again', () => {
  /** A phone that has sent ten messages, of which none was answered; the ids of all that it sends from then on. */
  function unanswered(): { under: LaneUnderTest; sent: number[] } {
    const under = new LaneUnderTest(2, { messages: Arrivals.constant(20) });
    under.logAllIn(2);
    const sent: number[] = [];
    under.switch.onFrame = ({ row, type, body }) => {
      if (type === FrameType.LOGIN) under.switch.accept(row, Math.max(0, ...sent));
      if (type === FrameType.SEND && row === 0) sent.push(readSerial(body, 0));
    };
    under.lane.startTraffic(under.nowMicros);
    under.runFor(1e6);
    under.lane.stopTraffic();
    assert.equal(sent.length, 10);
    return { under, sent };
  }

  it('go once over a new connection, also where there was no room for all at once', () => {
    const { under, sent } = unanswered();
    const before = sent.splice(0);
    let asked = 0;
    Object.defineProperty(under.switch, 'hasRoom', { get: () => ++asked % 5 !== 0 });
    under.switch.cut(0, CloseReason.PEER_CLOSED);
    under.runFor(3e6);
    assert.deepEqual(sent, before);
  });

  it('are no work while there is no room, and are tried again soon', () => {
    const { under, sent } = unanswered();
    const before = sent.splice(0);
    under.switch.onFrame = ({ row, type, body }) => {
      if (type === FrameType.LOGIN) under.switch.accept(row, 10);
      if (type === FrameType.LOGIN) under.switch.hasRoom = false;
      if (type === FrameType.SEND && row === 0) sent.push(readSerial(body, 0));
    };
    under.switch.cut(0, CloseReason.PEER_CLOSED);
    let turns = 0;
    for (; under.switch.hasRoom; under.step(1000)) assert.ok(turns++ < 3000, 'it logs in again');
    while (under.lane.doWork() > 0) assert.ok(turns++ < 4000, 'a lane without room is idle');
    const sleep = under.lane.untilDueMicros(1e6);
    assert.ok(sleep > 0 && sleep <= 2000, `it looks for room after ${sleep} µs`);
    under.switch.hasRoom = true;
    under.runFor(1000);
    assert.deepEqual(sent, before);
  });

  it('are refused when every copy is', () => {
    const { under, sent } = unanswered();
    const [first = 0, second = 0] = sent;
    under.runFor(25e6, 10_000);
    assert.equal(sent.length, 20, 'each went a second time');
    const refuse = (id: number): void =>
      under.switch.say(0, ERROR_FRAME_BYTES, (view) =>
        writeErrorFrame(view, 0, ErrorFrameCode.TOO_MANY_UNANSWERED, id),
      );
    for (const id of [first, second]) refuse(id);
    under.runFor(10_000);
    assert.equal(under.count('messagesRejected'), 0, 'the second copies are on their way');
    under.switch.saySerial(0, FrameType.ACKNOWLEDGED, first);
    refuse(second);
    under.runFor(10_000);
    assert.deepEqual([under.count('messagesAcknowledged'), under.count('messagesRejected')], [1, 1]);
  });
});

describe('a storm', () => {
  it('counts the connections, logins and messages that are refused until all are back, and no others', () => {
    const [phones, dropped, pauseMillis] = [20, 5, 30];
    const under = new LaneUnderTest(phones, {
      storms: [{ atMicros: 100_000, target: { kind: 'phones', first: 0, count: dropped }, silenceMicros: null }],
      loginBackoff: retryAfter(20_000),
      messages: Arrivals.constant(2000),
    });
    under.logAllIn(phones);
    const refusedConnects = new Set<number>();
    under.switch.onConnect = (row) => {
      if (refusedConnects.has(row)) return under.switch.open(row);
      refusedConnects.add(row);
      under.switch.refuse(row);
    };
    /** Each is refused without a time to come back, then with one, and then accepted. */
    const logins = new Map<number, number>();
    under.switch.onFrame = ({ row, type, body }) => {
      if (type === FrameType.SEND)
        under.switch.say(row, ERROR_FRAME_BYTES, (view) =>
          writeErrorFrame(view, 0, ErrorFrameCode.MAILBOX_FULL, readSerial(body, 0)),
        );
      if (type !== FrameType.LOGIN) return;
      const before = logins.get(row) ?? 0;
      logins.set(row, before + 1);
      if (before === 2) return under.switch.accept(row);
      under.switch.say(row, LOGIN_RESULT_FRAME_BYTES, (view) =>
        writeLoginResult(view, 0, LoginCode.BUSY, 1, 0, before === 0 ? 0 : pauseMillis, 0),
      );
    };
    under.lane.startTraffic(under.nowMicros);
    const rejectedUntil = (isReached: () => boolean): number => {
      for (let turns = 0; !isReached(); turns++) {
        assert.ok(turns < 10_000);
        under.step(100);
      }
      return under.count('messagesRejected');
    };
    const atStart = rejectedUntil(() => under.count('held') < phones);
    const atEnd = rejectedUntil(() => under.count('held') === phones);
    under.runFor(100_000);
    const [counts] = under.lane.stormCounts();
    assert.deepEqual([counts?.dropped, counts?.loginsRefused, counts?.deferred], [dropped, 2 * dropped, dropped]);
    assert.ok(atStart > 100 && under.count('messagesRejected') > atEnd + 100, 'messages are refused before and after');
    const during = atEnd - atStart;
    assert.ok(during > 50 && Math.abs((counts?.messagesRejected ?? 0) - during) <= 2, `${during} at the same time`);
  });
});
