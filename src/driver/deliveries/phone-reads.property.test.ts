/** What phones read and when, and what their authors hear of it, against a list of what is unread. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ID_UNKNOWN, type ReadsProtocol } from '../../wire/phone-protocol.ts';
import { BareLane, NotingProtocol } from '../bare-lane.test-suite.ts';
import { NO_CONNECTION, PhoneState } from '../tables/phone-table.ts';
import { Population } from '../terms/population.ts';
import { PhoneReads } from './phone-reads.ts';

const PHONES = 6;
const AFTER = 5000;
const WAIT = 2000;

interface SaidRead {
  readonly row: number;
  readonly author: number;
  readonly id: number;
}

/** Notes what is read. */
class ReadingProtocol extends NotingProtocol {
  readonly said: SaidRead[] = [];
  readonly reads = {
    deliveredId: ID_UNKNOWN as number,
    read: (row: number, _connection: number, author: number, id: number): boolean => {
      if (this.room === 0) return false;
      this.room--;
      this.said.push({ row, author, id });
      return true;
    },
  } satisfies ReadsProtocol;
}

class ReadingLane {
  readonly lane: BareLane;
  readonly protocol = new ReadingProtocol();
  readonly reads: PhoneReads;
  readonly ages: number[] = [];

  constructor(share = 1, changes: ConstructorParameters<typeof BareLane>[1] = {}) {
    this.lane = new BareLane(PHONES, { contacts: 2, ...changes });
    const { state } = this.lane;
    state.protocol = this.protocol;
    this.reads = new PhoneReads(state, { share, afterMicros: AFTER });
    for (let row = 0; row < PHONES; row++) this.setOnline(row, true);
  }

  setOnline(row: number, isOnline: boolean): void {
    const { phones } = this.lane.state;
    phones.setConnection(row, isOnline ? row : NO_CONNECTION);
    phones.setState(row, isOnline ? PhoneState.ONLINE : PhoneState.AWAY);
  }

  deliver(row: number, author: number, number: number, id = number): void {
    this.protocol.reads.deliveredId = id;
    this.reads.delivered(row, author, number);
    this.protocol.reads.deliveredId = ID_UNKNOWN;
  }

  at(micros: number): void {
    this.lane.at(micros);
    this.reads.doWork();
  }

  /** Lets a phone have sent so many messages. */
  sent(row: number, messages: number): void {
    this.lane.state.phones.setLastNumber(row, messages);
  }

  /** To whom the message with this number of a phone went. */
  recipientOf(phone: number, number: number): number {
    return this.lane.state.messagePlan.recipientOf(phone, number);
  }
}

const step = fc.record({
  what: fc.constantFrom('deliver', 'deliver', 'deliver', 'time', 'time', 'leaves', 'returns', 'no room', 'room'),
  row: fc.nat(PHONES - 1),
  author: fc.nat(PHONES - 1),
  micros: fc.nat(3 * AFTER),
});

describe('messages that are read', () => {
  it('are read in order, when it is time, by phones that are there, as soon as there is room', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const lane = new ReadingLane();
        const unread: (SaidRead & { readonly due: number })[] = [];
        const expected: SaidRead[] = [];
        const online = new Array<boolean>(PHONES).fill(true);
        let [now, missed, tryAt, hasRoom] = [0, 0, 0, true];
        for (const [n, { what, row, author, micros }] of steps.entries()) {
          if (what === 'deliver') {
            lane.deliver(row, author, n + 1, 1000 + n);
            unread.push({ row, author, id: 1000 + n, due: now + AFTER });
          } else if (what === 'leaves' || what === 'returns') {
            online[row] = what === 'returns';
            lane.setOnline(row, what === 'returns');
          } else if (what === 'time') {
            now += micros;
            lane.at(now);
            while (now >= tryAt && (unread[0]?.due ?? Number.POSITIVE_INFINITY) <= now) {
              const [{ row: reader, author: writer, id } = assert.fail()] = unread;
              if (online[reader] === true && !hasRoom) {
                tryAt = now + WAIT;
                break;
              }
              unread.shift();
              if (online[reader] === true) expected.push({ row: reader, author: writer, id });
              else missed++;
            }
          } else {
            hasRoom = what === 'room';
            lane.protocol.room = hasRoom ? Number.POSITIVE_INFINITY : 0;
          }
          const next = unread[0] === undefined ? Number.POSITIVE_INFINITY : Math.max(unread[0].due, tryAt);
          assert.ok((lane.reads.dueMicros[0] as number) <= next, 'the lane wakes in time');
        }
        assert.deepEqual(lane.protocol.said, expected);
        assert.deepEqual([lane.lane.count('readsSent'), lane.lane.count('readsMissed')], [expected.length, missed]);
      }),
      { numRuns: 150 },
    );
  });

  it('are not due before their time, and make nobody wake when there are none', () => {
    const lane = new ReadingLane();
    assert.equal(lane.reads.dueMicros[0], Number.POSITIVE_INFINITY);
    lane.lane.at(100);
    lane.deliver(1, 2, 7);
    assert.equal(lane.reads.dueMicros[0], 100 + AFTER);
    lane.lane.at(200);
    lane.deliver(1, 3, 7);
    assert.equal(lane.reads.dueMicros[0], 100 + AFTER, 'the first is due first');
    lane.at(99 + AFTER);
    assert.equal(lane.protocol.said.length, 0);
    lane.at(100 + AFTER);
    assert.equal(lane.protocol.said.length, 1);
    assert.equal(lane.reads.dueMicros[0], 200 + AFTER);
    lane.at(200 + AFTER);
    assert.equal(lane.reads.dueMicros[0], Number.POSITIVE_INFINITY);
  });

  it('are at most 256 per turn, and the others are due at once', () => {
    const lane = new ReadingLane();
    for (let number = 1; number <= 600; number++) lane.deliver(0, 1, number);
    lane.lane.at(AFTER);
    assert.deepEqual([lane.reads.doWork(), lane.reads.doWork(), lane.reads.doWork()], [256, 256, 88]);
    assert.deepEqual(
      lane.protocol.said.map(({ id }) => id),
      Array.from({ length: 600 }, (_, n) => n + 1),
    );
  });

  it('are the share that is asked for, the same ones whenever they are delivered', () => {
    const counts = [0, 0.25, 1].map((share) => {
      const [one, other] = [0, 1e6].map((start) => {
        const lane = new ReadingLane(share);
        lane.lane.at(start);
        for (let number = 1; number <= 1000; number++) lane.deliver(0, number % PHONES, number);
        for (let turn = 0; turn < 5; turn++) lane.at(start + AFTER);
        return lane.protocol.said;
      });
      assert.deepEqual(one, other);
      return one?.length ?? 0;
    });
    assert.deepEqual([counts[0], counts[2]], [0, 1000]);
    assert.ok(Math.abs((counts[1] ?? 0) - 250) < 5 * Math.sqrt(250), `${counts[1]} of 1000`);
  });

  it('are none whose id the server does not say, and none after the end of traffic', () => {
    const lane = new ReadingLane();
    lane.deliver(0, 1, 1, ID_UNKNOWN);
    assert.equal(lane.reads.dueMicros[0], Number.POSITIVE_INFINITY);
    lane.deliver(0, 1, 2);
    lane.reads.stop();
    lane.deliver(0, 1, 3);
    lane.at(1e9);
    assert.deepEqual([lane.protocol.said, lane.reads.dueMicros[0]], [[], Number.POSITIVE_INFINITY]);
  });
});

describe('what an author hears of its readers', () => {
  it('is timed from the moment of reading, once, if both are phones of the lane', () => {
    const lane = new ReadingLane();
    const [author, number] = [2, 3];
    const reader = lane.recipientOf(author, number);
    lane.sent(author, number);
    lane.deliver(reader, author, number);
    lane.at(AFTER);
    lane.lane.at(AFTER + 777);
    lane.reads.told(author, number, reader);
    lane.lane.at(AFTER + 5000);
    lane.reads.told(author, number, reader);
    const { count } = { count: lane.lane.count.bind(lane.lane) };
    assert.deepEqual([count('readReceipts'), count('readReceiptsTimed'), count('readReceiptMicros')], [2, 1, 777]);
    assert.deepEqual(lane.lane.state.findings.list, []);
  });

  it('is not timed if the author was away when its message was read', () => {
    const lane = new ReadingLane();
    const reader = lane.recipientOf(2, 1);
    lane.sent(2, 1);
    lane.deliver(reader, 2, 1);
    lane.setOnline(2, false);
    lane.at(AFTER);
    lane.setOnline(2, true);
    lane.reads.told(2, 1, reader);
    assert.deepEqual([lane.lane.count('readReceipts'), lane.lane.count('readReceiptsTimed')], [1, 0]);
  });

  it('is a finding if it has sent no such message, or to somebody else; of an earlier run it is only counted', () => {
    const lane = new ReadingLane();
    const [author, number] = [2, 3];
    const reader = lane.recipientOf(author, number);
    lane.sent(author, number);
    lane.reads.told(author, number, (reader + 1) % PHONES);
    lane.reads.told(author, number + 1, lane.recipientOf(author, number + 1));
    assert.deepEqual(
      lane.lane.state.findings.list.map(({ kind, sender, number: which }) => [kind, sender, which]),
      [
        ['stranger', author, number],
        ['stranger', author, number + 1],
      ],
    );
    for (const earlier of [0, -5]) lane.reads.told(author, earlier, (reader + 1) % PHONES);
    assert.deepEqual([lane.lane.count('strangers'), lane.lane.count('readReceipts')], [2, 4]);
  });

  it('is not timed if its author is a phone of another lane, whose row another phone has here', () => {
    const population = new Population(3000, 2000, 2);
    const lane = new ReadingLane(1, { population, lane: 1, activePhones: 2000 });
    const { state } = lane.lane;
    const mine = 513; // of lane 1
    const others = [mine - 1, 2513]; // of lane 0, and of lane 1 but never connected
    assert.deepEqual(
      [mine, ...others].map((phone) => population.laneOf(phone)),
      [1, 0, 1],
    );
    for (let row = 0; row < state.phones.rows; row++) state.phones.setState(row, PhoneState.ONLINE);
    for (const author of [mine, ...others]) lane.deliver(0, author, 1);
    lane.at(AFTER);
    assert.equal(lane.lane.count('readsSent'), 3);
    lane.lane.at(AFTER + 10);
    for (let row = 0; row < state.phones.rows; row++) {
      lane.sent(row, 1);
      lane.reads.told(row, 1, lane.recipientOf(state.phoneAt(row), 1));
    }
    assert.deepEqual([lane.lane.count('readReceiptsTimed'), lane.lane.count('readReceiptMicros')], [1, 10]);
  });

  it('takes the memory that it says', () => {
    const { bytes, owner } = new ReadingLane().reads.ledger();
    assert.ok(owner === 'driver' && bytes >= 2 ** 13 * 16 + 2 ** 10 * 24, `${bytes} B`);
  });
});
