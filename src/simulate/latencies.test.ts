import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Departure, LaneLatencies } from '../driver/state/lane-settings.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { type Changes, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

type Name = Exclude<keyof LaneLatencies, 'byPlatform'>;
type Recorded = Readonly<Record<Name, number[]>>;

/** A world that keeps each latency as it is recorded. */
function recordingWorld(changes: Changes): { world: World; recorded: Recorded } {
  const recorded: Recorded = {
    login: [],
    acknowledgement: [],
    delivery: [],
    storedDelivery: [],
    groupDelivery: [],
    receipt: [],
    presence: [],
    sendDelay: [],
  };
  const recorder = (name: Name) => ({ record: (micros: number) => void recorded[name].push(micros) });
  const latencies: LaneLatencies = {
    login: recorder('login'),
    acknowledgement: recorder('acknowledgement'),
    delivery: recorder('delivery'),
    storedDelivery: recorder('storedDelivery'),
    groupDelivery: recorder('groupDelivery'),
    receipt: recorder('receipt'),
    presence: recorder('presence'),
    sendDelay: recorder('sendDelay'),
  };
  return { world: new World(smallWorld({ latencies, ...changes })), recorded };
}

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

describe('latencies of a whole switch and driver', () => {
  for (const departure of ['logout', 'drop', 'vanish'] satisfies Departure[]) {
    it(`keeps deliveries to phones that were away (${departure}) apart from the rest`, () => {
      const awayMicros = 50_000;
      const { world, recorded } = recordingWorld({
        online: 2000,
        lane: { departure, awayMicros, sessionMicros: 500_000, inFlightPlaces: 2 ** 15 },
        shard: { sessions: 8000 },
      });
      world.openLogins();
      assert.ok(world.runUntil(() => world.driver('held') === 2000, 5e6));
      world.startTraffic();
      world.runFor(2e6);
      assert.equal(recorded.delivery.length + recorded.storedDelivery.length, world.driver('messagesDelivered'));
      // Phones are offline for about a tenth of the time; a stored message waits for half of an absence on average.
      assert.ok(recorded.storedDelivery.length > 1000, `${recorded.storedDelivery.length} waited`);
      const sorted = [...recorded.storedDelivery].sort((a, b) => a - b);
      const median = sorted[sorted.length >> 1] ?? 0;
      assert.ok(median > awayMicros / 5 && median < awayMicros, `half of what waited took ${median}`);
      if (departure !== 'vanish') assert.ok(most(recorded.delivery) < 5000, `delivery took ${most(recorded.delivery)}`);
      assert.equal(world.driver('storedMailForgotten'), 0);
    });
  }

  it('does not go round after 36 minutes, nor after 72', () => {
    const minute = 60e6;
    const { world, recorded } = recordingWorld({
      online: 100,
      phones: 100,
      turnMicros: 50_000,
      lane: {
        logins: Arrivals.constant(100),
        messages: Arrivals.constant(2),
        sessionMicros: 20 * minute,
        awayMicros: 40 * minute,
        heartbeatMicros: minute,
        loginTimeoutMicros: 30e6,
        activePhones: 100,
      },
      shard: {
        loginTimeoutMicros: minute,
        heartbeatTimeoutMicros: 5 * minute,
        redeliveryMicros: 30e6,
        tickMicros: 3e6,
      },
    });
    world.clock.advance(2 ** 32 - 2 * minute);
    world.openLogins();
    assert.ok(world.runUntil(() => world.driver('held') >= 80, 10e6));
    world.startTraffic();
    world.runFor(50 * minute);
    const all = [...recorded.delivery, ...recorded.storedDelivery, ...recorded.receipt, ...recorded.sendDelay];
    assert.ok(least(all) >= 0, `${least(all)}`);
    const [stored, receipt] = [most(recorded.storedDelivery), most(recorded.receipt)];
    assert.ok(stored > 36 * minute && stored < 41 * minute, `${stored}`);
    assert.ok(receipt > 36 * minute && receipt < 82 * minute, `its sender may be away as well: ${receipt}`);
    assert.ok(most(recorded.delivery) < minute, `${most(recorded.delivery)}`);
  });
});
