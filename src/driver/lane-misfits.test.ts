/** What phones do that misbehave on purpose, and how it is counted apart. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  accountNumber,
  FrameType,
  messageFrameBytes,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readSerial,
  writeMessage,
} from '../wire/frames.ts';
import { FIRST_NUMBER, LaneUnderTest, type SentFrame } from './made-switch.test-suite.ts';
import { HOT_ACCOUNT, type MisfitSettings } from './misfits/misfits.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 40;
const SECOND = 1e6;
const NONE: MisfitSettings = {
  stalledReaders: 0,
  hotAccountShare: 0,
  hotGroupShare: 0,
  duplicateConnectsPerSecond: 0,
  sentAgainShare: 0,
};

interface Sent {
  readonly row: number;
  readonly id: number;
  readonly to: number;
  readonly payload: Uint8Array;
}

/** A lane under a switch that acknowledges each message and delivers it at once. */
class Misbehaving {
  readonly under: LaneUnderTest;
  readonly sent: Sent[] = [];
  readonly confirmed = new Map<number, number>();
  readonly logins: number[] = [];
  delivers = true;
  readonly #sequences = new Map<number, number>();

  constructor(misfits: Partial<MisfitSettings>, changes: Partial<LaneSettings> = {}) {
    this.under = new LaneUnderTest(PHONES, {
      contacts: 3,
      messages: Arrivals.constant(1000),
      misfits: { ...NONE, ...misfits },
      ...changes,
    });
    this.under.logAllIn(PHONES);
    this.under.switch.onFrame = (frame) => this.#take(frame);
  }

  run(micros = SECOND / 2): this {
    this.under.lane.startTraffic(this.under.nowMicros);
    this.under.runFor(micros);
    this.under.lane.stopTraffic();
    this.under.runFor(50_000);
    return this;
  }

  #take({ row, type, body }: SentFrame): void {
    if (type === FrameType.LOGIN) {
      this.logins.push(row);
      this.under.switch.accept(row);
    }
    if (type === FrameType.DELIVERED) this.confirmed.set(row, readSerial(body, 0));
    if (type !== FrameType.SEND) return;
    const id = readSerial(body, 0);
    const to = accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)) - FIRST_NUMBER;
    const payload = new Uint8Array(body.buffer, payloadStart(0)).slice();
    const isRepeated = this.sent.some((one) => one.row === row && one.id === id);
    this.sent.push({ row, id, to, payload });
    this.under.switch.saySerial(row, FrameType.ACKNOWLEDGED, id);
    if (this.delivers && !isRepeated) this.#deliver(to, row, payload);
  }

  #deliver(to: number, from: number, payload: Uint8Array): void {
    const sequence = (this.#sequences.get(to) ?? 0) + 1;
    this.#sequences.set(to, sequence);
    const number = FIRST_NUMBER + from;
    this.under.switch.say(to, messageFrameBytes(payload.length), (view) => {
      const [high, low] = [Math.floor(number / 2 ** 32), (number % 2 ** 32) | 0];
      const at = writeMessage(view, 0, FrameType.DELIVER, sequence, high, low, payload.length);
      new Uint8Array(view.buffer).set(payload, at);
    });
  }
}

describe('phones that do not read', () => {
  it('take no delivery and confirm none, but send as all others do', () => {
    const { under, confirmed, sent } = new Misbehaving({ stalledReaders: 10 }).run();
    const readers = new Set(confirmed.keys());
    assert.equal(PHONES - readers.size, 10);
    const stalled = Array.from({ length: PHONES }, (_, row) => row).filter((row) => !readers.has(row));
    const ignored = sent.filter(({ to }) => stalled.includes(to)).length;
    assert.ok(ignored > 50);
    assert.equal(under.count('deliveriesIgnored'), ignored);
    assert.equal(under.count('messagesDelivered'), sent.length - ignored);
    for (const row of stalled) assert.ok(sent.some((one) => one.row === row));
    assert.deepEqual(under.lane.findings, [], 'gaps between other messages are no fault here');
  });
});

describe('the hot account', () => {
  it('gets the share of all messages that is asked for, and its latencies are counted apart', () => {
    const { under, sent } = new Misbehaving({ hotAccountShare: 0.3 }, { contacts: 1 }).run();
    const isHot = ({ row, to }: Sent): boolean => to === HOT_ACCOUNT && row !== HOT_ACCOUNT;
    const hot = under.count('hotMessagesSent');
    assert.ok(Math.abs(hot - 0.3 * sent.length) < 5 * Math.sqrt(0.3 * sent.length), `${hot} of ${sent.length}`);
    assert.ok(hot <= sent.filter(isHot).length);
    assert.equal(under.count('hotMessagesDelivered'), hot);
    assert.equal(under.delivered.length + under.stored.length, sent.length - hot, 'others have latencies');
    assert.ok(under.count('hotDeliveryMicros') <= hot * 20_000);
    assert.deepEqual(under.lane.findings, []);
  });
});

describe('messages that are sent again after their acknowledgement', () => {
  it('are the same bytes under the same id, the share that is asked for, and counted once', () => {
    const { under, sent } = new Misbehaving({ sentAgainShare: 0.25 }).run();
    const byId = new Map<string, Sent[]>();
    for (const one of sent) byId.set(`${one.row} ${one.id}`, [...(byId.get(`${one.row} ${one.id}`) ?? []), one]);
    const twice = [...byId.values()].filter((list) => list.length > 1);
    assert.equal(under.count('messagesSentAgain'), twice.length);
    const share = twice.length / byId.size;
    assert.ok(Math.abs(share - 0.25) < 0.1, `${twice.length} of ${byId.size}`);
    for (const [first, second, ...more] of twice) {
      assert.deepEqual(second, first);
      assert.equal(more.length, 0);
    }
    assert.equal(under.count('messagesSent'), byId.size);
    assert.equal(under.count('messagesAcknowledged'), byId.size);
    assert.equal(under.count('acknowledgementsUnknown'), twice.length, 'the second is answered as well');
    assert.equal(under.count('messagesResent'), 0, 'nothing went unanswered');
  });
});

describe('phones that connect a second time', () => {
  it('do it as often as is asked for, and are online again at once', () => {
    const { under, logins } = new Misbehaving({ duplicateConnectsPerSecond: 200 }).run(SECOND);
    const duplicates = under.count('duplicateConnects');
    assert.ok(
      Math.abs(duplicates + under.count('duplicateConnectsSkipped') - 200) < 5 * Math.sqrt(200),
      `${duplicates}`,
    );
    assert.equal(logins.length, duplicates);
    assert.equal(under.count('held'), PHONES);
    assert.equal(under.switch.connections, PHONES, 'the earlier connections are gone');
    assert.equal(under.count('departures'), 0, 'nobody has left');
    assert.ok(Math.max(...under.logins.slice(PHONES)) <= 5000);
  });

  it('are skipped while they are not online, or the transport has no room', () => {
    const { under } = new Misbehaving({ duplicateConnectsPerSecond: 200 }, { messages: Arrivals.constant(0) });
    under.switch.hasRoom = false;
    under.lane.startTraffic(under.nowMicros);
    under.runFor(SECOND / 2);
    const skipped = under.count('duplicateConnectsSkipped');
    assert.ok(skipped > 50);
    assert.deepEqual([under.count('duplicateConnects'), under.count('held')], [0, PHONES]);
    under.switch.hasRoom = true;
    under.switch.onConnect = () => {}; // whoever connects again is not let in
    under.runFor(2 * SECOND);
    assert.ok(under.count('duplicateConnects') <= PHONES);
    assert.ok(under.count('duplicateConnectsSkipped') > skipped);
  });
});
