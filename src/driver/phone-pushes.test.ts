/** Which messages wake a phone that sleeps, over one lane and over two, and what a phone does that is woken. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RingMemory } from '../ring/ring-layout.ts';
import { GroupPlan, NO_GROUP } from '../wire/group-plan.ts';
import { BareLane } from './bare-lane.test-suite.ts';
import type { LaneGroups } from './groups/group-messages.ts';
import type { Platform } from './people/platforms.ts';
import { PUSH_RING_BYTES, PushLink, pushRingsBytes } from './people/push-link.ts';
import { PhoneConnections } from './phone-connections.ts';
import { PhoneDepartures } from './phone-departures.ts';
import { PhoneLogins } from './phone-logins.ts';
import { PhonePresence } from './phone-presence.ts';
import { announceMessage, PhonePushes } from './phone-pushes.ts';
import { NO_CONNECTION, PhoneState } from './tables/phone-table.ts';
import { Arrivals } from './terms/arrivals.ts';
import { Population } from './terms/population.ts';

const PHONES = 3000;
const DELAY = 100_000;
const SESSION = 300_000;
const common = {
  heartbeatMicros: Number.POSITIVE_INFINITY,
  session: { distribution: 'none' },
  awayMicros: 1e9,
} as const;
const platforms: readonly Platform[] = [
  { ...common, name: 'sleepy', share: 0.5, push: { delayMicros: DELAY, sigma: 0, sessionMicros: SESSION } },
  { ...common, name: 'awake', share: 0.5 },
];

/** A lane of two whose phones are asleep or awake, as a test says. */
class PushLane {
  readonly lane: BareLane;
  readonly pushes: PhonePushes;
  readonly #online: number;

  constructor(memory: RingMemory | undefined, lane: number, lanes: number, online = PHONES, groups?: LaneGroups) {
    this.#online = online;
    this.lane = new BareLane(
      PHONES,
      {
        ...{ lane, population: new Population(PHONES, online, lanes), platforms, contacts: 3, inFlightPlaces: 2 ** 12 },
        ...(groups === undefined ? {} : { groups }),
      },
      memory === undefined ? {} : { pushLink: new PushLink(memory, lane, lanes) },
    );
    const { state } = this.lane;
    const presence = new PhonePresence(state);
    const connections = new PhoneConnections(state, presence);
    const logins = new PhoneLogins(state, connections, presence);
    this.pushes = new PhonePushes(state, logins, new PhoneDepartures(state, connections, logins, presence));
  }

  get state(): BareLane['state'] {
    return this.lane.state;
  }

  /** The session of a phone is over. */
  sleep(phone: number): number {
    const row = this.state.settings.population.rowOf(phone);
    this.state.phones.setState(row, PhoneState.AWAY);
    this.state.phones.setConnection(row, NO_CONNECTION);
    this.state.pushWakes?.slept(row, this.state.platformShares?.of(phone) ?? 0);
    return row;
  }

  /** A message of a phone to a recipient that meets a condition. */
  messageTo(isWanted: (recipient: number) => boolean): { author: number; number: number; recipient: number } {
    for (let author = 0; author < this.#online; author++) {
      for (let number = 1; number <= 3; number++) {
        const recipient = this.state.messagePlan.recipientOf(author, number);
        if (isWanted(recipient)) return { author, number, recipient };
      }
    }
    return assert.fail('there is such a message');
  }

  isSleepy(phone: number): boolean {
    return this.state.platformShares?.of(phone) === 0;
  }

  work(micros: number, mayLeave = true): number {
    this.lane.at(micros);
    return this.pushes.doWork(256, mayLeave);
  }

  phoneState(row: number): number {
    return this.state.phones.state(row);
  }
}

describe('a message for a phone that sleeps', () => {
  it('wakes it after the delay: it connects', () => {
    const lane = new PushLane(undefined, 0, 1);
    const { author, number, recipient } = lane.messageTo((phone) => lane.isSleepy(phone));
    const row = lane.sleep(recipient);
    announceMessage(lane.state, author, number);
    assert.equal(lane.lane.count('platformPushes0'), 1);
    assert.equal(lane.work(DELAY - 1000), 0);
    assert.equal(lane.phoneState(row), PhoneState.AWAY);
    assert.equal(lane.work(DELAY + 1000), 1);
    assert.equal(lane.phoneState(row), PhoneState.CONNECTING);
  });

  it('calls it once, however many come', () => {
    const lane = new PushLane(undefined, 0, 1);
    const { author, number, recipient } = lane.messageTo((phone) => lane.isSleepy(phone));
    lane.sleep(recipient);
    for (let n = 0; n < 5; n++) announceMessage(lane.state, author, number);
    assert.deepEqual([lane.lane.count('platformPushes0'), lane.lane.count('pushesMerged')], [1, 4]);
    assert.equal(lane.work(2 * DELAY), 1);
    assert.equal(lane.work(4 * DELAY), 0);
  });

  it('calls nobody who is awake, has no pushes, or never connects', () => {
    const lane = new PushLane(undefined, 0, 1, 2000);
    const awake = lane.messageTo((phone) => phone < 2000 && lane.isSleepy(phone));
    const other = lane.messageTo((phone) => phone < 2000 && !lane.isSleepy(phone));
    const offline = lane.messageTo((phone) => phone >= 2000);
    lane.sleep(other.recipient);
    for (const { author, number } of [awake, other, offline]) announceMessage(lane.state, author, number);
    assert.deepEqual([lane.lane.count('platformPushes0'), lane.lane.count('platformPushes1')], [0, 0]);
    assert.equal(lane.work(1e8), 0);
  });

  it('lets it stay for a short session, then it sleeps again, unless traffic has ended or it is away', () => {
    for (const [mayLeave, isOnline, expected] of [
      [true, true, PhoneState.AWAY],
      [false, true, PhoneState.ONLINE],
      [true, false, PhoneState.CONNECTING],
    ] as const) {
      const lane = new PushLane(undefined, 0, 1);
      const { author, number, recipient } = lane.messageTo((phone) => lane.isSleepy(phone));
      const row = lane.sleep(recipient);
      announceMessage(lane.state, author, number);
      lane.work(2 * DELAY);
      lane.state.sessionBegun(row);
      assert.equal(lane.lane.count('platformWoken0'), 1);
      if (isOnline) {
        lane.state.parts.transport.poll(
          {
            opened: (_row, connection) => lane.state.phones.setConnection(row, connection),
            refused: () => {},
            bytes: () => 0,
            closed: () => {},
          },
          10,
        );
        lane.state.phones.setState(row, PhoneState.ONLINE);
      }
      assert.equal(lane.work(2 * DELAY + SESSION - 1000, mayLeave), 0);
      assert.ok(lane.work(2 * DELAY + SESSION + 1000, mayLeave) >= 1);
      assert.equal(lane.phoneState(row), expected);
      assert.equal(lane.lane.count('departures'), expected === PhoneState.AWAY ? 1 : 0);
      if (!mayLeave) continue;
      announceMessage(lane.state, author, number);
      const isAsleep = expected === PhoneState.AWAY;
      assert.equal(lane.lane.count('platformPushes0'), isAsleep ? 2 : 1, 'only one that sleeps again is called again');
    }
  });

  it('is tried again while the phone cannot connect, and forgotten if it has come back by itself', () => {
    const lane = new PushLane(undefined, 0, 1);
    const { author, number, recipient } = lane.messageTo((phone) => lane.isSleepy(phone));
    const row = lane.sleep(recipient);
    announceMessage(lane.state, author, number);
    lane.state.phones.setState(row, PhoneState.LEAVING);
    lane.work(2 * DELAY);
    assert.equal(lane.phoneState(row), PhoneState.LEAVING, 'its last connection is not closed yet');
    lane.state.phones.setState(row, PhoneState.AWAY);
    lane.work(2 * DELAY + 5000);
    assert.equal(lane.phoneState(row), PhoneState.CONNECTING);

    const again = new PushLane(undefined, 0, 1);
    const other = again.messageTo((phone) => again.isSleepy(phone));
    const otherRow = again.sleep(other.recipient);
    announceMessage(again.state, other.author, other.number);
    again.state.phones.setState(otherRow, PhoneState.ONLINE);
    again.work(2 * DELAY);
    assert.equal(again.lane.count('connectsStarted'), 0);
    assert.equal(again.work(4 * DELAY), 0, 'and that is all');
  });
});

describe('a message for a phone of another lane', () => {
  function twoLanes(): [PushLane, PushLane] {
    const memory = RingMemory.ofBytes(pushRingsBytes(2));
    return [new PushLane(memory, 0, 2), new PushLane(memory, 1, 2)];
  }

  it('is told to that lane, which wakes it', () => {
    const [from, to] = twoLanes();
    const ofOther = from.messageTo(
      (phone) => from.isSleepy(phone) && from.state.settings.population.laneOf(phone) === 1,
    );
    const row = to.sleep(ofOther.recipient);
    announceMessage(from.state, ofOther.author, ofOther.number);
    assert.equal(from.lane.count('platformPushes0'), 0, 'it is counted where the phone is');
    assert.equal(to.work(0), 1);
    assert.equal(to.lane.count('platformPushes0'), 1);
    to.work(2 * DELAY);
    assert.equal(to.phoneState(row), PhoneState.CONNECTING);
  });

  it('is lost, and counted, where that lane has no room for it or there is no link', () => {
    const [from, to] = twoLanes();
    const { author, number } = from.messageTo(
      (phone) => from.isSleepy(phone) && from.state.settings.population.laneOf(phone) === 1,
    );
    const places = PUSH_RING_BYTES / 8;
    for (let n = 0; n < places + 10; n++) announceMessage(from.state, author, number);
    const lost = from.lane.count('pushesLost');
    assert.ok(lost >= 10 && lost < 20, `${lost} of ${places + 10}`);
    let taken = 0;
    for (let turn = to.work(0); turn > 0; turn = to.work(0)) {
      assert.ok(turn <= 1024, 'a turn takes a bounded number');
      taken += turn;
    }
    assert.equal(taken, places + 10 - lost);
    const alone = new PushLane(undefined, 0, 2);
    announceMessage(alone.state, author, number);
    assert.equal(alone.lane.count('pushesLost'), 1);
  });
});

describe('a message to a group or a list', () => {
  const plan = new GroupPlan({
    ...{ seed: 6, firstAccount: PHONES, groups: 60, lists: 20, phones: PHONES },
    sizes: { median: 30, sigma: 0, max: 30 },
  });
  const none = Arrivals.constant(0);
  const groups = { plan, shares: { groups: 1, lists: 1 }, joins: none, leaves: none };
  const membersOf = (group: number): number[] =>
    Array.from({ length: plan.sizeOf(group) }, (_, k) => plan.memberAt(group, k));

  /** A message that goes to a group, or to a list. */
  function messageToMany({ state }: PushLane, isList: boolean): { author: number; number: number; group: number } {
    for (let author = 0; author < PHONES; author++) {
      const group = plan.groupAt(state.messagePlan.recipientOf(author, 1));
      if (group !== NO_GROUP && plan.isList(group) === isList) return { author, number: 1, group };
    }
    return assert.fail('there is such a message');
  }

  for (const isList of [false, true])
    it(`wakes all its members that sleep, on each lane, and nobody else: ${isList ? 'a list' : 'a group'}`, () => {
      const memory = RingMemory.ofBytes(pushRingsBytes(2));
      const lanes = [0, 1].map((lane) => new PushLane(memory, lane, 2, PHONES - 200, groups)) as [PushLane, PushLane];
      const [from] = lanes;
      const { author, number, group } = messageToMany(from, isList);
      const { population } = from.state.settings;
      const sleepers = Array.from({ length: population.online }, (_, phone) => phone).filter(
        (phone) => phone % 4 !== 1,
      );
      for (const phone of [...sleepers, author]) lanes[population.laneOf(phone) as 0 | 1].sleep(phone);
      announceMessage(from.state, author, number);
      for (const lane of lanes) lane.work(0);
      for (const lane of lanes) lane.work(2 * DELAY);
      const woken = Array.from({ length: population.online }, (_, phone) => phone).filter(
        (phone) =>
          lanes[population.laneOf(phone) as 0 | 1].phoneState(population.rowOf(phone)) === PhoneState.CONNECTING,
      );
      const expected = membersOf(group).filter(
        (phone) => phone !== author && sleepers.includes(phone) && from.isSleepy(phone),
      );
      assert.ok(expected.length > 5 && new Set(expected.map((phone) => population.laneOf(phone))).size === 2);
      assert.deepEqual(
        woken,
        expected.toSorted((a, b) => a - b),
      );
      const calls = lanes.reduce((sum, { lane }) => sum + lane.count('platformPushes0'), 0);
      assert.deepEqual([calls, from.lane.count('pushesLost')], [expected.length, 0]);
    });

  it('calls a bounded number of members per turn, and the others in the next ones', () => {
    const lane = new PushLane(undefined, 0, 1, PHONES, groups);
    const { author, number, group } = messageToMany(lane, false);
    for (const member of membersOf(group)) lane.sleep(member);
    const messages = 100;
    for (let n = 0; n < messages; n++) announceMessage(lane.state, author, number);
    assert.equal(lane.lane.count('platformPushes0'), 0, 'nobody is called before the next turn');
    const turns: number[] = [];
    for (let done = lane.work(0); done > 0; done = lane.work(0)) turns.push(done);
    assert.deepEqual(turns, [1024, 1024, messages * (plan.sizeOf(group) - 1) - 2048]);
    const called = membersOf(group).filter((phone) => phone !== author && lane.isSleepy(phone)).length;
    assert.equal(lane.lane.count('platformPushes0'), called);
    assert.equal(lane.lane.count('pushesMerged'), called * (messages - 1));
  });

  it('calls nobody, and is counted, where the members of too many others are still to be called', () => {
    const lane = new PushLane(undefined, 0, 1, PHONES, groups);
    const { author, number } = messageToMany(lane, false);
    for (let n = 0; n < 2 ** 12 + 7; n++) announceMessage(lane.state, author, number);
    assert.equal(lane.lane.count('groupPushesLost'), 7);
  });
});
