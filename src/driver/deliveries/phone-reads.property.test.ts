/** What phones read and when, and what their authors hear of it, against a list of what is unread. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan, NO_GROUP } from '../../wire/group-plan.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import { ID_UNKNOWN, type ReadsProtocol } from '../../wire/phone-protocol.ts';
import { BareLane, NotingProtocol } from '../bare-lane.test-suite.ts';
import type { GroupMessages } from '../groups/group-messages.ts';
import { NO_CONNECTION, PhoneState } from '../tables/phone-table.ts';
import { Arrivals } from '../terms/arrivals.ts';
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

  constructor(share = 1, changes: ConstructorParameters<typeof BareLane>[1] = {}, groupShare = 0) {
    this.lane = new BareLane(PHONES, { contacts: 2, ...changes });
    const { state } = this.lane;
    state.protocol = this.protocol;
    this.reads = new PhoneReads(state, { share, groupShare, afterMicros: AFTER });
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

  deliverToMember(row: number, author: number, number: number, id = number): void {
    this.protocol.reads.deliveredId = id;
    this.reads.deliveredToMember(row, author, number);
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
    const others = [516, 2513]; // of lane 0, and of lane 1 but never connected
    assert.deepEqual(
      [mine, ...others].map((phone) => population.laneOf(phone)),
      [1, 0, 1],
    );
    for (let row = 0; row < state.phones.rows; row++) state.phones.setState(row, PhoneState.ONLINE);
    const told = [mine, 516].map((author) => {
      const row = population.rowOf(author);
      const here = state.phoneAt(row);
      const isHere = (number: number): boolean => population.laneOf(lane.recipientOf(here, number)) === 1;
      const number = [1, 2].find(isHere) ?? assert.fail('it writes to a phone of this lane');
      const reader = lane.recipientOf(here, number);
      lane.deliver(population.rowOf(reader), author, number);
      return { row, number, reader };
    });
    lane.deliver(0, 2513, 1);
    lane.at(AFTER);
    assert.equal(lane.lane.count('readsSent'), 3);
    lane.lane.at(AFTER + 10);
    for (const { row, number, reader } of told) {
      lane.sent(row, number);
      lane.reads.told(row, number, reader);
    }
    assert.deepEqual([lane.lane.count('readReceiptsTimed'), lane.lane.count('readReceiptMicros')], [1, 10]);
    assert.equal(lane.lane.count('strangers'), 0);
  });

  it('takes the memory that it says', () => {
    const { bytes, owner } = new ReadingLane().reads.ledger();
    assert.ok(owner === 'driver' && bytes >= 2 ** 13 * 16 + 2 ** 10 * 24, `${bytes} B`);
  });
});

describe('messages to groups and lists', () => {
  const phones = 1200;
  const sizes = { median: 12, sigma: 0.4, max: 40 };
  const plan = new GroupPlan({ seed: 4, firstAccount: phones, groups: 200, lists: 60, phones, sizes });
  const none = Arrivals.constant(0);
  const OF_GROUPS = {
    population: new Population(phones, phones, 2),
    lane: 1,
    activePhones: phones,
    groups: { plan, shares: { groups: 0.8, lists: 0.8 }, joins: none, leaves: none },
  };

  function inGroups(share = 0, groupShare = 1): { lane: ReadingLane; groups: GroupMessages; rows: number } {
    const lane = new ReadingLane(share, OF_GROUPS, groupShare);
    const { state } = lane.lane;
    for (let row = 0; row < state.phones.rows; row++) state.phones.setState(row, PhoneState.ONLINE);
    return { lane, groups: state.groups ?? assert.fail('there are groups'), rows: state.phones.rows };
  }

  /** Rows of authors of this lane, with a message to a group or list, or to a phone. */
  function messagesOf({ lane, groups, rows }: ReturnType<typeof inGroups>) {
    const found: { row: number; author: number; number: number; group: number }[] = [];
    for (let row = 0; row < rows; row++) {
      const author = lane.lane.state.phoneAt(row);
      for (let number = 1; author < phones && number < 4; number++)
        found.push({ row, author, number, group: groups.choice.groupOf(author, number) });
    }
    return found;
  }

  it('are read by the share that is asked for, which each member draws for itself; messages to phones are not', () => {
    const { lane } = inGroups(0, 0.25);
    for (let number = 1; number <= 200; number++) {
      lane.deliver(0, number + 500, number);
      for (let row = 0; row < 20; row++) lane.deliverToMember(row, number + 500, number);
    }
    for (let turn = 0; turn < 10; turn++) lane.at(AFTER);
    const readers = new Map<number, number>();
    for (const { id } of lane.protocol.said) readers.set(id, (readers.get(id) ?? 0) + 1);
    assert.ok(Math.abs(lane.protocol.said.length - 1000) < 5 * Math.sqrt(1000 * 0.75), `${lane.protocol.said.length}`);
    // Nobody reads a message of which each of 20 members reads a quarter: 0.3 %.
    assert.ok(readers.size > 190, `${readers.size} of 200 messages have a reader`);
    assert.ok(new Set(readers.values()).size > 5, 'some have many readers, and some few');
    const { lane: others } = inGroups(1, 0);
    others.deliver(0, 700, 1);
    others.deliverToMember(1, 700, 2);
    others.at(AFTER);
    assert.deepEqual(
      others.protocol.said.map(({ id }) => id),
      [1],
    );
  });

  it('are told to the author by all who may have got them, and by nobody else', () => {
    const world = inGroups();
    const { lane } = world;
    const seen = { members: 0, strangers: 0, lists: 0 };
    for (const { row, author, number, group } of messagesOf(world)) {
      if (group === NO_GROUP) continue;
      lane.sent(row, number);
      for (const reader of [
        author,
        NO_ACCOUNT,
        plan.accountOf(group),
        ...Array.from({ length: 30 }, (_, n) => n * 37),
      ]) {
        const before = lane.lane.count('strangers');
        lane.reads.told(row, number, reader);
        // No phone of this lane has joined a group; those of the other may have, if they can.
        const isHere = reader < 0 || reader >= phones || lane.lane.state.settings.population.laneOf(reader) === 1;
        const isMember = reader >= 0 && reader !== author && plan.isMember(group, reader);
        const isFound = lane.lane.count('strangers') > before;
        if (isMember || isHere || plan.isList(group)) assert.equal(isFound, !isMember, `${reader} of ${group}`);
        if (isMember) seen.members++;
        if (isFound) seen.strangers++;
        if (plan.isList(group)) seen.lists++;
      }
    }
    assert.ok(seen.members > 100 && seen.strangers > 10_000 && seen.lists > 1000, JSON.stringify(seen));
  });

  it('are timed for each reader apart, whatever the order in which the author hears of them', () => {
    const world = inGroups();
    const { lane } = world;
    const { state } = lane.lane;
    const isHere = (phone: number): boolean => state.settings.population.laneOf(phone) === 1;
    const readersOf = (group: number, author: number): number[] =>
      Array.from({ length: plan.sizeOf(group) }, (_, k) => plan.memberAt(group, k)).filter((one) => one !== author);
    const { row, author, number, group } =
      messagesOf(world).find(
        (one) => one.group !== NO_GROUP && readersOf(one.group, one.author).filter(isHere).length > 3,
      ) ?? assert.fail('a group has members here');
    lane.sent(row, number);
    const readers = readersOf(group, author).filter(isHere);
    for (const [n, reader] of readers.entries()) {
      lane.lane.at(100 * n);
      lane.deliverToMember(state.settings.population.rowOf(reader), author, number);
    }
    for (const n of readers.keys()) lane.at(AFTER + 100 * n);
    lane.lane.at(AFTER + 10_000);
    const elsewhere = readersOf(group, author).find((one) => !isHere(one)) ?? assert.fail('and in the other lane');
    lane.reads.told(row, number, elsewhere);
    for (const reader of [...readers].reverse()) lane.reads.told(row, number, reader);
    assert.equal(lane.lane.count('readReceipts'), readers.length + 1);
    assert.equal(lane.lane.count('readReceiptsTimed'), readers.length);
    const expected = readers.reduce((sum, _, n) => sum + 10_000 - 100 * n, 0);
    assert.equal(lane.lane.count('readReceiptMicros'), expected);
    assert.deepEqual(state.findings.list, []);
  });
});
