/** A world of three platforms and mutual contacts: heartbeats and sessions of each, and messages that are all found. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DriverCounterName } from '../driver/terms/driver-counters.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { PHONES, smallWorld } from './small-world.test-suite.ts';
import type { World } from './world/world.ts';

const NONE = { distribution: 'none' } as const;
const PLATFORMS = [
  { name: 'stays', share: 0.5, heartbeatMicros: 200_000, session: NONE, awayMicros: 50_000 },
  {
    name: 'leaves',
    share: 0.3,
    heartbeatMicros: Number.POSITIVE_INFINITY,
    session: { distribution: 'exponential', meanMicros: 300_000 },
    awayMicros: 50_000,
  },
  {
    name: 'varies',
    share: 0.2,
    heartbeatMicros: Number.POSITIVE_INFINITY,
    session: { distribution: 'lognormal', medianMicros: 300_000, sigma: 1 },
    awayMicros: 100_000,
  },
] as const;

/** How many deliveries each platform had, to phones that were online and to others, as its latencies have recorded. */
type Recorded = readonly { direct: number; waited: number }[];

function lived(): { world: World; digest: string | undefined; recorded: Recorded } {
  const recorded = PLATFORMS.map(() => ({ direct: 0, waited: 0 }));
  const byPlatform = recorded.map((one) => ({
    delivery: { record: () => void one.direct++ },
    storedDelivery: { record: () => void one.waited++ },
  }));
  const contacts = { distribution: 'lognormal', median: 20, sigma: 1, max: 200, choice: 'zipf' } as const;
  const digested = new DigestedWorld(
    smallWorld({
      online: PHONES,
      lane: { contacts, platforms: PLATFORMS, heartbeatMicros: 200_000 },
      shard: { heartbeatTimeoutMicros: Number.POSITIVE_INFINITY },
    }),
    byPlatform,
  );
  const { world } = digested;
  world.openLogins();
  digested.runFor(100_000);
  world.startTraffic();
  digested.runFor(900_000);
  world.stopTraffic();
  digested.runFor(600_000);
  return { world, digest: digested.digests.at(-1), recorded };
}

it('phones of each platform leave and return as theirs do, and no message is lost, doubled or reordered', () => {
  const { world, digest, recorded } = lived();
  const integrity = worldIntegrity(world);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  const of = (kind: 'Held' | 'Sessions' | 'Sent' | 'Delivered'): number[] =>
    PLATFORMS.map((_, n) => world.driver(`platform${kind}${n}` as DriverCounterName)); // a counter of three platforms
  const [stay, leave, vary] = of('Held') as [number, number, number]; // one per platform
  assert.equal(stay + leave + vary, PHONES, 'all are back after the end');
  assert.ok(Math.abs(stay / PHONES - 0.5) < 0.05);
  const [stayed, left, varied] = of('Sessions') as [number, number, number];
  assert.equal(stayed, stay, 'one session each');
  // 0.9 s of sessions of 0.3 s and absences of 0.05 s are 2.6 more per phone.
  assert.ok(left / leave > 2.6 && left / leave < 4.6, `${left / leave} sessions`);
  assert.ok(varied / vary > 1.5 && varied / vary < 3.6, `${varied / vary} sessions`);
  assert.equal(stayed + left + varied, world.driver('loginsAccepted'));
  const pings = world.driver('heartbeats') / stay;
  assert.ok(pings > 6 && pings < 9.5, `${pings} heartbeats in 1.6 s, one each 0.2 s, and none of the other platforms`);
  assert.equal(
    of('Sent').reduce((sum, one) => sum + one),
    integrity.sent,
  );
  assert.equal(
    of('Delivered').reduce((sum, one) => sum + one),
    integrity.delivered,
  );
  assert.deepEqual(
    recorded.map(({ direct, waited }) => direct + waited),
    of('Delivered'),
    'each delivery has a latency of its platform',
  );
  assert.deepEqual(
    recorded.map(({ waited }) => waited > 0),
    [false, true, true],
    'phones that never leave have no mail that waits',
  );
  assert.equal(lived().digest, digest, 'the same seed makes the same world');
});
