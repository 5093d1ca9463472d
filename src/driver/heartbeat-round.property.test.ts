/** Who pings when, against a list of all moments at which a phone is passed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BareLane } from './bare-lane.test-suite.ts';
import { ALL_PLATFORMS, HeartbeatRound } from './heartbeat-round.ts';
import { LaneUnderTest } from './made-switch.test-suite.ts';
import { PhoneState } from './tables/phone-table.ts';

const PERIOD_MICROS = 1e6;
const PHONES = 700;

/** A lane in which the phones of these rows are online. */
function laneWith(
  isOnline: (row: number) => boolean,
  heartbeatMicros = PERIOD_MICROS,
): { lane: BareLane; round: HeartbeatRound; rows: number } {
  const lane = new BareLane(PHONES, { heartbeatMicros });
  const { rows } = lane.state.phones;
  for (let row = 0; row < rows; row++) if (isOnline(row)) lane.state.phones.setState(row, PhoneState.ONLINE);
  return { lane, round: new HeartbeatRound(lane.state, heartbeatMicros, ALL_PLATFORMS), rows };
}

describe('heartbeats', () => {
  it('are of the phones that are online, in turn, as many as are due, wherever room, limit and time break them off', () => {
    const turn = fc.record({
      micros: fc.oneof(fc.nat(5000), fc.nat(700_000)),
      limit: fc.integer({ min: 1, max: 200 }),
      room: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(20)),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 30, size: 'max' }), fc.integer({ min: 1, max: 9 }), (turns, share) => {
        const { lane, round, rows } = laneWith((row) => row % share === 0);
        let passed = 0;
        const expected: number[] = [];
        lane.at(5_000_000); // the round begins at its first turn
        round.doWork(1);
        let elapsed = 0;
        for (const { micros, limit, room } of turns) {
          elapsed += micros;
          lane.at(5_000_000 + elapsed);
          lane.protocol.room = room;
          const before = lane.protocol.pings.length;
          const pinged = round.doWork(limit);
          assert.equal(pinged, lane.protocol.pings.length - before);
          assert.ok(pinged <= limit);
          const due = Math.floor((elapsed / PERIOD_MICROS) * rows);
          for (let looks = 0, left = pinged; passed < due && looks < 8 * limit; looks++) {
            const isOnline = (passed % rows) % share === 0;
            if (isOnline && left === 0) break;
            if (isOnline) {
              expected.push(passed % rows);
              left--;
            }
            passed++;
          }
          assert.deepEqual(lane.protocol.pings, expected);
          if (pinged < limit && pinged < room && due - passed > 0)
            assert.ok(8 * limit <= due, 'it stopped for a reason');
        }
        assert.equal(lane.count('heartbeats'), expected.length);
      }),
      { numRuns: 60 },
    );
  });

  it('come once in each period from each phone, also after a time without room', () => {
    const { lane, round, rows } = laneWith(() => true);
    const pingsOf = (): number[] => {
      const counts = new Array<number>(rows).fill(0);
      for (const row of lane.protocol.pings) counts[row] = (counts[row] ?? 0) + 1;
      return counts;
    };
    lane.at(0);
    round.doWork(256);
    lane.protocol.room = 0;
    for (let micros = 1000; micros <= 2.5e6; micros += 1000) {
      lane.at(micros);
      if (micros === 1.5e6) lane.protocol.room = Number.POSITIVE_INFINITY;
      round.doWork(256);
    }
    assert.deepEqual([Math.min(...pingsOf()), Math.max(...pingsOf())], [2, 3], 'two and a half periods have passed');
  });

  it('follow changes of speed: as many phones are passed as are due in time that passes so much faster', () => {
    const step = fc.record({ micros: fc.nat(400_000), factor: fc.double({ min: 0.2, max: 5, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        const lane = new BareLane(PHONES, { heartbeatMicros: 10 * PERIOD_MICROS });
        const { rows } = lane.state.phones;
        for (let row = 0; row < rows; row++) lane.state.phones.setState(row, PhoneState.ONLINE);
        const round = new HeartbeatRound(lane.state, PERIOD_MICROS, ALL_PLATFORMS);
        let [now, passed, factor] = [3e6, 0, 1];
        lane.at(now);
        round.doWork(1);
        for (const { micros, factor: next } of steps) {
          now += micros;
          passed += micros * factor;
          lane.at(now);
          while (round.doWork(256) > 0);
          const due = (passed / PERIOD_MICROS) * rows;
          const pinged = lane.protocol.pings.length;
          assert.ok(Math.abs(pinged - due) <= 1.01, `${pinged} phones of ${due} due`);
          assert.ok((round.dueMicros[0] ?? 0) > now, 'it is not due again at once');
          round.changeSpeed(next);
          factor = next;
        }
        lane.protocol.pings.forEach((row, n) => {
          assert.equal(row, n % rows, 'none is left out');
        });
      }),
      { numRuns: 60 },
    );
  });

  it('come no more rarely than the settings allow any phone, however slow they are', () => {
    const lane = new BareLane(PHONES, { heartbeatMicros: 3 * PERIOD_MICROS });
    const { rows } = lane.state.phones;
    for (let row = 0; row < rows; row++) lane.state.phones.setState(row, PhoneState.ONLINE);
    const round = new HeartbeatRound(lane.state, PERIOD_MICROS, ALL_PLATFORMS);
    round.changeSpeed(0.001); // before its first turn
    for (let micros = 0; micros <= 6 * PERIOD_MICROS; micros += 10_000) {
      lane.at(micros);
      while (round.doWork(256) > 0);
    }
    assert.equal(lane.protocol.pings.length, 2 * rows);
  });

  it('change with the rates of a search, those of each platform, from then on', () => {
    const platform = (name: string, heartbeatMicros: number) =>
      ({ name, share: 0.5, heartbeatMicros, session: { distribution: 'none' }, awayMicros: 1e6 }) as const;
    const under = new LaneUnderTest(400, { heartbeatMicros: 4e6, platforms: [platform('a', 1e6), platform('b', 2e6)] });
    under.logAllIn(400);
    const sent = (): number => {
      const before = under.count('heartbeats');
      under.runFor(4e6, 20_000);
      return under.count('heartbeats') - before;
    };
    const own = sent();
    assert.ok(Math.abs(own - 1200) < 60, `${own} in 4 s: four of one half of the phones, two of the other`);
    under.lane.changeHeartbeats(0.5);
    const slow = sent();
    assert.ok(Math.abs(slow - own / 2) < 10, `${slow}, half of ${own}`);
    under.lane.changeHeartbeats(0.25); // b may not be slower than every 4 s
    const slowest = sent();
    assert.ok(Math.abs(slowest - 400) < 10, `${slowest}: one of each`);
  });

  it('wake a sleeping lane for the phones of a millisecond at a time, and never without heartbeats', () => {
    const periodMicros = 100_000;
    const { lane, round } = laneWith(() => true, periodMicros);
    assert.equal(round.dueMicros[0], Number.POSITIVE_INFINITY, 'before the first turn');
    let wakes = 0;
    lane.at(0);
    round.doWork(256);
    for (; (round.dueMicros[0] ?? 0) < periodMicros; wakes++) {
      lane.at(Math.ceil(round.dueMicros[0] ?? 0));
      assert.ok(round.doWork(256) > 0, 'it was not woken for nothing');
    }
    assert.ok(wakes >= 80 && wakes <= 105, `${wakes} wakes in 100 ms`);

    const silent = new BareLane(PHONES);
    const none = new HeartbeatRound(silent.state, Number.POSITIVE_INFINITY, ALL_PLATFORMS);
    silent.at(1e9);
    assert.deepEqual([none.doWork(256), none.dueMicros[0]], [0, Number.POSITIVE_INFINITY]);
  });
});
