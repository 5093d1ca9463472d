/**
 * Phones that are away for longer than they are connected, as in the scenario offline-mailboxes, in a whole world: when
 * the first absence is over, the load is steady, and most messages wait for half of an absence.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { halvesGuard } from '../verdict/guards/load-guards.ts';
import type { Interval } from '../verdict/record/interval.ts';
import { madeInterval } from '../verdict/record/made-interval.test-suite.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { smallWorld } from './small-world.test-suite.ts';
import { NO_LATENCIES } from './world/no-latencies.ts';
import { World } from './world/world.ts';

const ONLINE = 10_000;
const SECOND = 1e6;
const SESSION_SECONDS = 1.28;
const AWAY_SECONDS = 2;
const PER_SECOND = 20_000;
const INTERVALS = 10;
const INTERVAL_SECONDS = 0.3;

it('phones that are away for long load a switch evenly once their first absence is over', () => {
  const waited: number[] = [];
  const world = new World(
    smallWorld({
      phones: ONLINE,
      online: ONLINE,
      turnMicros: 1000,
      latencies: { ...NO_LATENCIES, storedDelivery: { record: (micros) => void waited.push(micros) } },
      lane: {
        sessionMicros: SESSION_SECONDS * SECOND,
        awayMicros: AWAY_SECONDS * SECOND,
        messages: Arrivals.constant(PER_SECOND),
        activePhones: ONLINE,
      },
      shard: { sessions: ONLINE },
    }),
  );
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5 * SECOND));
  world.startTraffic();
  world.runFor(AWAY_SECONDS * SECOND);
  waited.length = 0;
  const returnsPerSecond = ONLINE / (SESSION_SECONDS + AWAY_SECONDS);
  const expected = returnsPerSecond * INTERVAL_SECONDS;
  const intervals: Interval[] = [];
  for (let n = 1; n <= INTERVALS; n++) {
    const [sent, returns] = [world.driver('messagesSent'), world.driver('returns')];
    world.runFor(INTERVAL_SECONDS * SECOND);
    const messagesPerSecond = (world.driver('messagesSent') - sent) / INTERVAL_SECONDS;
    intervals.push(madeInterval({ atSeconds: n * INTERVAL_SECONDS, seconds: INTERVAL_SECONDS, messagesPerSecond }));
    const returned = world.driver('returns') - returns;
    assert.ok(Math.abs(returned - expected) < 5 * Math.sqrt(expected), `${returned} returned, ${expected} expected`);
  }
  const halves = halvesGuard(intervals, (from, to) => ((to - from) / SECOND) * PER_SECOND);
  assert.equal(halves.verdict, 'ok', halves.sentence);
  waited.sort((a, b) => a - b);
  const median = (waited[waited.length >> 1] ?? 0) / SECOND;
  assert.ok(Math.abs(median - AWAY_SECONDS / 2) < 0.05, `half of ${waited.length} waited for ${median} s`);
  world.stopTraffic();
  assert.ok(
    world.runUntil(() => worldIntegrity(world).isSound === true, 20 * SECOND),
    JSON.stringify(worldIntegrity(world)),
  );
});
