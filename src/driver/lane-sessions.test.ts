/** Phones over several sessions, and with a switch that does not read or answer for a time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ERROR_FRAME_BYTES,
  ErrorFrameCode,
  FrameType,
  messageFrameBytes,
  readSerial,
  writeErrorFrame,
  writeMessage,
} from '../wire/frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, writeLoginResult } from '../wire/login.ts';
import { CloseReason } from '../wire/transport.ts';
import { writePayload } from './content/payload.test-suite.ts';
import { PAYLOAD_BYTES_MIN } from './content/payload.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { Contacts } from './people/contacts.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';

/** Where the payload of a SEND begins, behind its id and the recipient. */
const PAYLOAD_AT = 10;

/** Two phones of which the first sends; what it has sent on each of its connections. */
class TwoPhones {
  readonly under: LaneUnderTest;
  readonly sent: number[][] = [];
  /** What the switch tells at a login. */
  highestId = 0;
  waiting = 0;
  acknowledges = true;
  readonly confirmed: number[] = [];

  constructor(changes: Partial<LaneSettings> = {}) {
    this.under = new LaneUnderTest(2, {
      messages: Arrivals.constant(200),
      loginBackoff: retryAfter(100_000),
      ...changes,
    });
    this.under.switch.onFrame = ({ row, type, body }) => {
      if (type === FrameType.LOGIN) this.#logIn(row);
      if (type === FrameType.DELIVERED && row === 0) this.confirmed.push(readSerial(body, 0));
      if (type !== FrameType.SEND) return;
      const id = readSerial(body, 0);
      if (row === 0) this.sent.at(-1)?.push(id);
      this.highestId = Math.max(this.highestId, row === 0 ? id : 0);
      if (this.acknowledges) this.under.switch.saySerial(row, FrameType.ACKNOWLEDGED, id);
    };
    this.under.lane.openLogins(2, 0, 0);
    this.under.runFor(10_000);
    this.under.lane.startTraffic(this.under.nowMicros);
  }

  #logIn(row: number): void {
    if (row === 0) this.sent.push([]);
    const waiting = row === 0 ? this.waiting : 0;
    const highest = row === 0 ? this.highestId : 0;
    this.under.switch.say(row, LOGIN_RESULT_FRAME_BYTES, (view) =>
      writeLoginResult(view, 0, 0, 1, waiting, 0, highest),
    );
  }

  /** Ends the connection of the first phone and lets it come back. */
  reconnect(): void {
    this.under.switch.cut(0, CloseReason.BROKEN);
    this.under.runFor(150_000);
  }

  /** Delivers a message of the second phone to the first. */
  deliver(sequence: number, number: number, dueMicros: number): void {
    const bytes = PAYLOAD_BYTES_MIN;
    const payload = new DataView(new ArrayBuffer(bytes));
    writePayload(payload, 0, bytes, { sender: 1, number, dueWord: dueMicros, runTag: 1 });
    this.relay(sequence, new Uint8Array(payload.buffer));
  }

  /** As {@link deliver}, with a payload of the second phone. */
  relay(sequence: number, payload: Uint8Array): void {
    const bytes = payload.byteLength;
    const account = 447_700_000_001;
    this.under.switch.say(0, messageFrameBytes(bytes), (view) => {
      const [high, low] = [Math.floor(account / 2 ** 32), (account % 2 ** 32) | 0];
      const at = writeMessage(view, 0, FrameType.DELIVER, sequence, high, low, bytes);
      new Uint8Array(view.buffer, at).set(payload);
    });
  }
}

describe('a phone in its third session', () => {
  it('goes on with its ids where it was, whatever the switch tells it then', () => {
    const two = new TwoPhones();
    two.highestId = 0; // a switch that has just begun
    two.under.runFor(100_000);
    two.reconnect();
    two.under.runFor(100_000);
    two.highestId = 9999; // it is told only once
    two.reconnect();
    two.under.runFor(100_000);
    assert.equal(two.sent.length, 3);
    const ids = two.sent.flat();
    assert.ok(two.sent.every((one) => one.length > 0));
    assert.deepEqual(
      ids,
      ids.map((_, n) => n + 1),
      'none twice and none left out',
    );
    assert.equal(two.under.count('messagesResent'), 0);
  });

  it('sends what was never acknowledged again in each session, and takes one acknowledgement for it', () => {
    const two = new TwoPhones();
    two.acknowledges = false;
    two.under.runFor(60_000);
    two.under.lane.stopTraffic();
    const first = [...(two.sent[0] ?? [])];
    assert.ok(first.length > 3);
    two.reconnect();
    two.reconnect();
    assert.deepEqual(two.sent, [first, first, first]);
    for (const id of first) two.under.switch.saySerial(0, FrameType.ACKNOWLEDGED, id);
    for (const id of first) two.under.switch.saySerial(0, FrameType.ACKNOWLEDGED, id);
    two.under.runFor(10_000);
    assert.equal(two.under.count('acknowledgementsUnknown'), first.length, 'the second of each');
    const ofOther = two.under.count('messagesSent') - first.length;
    assert.equal(two.under.count('messagesUnanswered'), ofOther, 'only the other phone still waits');
  });

  it('knows a message that it has seen in its first, and tells what waited from what did not', () => {
    const two = new TwoPhones({ messages: Arrivals.constant(0), contacts: 1 });
    assert.equal(new Contacts(1, 1, 2).phoneOf(1, 0), 0, 'the second phone writes to the first');
    two.deliver(1, 1, 0);
    two.under.runFor(10_000);
    two.reconnect();
    two.waiting = 2;
    two.reconnect();
    const loggedInAt = two.under.nowMicros;
    two.deliver(1, 1, 0); // its confirmation was lost
    two.deliver(2, 2, 5000);
    two.deliver(3, 3, loggedInAt);
    two.under.runFor(10_000);
    assert.equal(two.under.count('messagesRedelivered'), 1);
    assert.equal(two.under.count('messagesDelivered'), 3);
    assert.deepEqual([two.under.stored.length, two.under.delivered.length], [1, 2]);
    assert.ok((two.under.stored[0] ?? 0) > 200_000, 'it waited over two sessions');
    assert.deepEqual(two.confirmed, [1, 1, 2, 3]);
  });
});

describe('a switch that does not read for a time', () => {
  it('delays messages and loses none: each is sent once, and timed from when it was due', () => {
    const two = new TwoPhones();
    two.under.runFor(50_000);
    const before = two.under.count('messagesSent');
    two.under.switch.hasRoom = false;
    two.under.runFor(500_000);
    assert.equal(two.under.count('messagesSent'), before);
    assert.ok(two.under.count('messagesBacklog') >= 95, 'and they wait');
    assert.ok(two.under.count('sendRingFull') > 0);
    two.under.sendDelays.length = 0;
    two.under.switch.hasRoom = true;
    two.under.runFor(20_000);
    assert.equal(two.under.count('messagesBacklog'), 0);
    assert.ok(Math.max(...two.under.sendDelays) > 480_000, 'the first of them has waited longest');
    const ids = two.sent.flat();
    assert.deepEqual(
      ids,
      ids.map((_, n) => n + 1),
    );
  });

  it('is confirmed all that it has delivered, by one confirmation when it reads again', () => {
    const two = new TwoPhones({ messages: Arrivals.constant(0), contacts: 1 });
    two.under.switch.hasRoom = false;
    for (let n = 1; n <= 20; n++) two.deliver(n, n, 0);
    two.under.runFor(10_000);
    assert.equal(two.under.count('messagesDelivered'), 20, 'a lane takes what comes, also without room');
    assert.equal(two.under.count('confirmationsDeferred'), 20);
    two.under.switch.hasRoom = true;
    two.under.runFor(10_000);
    assert.deepEqual(two.confirmed, [20]);
  });

  it('confirms to the next connection of a phone that vanished while it owed a confirmation', () => {
    const two = new TwoPhones({
      messages: Arrivals.constant(0),
      contacts: 1,
      departure: 'vanish',
      sessionMicros: 200_000,
      awayMicros: 1000,
    });
    const { under } = two;
    Object.defineProperty(under.switch, 'vanish', { value: (connection: number) => under.switch.drop(connection) });
    under.switch.hasRoom = false;
    two.deliver(1, 1, 0);
    under.runFor(3e6); // it owes, and leaves
    assert.ok(under.count('departures') >= 1);
    under.switch.hasRoom = true;
    under.runFor(500_000);
    two.confirmed.length = 0;
    let sequence = 2;
    for (let round = 0; round < 50 && two.confirmed.length === 0; round++, sequence++) {
      under.switch.hasRoom = false;
      two.deliver(sequence, sequence, 0);
      under.step(1000);
      under.switch.hasRoom = true;
      under.runFor(10_000);
    }
    assert.equal(two.confirmed.at(-1), sequence - 1);
  });

  it('confirms to the next connection of a phone that got a message while it waited for room to leave', () => {
    const two = new TwoPhones({
      messages: Arrivals.constant(0),
      contacts: 1,
      sessionMicros: 200_000,
      awayMicros: 1000,
    });
    const { under } = two;
    const full = (): void => {
      under.switch.hasRoom = false;
    };
    full();
    under.runFor(2e6);
    assert.ok(under.count('departures') >= 1, 'it leaves, and has no room to close');
    two.deliver(1, 1, 0);
    under.runFor(10_000);
    under.lane.stopTraffic(); // it comes back, and stays
    under.switch.hasRoom = true;
    under.runFor(500_000);
    assert.equal(under.count('held'), 2);
    two.confirmed.length = 0;
    let sequence = 2;
    for (let round = 0; round < 50 && two.confirmed.length === 0; round++, sequence++) {
      full();
      two.deliver(sequence, sequence, 0);
      under.step(1000);
      under.switch.hasRoom = true;
      under.runFor(10_000);
    }
    assert.equal(two.confirmed.at(-1), sequence - 1);
  });

  it('makes no phone give up for want of room alone', () => {
    const under = new LaneUnderTest(500, { loginAttempts: 2, loginTimeoutMicros: 60e6 });
    under.switch.hasRoom = false;
    under.lane.openLogins(500, 0, 0);
    under.runFor(5e6, 5000);
    assert.deepEqual([under.count('connectsStarted'), under.count('loginsGivenUp')], [0, 0]);
    under.switch.hasRoom = true;
    under.switch.onFrame = ({ row, type }) => {
      if (type === FrameType.LOGIN) under.switch.accept(row);
    };
    under.runFor(50_000);
    assert.equal(under.count('held'), 500);
    assert.ok(Math.min(...under.logins) > 4.9e6, 'they are late, as is counted');
  });
});

it('takes no message for an earlier one after more refusals in a row than a byte counts', () => {
  const two = new TwoPhones({ messages: Arrivals.constant(2000), contacts: 1 });
  two.acknowledges = false;
  const { onFrame } = two.under.switch;
  const acceptedEvery = 200;
  let sequence = 0;
  two.under.switch.onFrame = (frame) => {
    onFrame(frame);
    if (frame.type !== FrameType.SEND || frame.row !== 1) return;
    const id = readSerial(frame.body, 0);
    if (id % acceptedEvery !== 1) {
      two.under.switch.say(1, ERROR_FRAME_BYTES, (view) => writeErrorFrame(view, 0, ErrorFrameCode.MAILBOX_FULL, id));
      return;
    }
    two.under.switch.saySerial(1, FrameType.ACKNOWLEDGED, id);
    two.relay(++sequence, new Uint8Array(frame.body.buffer, PAYLOAD_AT));
  };
  two.under.runFor(1e6);
  assert.ok(sequence >= 4, `${sequence} accepted`);
  assert.equal(two.under.count('messagesRejected'), two.under.count('errorsReceived'));
  const faults = (['pairReordered', 'pairDuplicated', 'corrupted'] as const).map((name) => two.under.count(name));
  assert.deepEqual(faults, [0, 0, 0]);
  assert.equal(two.under.count('pairGaps'), (sequence - 1) * (acceptedEvery - 1));
});
