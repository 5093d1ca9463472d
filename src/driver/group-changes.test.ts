/** When phones join and leave groups: as often as the settings say, in time, and skipped where they cannot. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GroupPlan } from '../wire/group-plan.ts';
import { BareLane, type SaidChange } from './bare-lane.test-suite.ts';
import { GroupChanges } from './group-changes.ts';
import { PhoneMessages } from './phone-messages.ts';
import { PhonePresence } from './phone-presence.ts';
import { PhoneState } from './tables/phone-table.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 1500;
const SECOND = 1e6;
const plan = new GroupPlan({
  seed: 3,
  firstAccount: PHONES,
  groups: 200,
  lists: 0,
  phones: PHONES,
  sizes: { median: 15, sigma: 0.3, max: 40 },
});

interface Said extends SaidChange {
  readonly atMicros: number;
}

/** A lane whose phones are online, and what they say about groups. */
class ChangingLane {
  readonly lane: BareLane;
  readonly changes: GroupChanges;
  readonly said: Said[] = [];

  constructor(joins: Arrivals, leaves: Arrivals) {
    const groups = { plan, shares: { groups: 0, lists: 0 }, joins, leaves };
    this.lane = new BareLane(PHONES, { groups, inFlightPlaces: 2 ** 15 });
    const { state, protocol } = this.lane;
    for (let row = 0; row < state.phones.rows; row++)
      if (state.phoneAt(row) < PHONES) state.phones.setState(row, PhoneState.ONLINE);
    protocol.onChange = (change) => this.said.push({ ...change, atMicros: this.lane.nowMicros }) > 0;
    const messages = new PhoneMessages(state, new PhonePresence(state));
    this.changes = new GroupChanges(state.settings, groups, state.parts.counters, messages);
  }

  /** Works in steps until a time. @returns how many changes were due. */
  runTo(micros: number, stepMicros = 1000, eventsMax = 256): number {
    let done = 0;
    for (let now = this.lane.nowMicros; now < micros; ) {
      now = Math.min(micros, now + stepMicros);
      this.lane.at(now);
      done += this.changes.doWork(now, eventsMax);
    }
    return done;
  }

  get skipped(): number {
    return this.lane.count('groupChangesSkipped');
  }

  count(joins: boolean): number {
    return this.said.filter((one) => one.joins === joins).length;
  }
}

const rate = Arrivals.constant;

describe('phones that change groups', () => {
  it('do it as often as the settings say, joining and leaving each at its own rate', () => {
    const lane = new ChangingLane(rate(300), rate(100));
    const due = lane.runTo(2 * SECOND);
    const [joins, leaves] = [lane.count(true), lane.count(false)];
    assert.equal(due, joins + leaves + lane.skipped, 'each was made or skipped');
    assert.ok(Math.abs(due - 800) < 5 * Math.sqrt(800), `${due} in two seconds`);
    assert.ok(joins > 400 && joins < 720, `${joins} joined`);
    assert.ok(leaves > 100 && leaves < 280, `${leaves} left`);
    const ratio = (lane.count(true) + lane.skipped) / Math.max(1, leaves);
    assert.ok(ratio > 2 && ratio < 4.5, `joins and leaves are not exchanged: ${ratio}`);
  });

  it('do nothing of a kind that has no rate, and are then never due', () => {
    const onlyJoins = new ChangingLane(rate(200), rate(0));
    onlyJoins.runTo(SECOND);
    assert.ok(onlyJoins.count(true) > 100);
    assert.equal(onlyJoins.count(false), 0);
    const never = new ChangingLane(rate(0), rate(0));
    assert.equal(never.runTo(SECOND), 0);
    assert.equal(never.changes.first[0], Number.POSITIVE_INFINITY);
  });

  it('say when the next change of either kind is due, and make none before', () => {
    for (const [joins, leaves] of [
      [rate(50), rate(0)],
      [rate(0), rate(50)],
      [rate(20), rate(30)],
    ] as const) {
      const { lane, changes, said } = new ChangingLane(joins, leaves);
      changes.doWork(0, 256);
      const dues: number[] = [];
      for (let n = 0; n < 30; n++) {
        const [due = 0] = changes.first;
        assert.ok(due > (dues.at(-1) ?? 0) && Number.isFinite(due));
        dues.push(due);
        lane.at(due - 1e-3);
        assert.equal(changes.doWork(due - 1e-3, 256), 0, 'nothing is due yet');
        assert.equal(changes.first[0], due);
        lane.at(due);
        assert.equal(changes.doWork(due, 256), 1);
      }
      assert.deepEqual(
        said.map(({ atMicros }) => atMicros),
        dues.filter((due) => said.some(({ atMicros }) => atMicros === due)),
      );
      const [first = 0, last = 0] = [dues[0], dues.at(-1)];
      assert.ok(last - first > 0.2 * SECOND, '30 changes at 50 per second take 0.6 s');
    }
  });

  it('are the same with the same seed, whenever the lane works', () => {
    const often = new ChangingLane(rate(100), rate(100));
    const rarely = new ChangingLane(rate(100), rate(100));
    often.runTo(SECOND, 1000);
    rarely.runTo(SECOND, 250_000);
    assert.ok(often.said.length > 100);
    const key = ({ row, joins }: Said): string => `${row} ${joins}`;
    // Whether a phone has a group left to join may depend on the order: most are the same.
    const [some, others] = [often, rarely].map(({ said }) => new Set(said.map(key)));
    const both = [...(some ?? [])].filter((one) => others?.has(one) === true).length;
    assert.ok(both > 0.9 * (some?.size ?? 0), `${both} of ${some?.size}`);
    assert.equal(often.said.length + often.skipped, rarely.said.length + rarely.skipped);
    const [joiners, leavers] = [true, false].map((joins) => often.said.filter((one) => one.joins === joins));
    const rows = new Set(joiners?.map(({ row }) => row));
    const alike = leavers?.filter(({ row }) => rows.has(row)).length ?? 0;
    assert.ok(alike < 0.5 * (leavers?.length ?? 0), 'who joins and who leaves are drawn apart');
  });

  it('make at most so many of each kind per turn, and the others in the next', () => {
    const lane = new ChangingLane(rate(1000), rate(1000));
    lane.lane.at(SECOND);
    const first = lane.changes.doWork(SECOND, 10);
    assert.equal(first, 20);
    assert.ok((lane.changes.first[0] as number) <= SECOND, 'more is due');
    let all = first;
    for (let turn = lane.changes.doWork(SECOND, 10); turn > 0; turn = lane.changes.doWork(SECOND, 10)) {
      assert.ok(turn <= 20);
      all += turn;
    }
    assert.ok(Math.abs(all - 2000) < 5 * Math.sqrt(2000), `${all} in one second`);
    assert.ok((lane.changes.first[0] as number) > SECOND);
  });

  it('skip what they cannot do, and never make it up', () => {
    const lane = new ChangingLane(rate(100), rate(100));
    lane.lane.protocol.room = 0;
    const due = lane.runTo(SECOND);
    assert.deepEqual([lane.said.length, lane.skipped], [0, due]);
    lane.lane.protocol.room = Number.POSITIVE_INFINITY;
    const later = lane.runTo(1.5 * SECOND);
    assert.equal(lane.said.length, later - (lane.skipped - due));
    assert.ok(later < due);
    const { phones } = lane.lane.state;
    for (let row = 0; row < phones.rows; row++) phones.setState(row, PhoneState.AWAY);
    const before = lane.said.length;
    assert.ok(lane.runTo(2.5 * SECOND) > 100);
    assert.equal(lane.said.length, before, 'nobody is online');
  });

  it('ask for no change whose number could not be awaited', () => {
    const lane = new ChangingLane(rate(4000), rate(0));
    lane.runTo(SECOND);
    const { state } = lane.lane;
    assert.equal(state.inFlight.unanswered, lane.said.length, 'each waits for its answer');
    const numbers = new Map<number, number>();
    for (const { row } of lane.said) numbers.set(row, (numbers.get(row) ?? 0) + 1);
    for (const [row, count] of numbers) assert.equal(state.phones.lastNumber(row), count);
    assert.ok(Math.max(...numbers.values()) <= 2, 'a phone joins two groups at most');
    const pairs = lane.said.map(({ row, group }) => `${row} ${group}`);
    assert.equal(new Set(pairs).size, pairs.length, 'none of them twice');
    for (const { row, group } of lane.said)
      assert.equal(plan.isMember(plan.groupAt(group), state.phoneAt(row)), false, 'nobody joins where it is a member');
  });
});
